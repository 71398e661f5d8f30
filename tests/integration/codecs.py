"""Codecs that are made when they are first needed, made before."""

from custom_components.plantroom.engine.storage import (
    alarm_journal,
    alarm_silences,
    leases,
)
from custom_components.plantroom.engine.storage.forms import Form
from custom_components.plantroom.engine.wire import event_codec
from custom_components.plantroom.engine.wire.command_codec import COMMAND_CODECS


def make_codecs() -> None:
    """Make those of commands, of events and of what the database keeps."""
    for codec in COMMAND_CODECS.values():
        assert codec.encode_request
        assert codec.decode_request
        assert codec.encode_result
        assert codec.decode_result
    for event_type in event_codec.EVENT_TYPES:
        assert event_codec._encoder(event_type)
        assert event_codec._decoder(event_type)
    for form in _forms():
        assert form._encode
        assert form._decode


def _forms() -> list[Form]:
    modules = (alarm_journal, alarm_silences, leases)
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Form)
    ]

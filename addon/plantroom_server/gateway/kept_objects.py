"""How an object is written into the recovery cache, and read from it."""

from datetime import datetime
from typing import Final

import msgspec

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalDeviceFacts,
    LocalState,
    LocalType,
    ObjectKey,
)

from ..gateway_errors import RecoveryCacheError

DEVICE_KEY: Final = "device"


class KeptDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an object is; sensor: whose first measurement made it."""

    definition: LocalDefinition
    position: int
    sensor: str = ""


class CommandMark(msgspec.Struct, frozen=True):
    """Which command of which ledger; later ones of a ledger have higher numbers."""

    ledger: str
    number: int


class KeptValue(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an object shows; told_at: when sources said so, by slot, "" for none.

    command: the last one that is in it.
    """

    state: LocalState
    position: int
    told_at: dict[str, datetime] = {}
    command: CommandMark | None = None


def key_text(key: ObjectKey) -> str:
    """Return an object's key in the cache: "analog-input,3"."""
    return f"{key.type},{key.instance}"


def key_of(text: str) -> ObjectKey:
    """Return the object of a key; raises RecoveryCacheError."""
    kind, _, instance = text.partition(",")
    try:
        return ObjectKey(LocalType(kind), int(instance))
    except ValueError as err:
        raise RecoveryCacheError(f"The recovery cache holds a {text!r}") from err


def written(kept: KeptDefinition | KeptValue | LocalDeviceFacts) -> str:
    """Return the text that the cache keeps."""
    return _ENCODER.encode(kept).decode()


def read_definition(text: str) -> KeptDefinition:
    """Return a definition; raises RecoveryCacheError."""
    return _read(_DEFINITION, text)


def read_value(text: str) -> KeptValue:
    """Return a value; raises RecoveryCacheError."""
    return _read(_VALUE, text)


def read_device(text: str) -> LocalDeviceFacts:
    """Return the device's facts; raises RecoveryCacheError."""
    return _read(_DEVICE, text)


def _read[T](decoder: msgspec.json.Decoder[T], text: str) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as err:
        raise RecoveryCacheError(f"The recovery cache is damaged: {err}") from err


_ENCODER: Final = msgspec.json.Encoder()
_DEFINITION: Final = msgspec.json.Decoder(KeptDefinition)
_VALUE: Final = msgspec.json.Decoder(KeptValue)
_DEVICE: Final = msgspec.json.Decoder(LocalDeviceFacts)

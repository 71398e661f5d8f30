"""Events as JSON: {"event": number, "kind": "readings_changed", "data": {…}}."""

import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder

from ..events import EngineEvent, NumberedEvent, UnknownEvent
from .json_values import WireDialect

_LOGGER = logging.getLogger(__name__)


def kind_of(event_type: type) -> str:
    """Return what an event type is called on the wire."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event_type.__name__).lower()


EVENT_TYPES: Final[tuple[type, ...]] = tuple(
    event_type
    for event_type in EngineEvent.__value__.__args__
    if event_type is not UnknownEvent
)
_kinds: Final[dict[type, str]] = {each: kind_of(each) for each in EVENT_TYPES}
_types: Final[dict[str, type]] = {kind: each for each, kind in _kinds.items()}
_told: set[str] = set()


def event_to_json(numbered: NumberedEvent) -> dict[str, Any]:
    """Return an event's form; KeyError for one that has none, an UnknownEvent."""
    event_type: type = type(numbered.event)
    kind, encode = _kinds[event_type], _encoder(event_type)
    return {"event": numbered.number, "kind": kind, "data": encode(numbered.event)}


def event_from_json(data: Any) -> NumberedEvent:
    """Return the event in its form, or raise ValueError.

    What a newer engine tells that we do not understand is an UnknownEvent.
    """
    match data:
        case {"event": int(number), "kind": str(kind), "data": dict(facts)}:
            return NumberedEvent(number=number, event=_understood(kind, facts))
    raise ValueError("not an event")


def _understood(kind: str, facts: dict[str, Any]) -> EngineEvent:
    event_type = _types.get(kind)
    try:
        if event_type is not None:
            event: EngineEvent = _decoder(event_type)(facts)
            return event
        reason = "not known here"
    except (LookupError, TypeError, ValueError) as err:
        reason = str(err)
    if kind not in _told:
        _told.add(kind)
        _LOGGER.warning("Event %s is left out: %s", kind, reason)
    return UnknownEvent(kind=kind)


# Made when they are first needed: a start has other things to do
@cache
def _encoder(event_type: type) -> Callable[[Any], Any]:
    return BasicEncoder(event_type, default_dialect=WireDialect).encode


@cache
def _decoder(event_type: type) -> Callable[[Any], Any]:
    return BasicDecoder(event_type, default_dialect=WireDialect).decode

"""GetEventInformation and AcknowledgeAlarm in octets (clauses 13.12 and 13.5)."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from .encoding import Element, Enumerated, ObjectId, Tagged, encode_context, walk
from .parameters import Parameters
from .tags import MalformedFrameError, encode_brackets
from .time_stamps import TimeStamp, decode_time_stamp, encode_time_stamp

ACKNOWLEDGE_ALARM: Final = 0
GET_EVENT_INFORMATION: Final = 29

_TRANSITIONS: Final = 3


class EventSummary(NamedTuple):
    """What a device says of one of its objects that is not simply normal.

    acknowledged, time_stamps, priorities: of the changes to off-normal, to fault and
    to normal; None where the device gives none that can be read.
    """

    event_object: ObjectId
    event_state: int
    acknowledged: tuple[bool, bool, bool]
    time_stamps: tuple[TimeStamp | None, TimeStamp | None, TimeStamp | None]
    notify_type: int
    priorities: tuple[int | None, int | None, int | None]


class EventPage(NamedTuple):
    """A part of what a device has to say; more: ask again after the last object."""

    summaries: tuple[EventSummary, ...]
    more: bool


def encode_get_event_information(after: ObjectId | None) -> bytes:
    """Return the service data of a request for what follows an object, or for all."""
    return b"" if after is None else encode_context(0, after)


def decode_event_page(body: bytes) -> EventPage:
    """Return what an acknowledgement holds, or raise MalformedFrameError."""
    parameters = Parameters(walk(body))
    return EventPage(
        summaries=tuple(
            _summary(Parameters(each)) for each in _each(parameters.elements(0))
        ),
        more=parameters.boolean(1),
    )


def encode_acknowledge_alarm(
    process_id: int,
    event_object: ObjectId,
    event_state: int,
    time_stamp: TimeStamp,
    source: str,
    now: TimeStamp,
) -> bytes:
    """Return the service data of an acknowledgement of one change, by source."""
    return (
        encode_context(0, process_id)
        + encode_context(1, event_object)
        + encode_context(2, Enumerated(event_state))
        + _bracketed(3, encode_time_stamp(time_stamp))
        + encode_context(4, source)
        + _bracketed(5, encode_time_stamp(now))
    )


def _bracketed(tag: int, octets: bytes) -> bytes:
    opening, closing = encode_brackets(tag)
    return opening + octets + closing


def _each(elements: Iterable[Element]) -> Iterator[list[Element]]:
    """Yield the elements of each summary; the first parameter of one begins it."""
    summary: list[Element] = []
    for element in elements:
        if not isinstance(element, Tagged):
            raise MalformedFrameError("an event summary with something else in it")
        if element.tag == 0 and summary:
            yield summary
            summary = []
        summary.append(element)
    if summary:
        yield summary


def _summary(parameters: Parameters) -> EventSummary:
    return EventSummary(
        event_object=parameters.object_id(0),
        event_state=parameters.unsigned(1),
        acknowledged=_acknowledged(parameters),
        time_stamps=_time_stamps(parameters),
        notify_type=parameters.unsigned(4) if 4 in parameters else 0,
        priorities=_priorities(parameters),
    )


def _acknowledged(parameters: Parameters) -> tuple[bool, bool, bool]:
    """Return what was acknowledged; of what is not said, nothing is pending."""
    bits = parameters.bits(2) if 2 in parameters else ()
    first, second, third = (*bits, *(True,) * _TRANSITIONS)[:_TRANSITIONS]
    return first, second, third


def _time_stamps(
    parameters: Parameters,
) -> tuple[TimeStamp | None, TimeStamp | None, TimeStamp | None]:
    elements = parameters.elements(3) if 3 in parameters else ()
    if len(elements) != _TRANSITIONS:
        return None, None, None
    first, second, third = map(_time_stamp_or_none, elements)
    return first, second, third


def _time_stamp_or_none(element: Element) -> TimeStamp | None:
    try:
        return decode_time_stamp(element)
    except MalformedFrameError:
        return None


def _priorities(
    parameters: Parameters,
) -> tuple[int | None, int | None, int | None]:
    elements = parameters.elements(6) if 6 in parameters else ()
    numbers = [int(each) if isinstance(each, int) else None for each in elements]
    first, second, third = (*numbers, *(None,) * _TRANSITIONS)[:_TRANSITIONS]
    return first, second, third

"""GetAlarmSummary and GetEnrollmentSummary in octets (clauses 13.6 and 13.7)."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from .encoding import BitString, Element, Enumerated, ObjectId, encode_context, walk
from .tags import MalformedFrameError

GET_ALARM_SUMMARY: Final = 3
GET_ENROLLMENT_SUMMARY: Final = 4

_NOT_ACKNOWLEDGED: Final = 2
_TRANSITIONS: Final = 3


class AlarmSummary(NamedTuple):
    """An object that is in alarm; acknowledged: to off-normal, to fault, to normal."""

    event_object: ObjectId
    event_state: int
    acknowledged: tuple[bool, bool, bool]


class EnrollmentSummary(NamedTuple):
    """An object whose events wait for acknowledgement."""

    event_object: ObjectId
    event_state: int
    priority: int


def encode_get_enrollment_summary() -> bytes:
    """Return the service data of a request for what is not acknowledged."""
    return encode_context(0, Enumerated(_NOT_ACKNOWLEDGED))


def decode_alarm_summaries(body: bytes) -> tuple[AlarmSummary, ...]:
    """Return what an acknowledgement holds, or raise MalformedFrameError."""
    return tuple(_alarm_summary(each) for each in _each(walk(body)))


def decode_enrollment_summaries(body: bytes) -> tuple[EnrollmentSummary, ...]:
    """Return what an acknowledgement holds, or raise MalformedFrameError."""
    return tuple(_enrollment_summary(each) for each in _each(walk(body)))


def acknowledged_of(bits: tuple[bool, ...]) -> tuple[bool, bool, bool]:
    """Return the three changes; of what is not said, nothing is pending."""
    first, second, third = (*bits, *(True,) * _TRANSITIONS)[:_TRANSITIONS]
    return first, second, third


def _each(elements: tuple[Element, ...]) -> Iterator[list[Element]]:
    """Yield the elements of each summary; an object identifier begins it."""
    summary: list[Element] = []
    for element in elements:
        if isinstance(element, ObjectId) and summary:
            yield summary
            summary = []
        summary.append(element)
    if summary:
        yield summary


def _alarm_summary(elements: list[Element]) -> AlarmSummary:
    match elements:
        case [ObjectId() as event_object, Enumerated() as state, BitString(bits=bits)]:
            return AlarmSummary(event_object, int(state), acknowledged_of(bits))
    raise MalformedFrameError("an alarm summary with something else in it")


def _enrollment_summary(elements: list[Element]) -> EnrollmentSummary:
    match elements:
        case [
            ObjectId() as event_object,
            Enumerated(),
            Enumerated() as state,
            int() as priority,
            *_,
        ]:
            return EnrollmentSummary(event_object, int(state), int(priority))
    raise MalformedFrameError("an enrollment summary with something else in it")

"""The alarms of a device from before GetEventInformation, from three older services."""

from collections.abc import Collection, Iterable
from typing import Final

from ..errors import DeviceRefusedError, MalformedReplyError
from .event_pages import MOST_SUMMARIES, EventSummaries
from .octets.alarm_summaries import (
    GET_ALARM_SUMMARY,
    GET_ENROLLMENT_SUMMARY,
    acknowledged_of,
    decode_alarm_summaries,
    decode_enrollment_summaries,
    encode_get_enrollment_summary,
)
from .octets.encoding import BitString, Constructed, Enumerated, ObjectId, walk
from .octets.event_information import EventSummary
from .octets.rpm import PropertyRef, PropertyResult
from .octets.tags import MalformedFrameError
from .octets.time_stamps import TimeStamp, decode_time_stamp
from .session import DeviceSession

ALARM_SUMMARY: Final = "get-alarm-summary"
ENROLLMENT_SUMMARY: Final = "get-enrollment-summary"
ACKED_TRANSITIONS: Final = 0
EVENT_STATE: Final = 36
NOTIFY_TYPE: Final = 72
EVENT_TIME_STAMPS: Final = 130

_ASKED: Final = (EVENT_STATE, ACKED_TRANSITIONS, EVENT_TIME_STAMPS, NOTIFY_TYPE)
_ALL: Final = (True, True, True)

type _Priorities = dict[ObjectId, int]


async def read_older_summaries(
    session: DeviceSession,
    name: str,
    services: Collection[str],
    known: Iterable[ObjectId],
) -> EventSummaries:
    """Return what a device has to say, as GetEventInformation would; raises DeviceError.

    GetAlarmSummary (clause 13.6) tells no more of an alarm that is over, though it
    waits for acknowledgement: GetEnrollmentSummary (13.7) does, and what is known to
    be open is looked at itself.
    """
    states = await _alarms(session, name)
    priorities: _Priorities = {}
    if not services or ENROLLMENT_SUMMARY in services:
        await _take_waiting(session, name, states, priorities)
    for event_object in known:
        states.setdefault(event_object, (0, _ALL))
    summaries = await _looked_at(session, states, priorities)
    return EventSummaries(summaries=summaries, complete=True)


type _States = dict[ObjectId, tuple[int, tuple[bool, bool, bool]]]


async def _alarms(session: DeviceSession, name: str) -> _States:
    octets = await session.request(GET_ALARM_SUMMARY, b"")
    try:
        found = decode_alarm_summaries(octets)
    except MalformedFrameError as err:
        raise _malformed(name, err) from err
    return {
        each.event_object: (each.event_state, each.acknowledged)
        for each in found[:MOST_SUMMARIES]
    }


async def _take_waiting(
    session: DeviceSession, name: str, states: _States, priorities: _Priorities
) -> None:
    """Add what waits for acknowledgement, as far as the device tells."""
    try:
        octets = await session.request(
            GET_ENROLLMENT_SUMMARY, encode_get_enrollment_summary()
        )
        found = decode_enrollment_summaries(octets)
    except DeviceRefusedError:
        return
    except MalformedFrameError as err:
        raise _malformed(name, err) from err
    for each in found[:MOST_SUMMARIES]:
        states.setdefault(each.event_object, (each.event_state, _ALL))
        priorities[each.event_object] = each.priority


async def _looked_at(
    session: DeviceSession, states: _States, priorities: _Priorities
) -> dict[ObjectId, EventSummary]:
    """Return what the objects themselves say; those that are well, left out."""
    refs = [PropertyRef(*each, asked) for each in states for asked in _ASKED]
    results = await session.reader.read(refs) if refs else []
    found: dict[ObjectId, EventSummary] = {}
    for number, (event_object, (state, acknowledged)) in enumerate(states.items()):
        first = number * len(_ASKED)
        summary = _summary(
            event_object,
            results[first : first + len(_ASKED)],
            (state, acknowledged),
            priorities.get(event_object),
        )
        if summary.event_state or not all(summary.acknowledged):
            found[event_object] = summary
    return found


def _summary(
    event_object: ObjectId,
    results: list[PropertyResult],
    said: tuple[int, tuple[bool, bool, bool]],
    priority: int | None,
) -> EventSummary:
    """Return a summary by the object's properties, else by what the device said."""
    state, acked, stamps, notify_type = results
    event_state, acknowledged = said
    match state.values:
        case (Enumerated() as number,):
            event_state = int(number)
    match acked.values:
        case (BitString(bits=bits),):
            acknowledged = acknowledged_of(bits)
    kind = notify_type.values[0] if notify_type.values else 0
    return EventSummary(
        event_object=event_object,
        event_state=event_state,
        acknowledged=acknowledged,
        time_stamps=_time_stamps(stamps),
        notify_type=int(kind) if isinstance(kind, int) else 0,
        priorities=(priority, priority, priority),
    )


def _time_stamps(
    result: PropertyResult,
) -> tuple[TimeStamp | None, TimeStamp | None, TimeStamp | None]:
    stamps: list[TimeStamp | None] = []
    for value in result.values[: len(_ALL)]:
        try:
            (element,) = walk(value.raw) if isinstance(value, Constructed) else ()
            stamps.append(decode_time_stamp(element))
        except MalformedFrameError, ValueError:
            stamps.append(None)
    first, second, third = (*stamps, None, None, None)[: len(_ALL)]
    return first, second, third


def _malformed(name: str, err: MalformedFrameError) -> MalformedReplyError:
    return MalformedReplyError(
        f"{name} says of its alarms what cannot be decoded: {err}", device=name
    )

"""What a device says of its events, as news of alarms; pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..alarms.life import AlarmNews
from ..alarms.models import (
    Alarm,
    AlarmOrigin,
    Change,
    Condition,
    DeviceTime,
    PendingAck,
    Severity,
    change_to,
)
from ..models import Point
from .description.event_values import facts_of
from .description.object_names import clean_text
from .description.object_types import reference_of
from .names.event_names import EVENT_TYPES
from .octets.encoding import ObjectId, walk
from .octets.event_information import EventSummary
from .octets.event_notifications import EventNotification
from .octets.tags import MalformedFrameError
from .octets.time_stamps import (
    TimeStamp,
    decode_time_stamp,
    encode_time_stamp,
    time_stamp_text,
)

EVENT: Final = 1
ACK_NOTIFICATION: Final = 2
CHANGES: Final = (Change.TO_OFFNORMAL, Change.TO_FAULT, Change.TO_NORMAL)

_CONDITIONS: Final = (
    Condition.NORMAL,
    Condition.FAULT,
    Condition.OFFNORMAL,
    Condition.HIGH_LIMIT,
    Condition.LOW_LIMIT,
    Condition.LIFE_SAFETY,
)
# The standard's groups of priorities: life safety, critical equipment, urgent, normal
_SEVERITIES: Final = (
    (63, Severity.CRITICAL),
    (127, Severity.HIGH),
    (191, Severity.MEDIUM),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """An object that a device watches.

    point: None where it is no point of ours; called: its name then, "" if not known.
    """

    device_id: str
    event_object: ObjectId
    point: Point | None = None
    called: str = ""

    @property
    def alarm_id(self) -> str:
        """Return the id of the alarm that the object has."""
        return f"{self.device_id}:{reference_of(self.event_object)}"

    @property
    def name(self) -> str:
        """Return what people call the object."""
        if self.point is not None:
            return self.point.name
        return self.called or reference_of(self.event_object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What brings an alarm to what its device says: news, then what was acknowledged."""

    news: tuple[AlarmNews, ...] = ()
    acknowledged: tuple[PendingAck, ...] = ()


def condition_of(event_state: int) -> Condition:
    """Return the condition of an event state; a vendor's own is off-normal."""
    if event_state < len(_CONDITIONS):
        return _CONDITIONS[event_state]
    return Condition.OFFNORMAL


def event_state_of(pending: PendingAck) -> int:
    """Return the event state that an acknowledgement has to name."""
    if pending.event_state is not None:
        return pending.event_state
    return _CONDITIONS.index(pending.condition)


def severity_of(priority: int) -> Severity:
    """Return the severity of a priority from 0, the most urgent, to 255."""
    for last, severity in _SEVERITIES:
        if priority <= last:
            return severity
    return Severity.LOW


def device_time_of(stamp: TimeStamp | None) -> DeviceTime | None:
    """Return a time stamp as alarms keep it."""
    if stamp is None:
        return None
    octets = encode_time_stamp(stamp).hex()
    return DeviceTime(text=time_stamp_text(stamp), octets=octets)


def time_stamp_of(device_time: DeviceTime | None) -> TimeStamp | None:
    """Return the time stamp that was kept, None for one that cannot be read."""
    if device_time is None:
        return None
    try:
        (element,) = walk(bytes.fromhex(device_time.octets))
        return decode_time_stamp(element)
    except MalformedFrameError, ValueError:
        return None


def news_of_notification(
    source: EventSource, heard: EventNotification, at: datetime
) -> AlarmNews:
    """Return what a notification of an alarm or event says."""
    condition = condition_of(heard.to_state)
    found = facts_of(heard.event_values)
    return AlarmNews(
        alarm_id=source.alarm_id,
        origin=AlarmOrigin.DEVICE,
        device_id=source.device_id,
        point_id=source.alarm_id,
        name=source.name,
        condition=condition,
        severity=severity_of(heard.priority),
        text=clean_text(heard.message_text),
        at=at,
        ack_required=heard.ack_required,
        device_time=device_time_of(heard.time_stamp),
        value=found.value,
        facts=dict(found.facts),
        event_type=EVENT_TYPES.name(heard.event_type),
        priority=heard.priority,
        notification_class=heard.notification_class,
        informative=heard.notify_type == EVENT,
        event_state=heard.to_state,
    )


def momentary(news: AlarmNews) -> AlarmNews:
    """Return the news that come before those of an event in a state that stays normal.

    Such are changes of value, buffers that are ready, and accesses (clause 13.3): over
    as soon as they are told.
    """
    return replace(
        news, condition=Condition.OFFNORMAL, ack_required=False, event_state=None
    )


def settle(
    before: Alarm | None,
    source: EventSource,
    summary: EventSummary,
    texts: tuple[str, str, str],
    at: datetime,
) -> Settlement:
    """Return what brings an alarm to what a summary says (clause 13.12).

    texts: of the three changes, "" where the device has none.
    """
    pending = _pending(before, summary)
    condition = condition_of(summary.event_state)
    if before is not None and _is_same(before, condition, summary):
        known = {each.change for each in before.pending}
        wanted = {each.change for each in pending}
        if wanted <= known:
            gone = tuple(p for p in before.pending if p.change not in wanted)
            return Settlement(acknowledged=gone)
    latest = replace(_news(source, summary, condition, texts, at), pending=pending)
    if before is not None:
        latest = replace(
            latest,
            event_type=before.event_type,
            notification_class=before.notification_class,
        )
    if before is not None or condition is not Condition.NORMAL:
        return Settlement(news=(latest,))
    if not pending:
        return Settlement()
    # It was raised, and cleared, while nobody listened
    was = _raised_before(pending)
    return Settlement(news=(_news(source, summary, was, texts, at), latest))


def closed(alarm: Alarm, at: datetime) -> AlarmNews:
    """Return the news that a device has nothing more to say of an alarm."""
    return AlarmNews(
        alarm_id=alarm.alarm_id,
        origin=alarm.origin,
        device_id=alarm.device_id,
        point_id=alarm.point_id,
        name=alarm.name,
        condition=Condition.NORMAL,
        severity=alarm.severity,
        text="",
        at=at,
        ack_required=False,
        pending=(),
        event_type=alarm.event_type,
        notification_class=alarm.notification_class,
        informative=alarm.informative,
    )


def _news(
    source: EventSource,
    summary: EventSummary,
    condition: Condition,
    texts: tuple[str, str, str],
    at: datetime,
) -> AlarmNews:
    number = CHANGES.index(change_to(condition))
    priority = summary.priorities[number]
    priority = None if priority is None else min(max(priority, 0), 255)
    return AlarmNews(
        alarm_id=source.alarm_id,
        origin=AlarmOrigin.DEVICE,
        device_id=source.device_id,
        point_id=source.alarm_id,
        name=source.name,
        condition=condition,
        severity=Severity.MEDIUM if priority is None else severity_of(priority),
        text=clean_text(texts[number]),
        at=at,
        ack_required=not summary.acknowledged[number],
        device_time=device_time_of(summary.time_stamps[number]),
        priority=priority,
        informative=summary.notify_type == EVENT,
        event_state=summary.event_state,
    )


def _is_same(before: Alarm, condition: Condition, summary: EventSummary) -> bool:
    """Return whether the device still talks of the change that we know."""
    if before.condition is not condition:
        return False
    stamp = summary.time_stamps[CHANGES.index(change_to(condition))]
    known = time_stamp_of(before.device_time)
    if stamp is None or known is None or not stamp.says_when:
        return True
    return stamp == known


def _pending(before: Alarm | None, summary: EventSummary) -> tuple[PendingAck, ...]:
    """Return what the device waits for; of which condition, we may know better."""
    known = {each.change: each for each in (before.pending if before else ())}
    pending: list[PendingAck] = []
    for number, change in enumerate(CHANGES):
        if summary.acknowledged[number]:
            continue
        time = device_time_of(summary.time_stamps[number])
        ours = known.get(change)
        if ours is not None and (time is None or ours.device_time == time):
            pending.append(ours)
        elif change is change_to(condition_of(summary.event_state)):
            state = summary.event_state
            pending.append(
                PendingAck(
                    change=change,
                    condition=condition_of(state),
                    device_time=time,
                    event_state=state,
                )
            )
        else:
            pending.append(
                PendingAck(change=change, condition=_GUESSED[change], device_time=time)
            )
    return tuple(pending)


def _raised_before(pending: tuple[PendingAck, ...]) -> Condition:
    for each in pending:
        if each.change is not Change.TO_NORMAL:
            return each.condition
    return Condition.OFFNORMAL


_GUESSED: Final = {
    Change.TO_OFFNORMAL: Condition.OFFNORMAL,
    Change.TO_FAULT: Condition.FAULT,
    Change.TO_NORMAL: Condition.NORMAL,
}

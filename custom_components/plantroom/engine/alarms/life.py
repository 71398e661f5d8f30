"""The one life that every alarm has; pure: alarm and news in, alarm and step out."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..models import PointValue
from .models import (
    Alarm,
    AlarmOrigin,
    AlarmState,
    Condition,
    DeviceTime,
    PendingAck,
    Severity,
    TransitionKind,
    change_to,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmNews:
    """What a device or a rule says of what it watches; text: "" where it says none.

    ack_required: somebody has to take note of this change. pending: all that somebody
    has yet to take note of, where the source says so; None: what is known, and this.
    """

    alarm_id: str
    origin: AlarmOrigin
    device_id: str
    point_id: str
    name: str
    condition: Condition
    severity: Severity
    text: str
    at: datetime
    ack_required: bool = True
    pending: tuple[PendingAck, ...] | None = None
    device_time: DeviceTime | None = None
    value: PointValue = None
    facts: dict[str, PointValue] = field(default_factory=dict)
    rule_id: str = ""
    event_type: str = ""
    priority: int | None = None
    notification_class: int | None = None
    informative: bool = False
    event_state: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of an alarm: how it is now, and what to call that.

    text: what the source said of it.
    """

    kind: TransitionKind
    from_condition: Condition
    alarm: Alarm
    text: str = ""


def follow(before: Alarm | None, news: AlarmNews) -> Step | None:
    """Return the step that news make, None for news that all is well as before.

    before: the alarm while it is open.
    """
    was = Condition.NORMAL if before is None else before.condition
    pending = _pending_after(before, news)
    if was is news.condition is Condition.NORMAL and not _waits(before, news):
        return None
    kind = _kind(was, news.condition, known=before is not None)
    begins = kind is TransitionKind.RAISED or before is None
    alarm = Alarm(
        alarm_id=news.alarm_id,
        origin=news.origin,
        device_id=news.device_id,
        point_id=news.point_id,
        name=news.name,
        state=AlarmState.NORMAL,
        condition=news.condition,
        severity=news.severity,
        text=news.text,
        raised_at=news.at if begins or before is None else before.raised_at,
        changed_at=news.at,
        device_time=news.device_time,
        value=news.value,
        facts=news.facts,
        pending=pending,
        rule_id=news.rule_id,
        event_type=news.event_type,
        priority=news.priority,
        notification_class=news.notification_class,
        informative=news.informative,
    )
    if before is not None:
        alarm = _carry_over(before, alarm, begins=begins)
    return Step(kind=kind, from_condition=was, alarm=_in_state(alarm), text=news.text)


def acknowledge(
    before: Alarm,
    taken: Collection[PendingAck],
    at: datetime,
    actor: str,
    comment: str,
) -> Step | None:
    """Return the step of taking note of what is pending; taken: of these.

    None when there is nothing that somebody has yet to take note of.
    """
    left = tuple(p for p in before.pending if p not in taken)
    if left == before.pending and (left or _is_settled(before)):
        return None
    alarm = replace(before, pending=left, changed_at=at)
    if not left:
        alarm = replace(
            alarm, acknowledged_at=at, acknowledged_by=actor, comment=comment
        )
    return Step(
        kind=TransitionKind.ACKNOWLEDGED,
        from_condition=before.condition,
        alarm=_in_state(alarm),
    )


def remove(before: Alarm, at: datetime) -> Step:
    """Return the step of an alarm whose source is gone: it is over."""
    alarm = replace(before, condition=Condition.NORMAL, pending=(), changed_at=at)
    return Step(
        kind=TransitionKind.REMOVED,
        from_condition=before.condition,
        alarm=_in_state(alarm),
    )


def _is_settled(alarm: Alarm) -> bool:
    """Return whether an alarm without anything pending needs nobody's note."""
    return alarm.acknowledged_at is not None or alarm.condition is Condition.NORMAL


def _waits(before: Alarm | None, news: AlarmNews) -> bool:
    """Return whether a source that is well waits for something we did not know of."""
    if before is None:
        return bool(_pending_after(before, news))
    return news.pending is not None and news.pending != before.pending


def _kind(was: Condition, condition: Condition, *, known: bool) -> TransitionKind:
    if condition is Condition.NORMAL:
        again = known and was is Condition.NORMAL
        return TransitionKind.CHANGED if again else TransitionKind.CLEARED
    if was is Condition.NORMAL:
        return TransitionKind.RAISED
    return TransitionKind.CHANGED


def _pending_after(before: Alarm | None, news: AlarmNews) -> tuple[PendingAck, ...]:
    if news.pending is not None:
        return news.pending
    change = change_to(news.condition)
    others = tuple(
        each for each in (before.pending if before else ()) if each.change is not change
    )
    if not news.ack_required:
        return others
    own = PendingAck(
        change=change,
        condition=news.condition,
        device_time=news.device_time,
        event_state=news.event_state,
    )
    return (*others, own)


def _carry_over(before: Alarm, alarm: Alarm, *, begins: bool) -> Alarm:
    """Keep of an open alarm what news do not change; of one that is over, what it was."""
    alarm = replace(
        alarm,
        occurrences=before.occurrences + begins,
        number=before.number,
        shelved_until=before.shelved_until,
        shelved_by=before.shelved_by,
        suppressed=before.suppressed,
        flooded=before.flooded and not begins,
        targets=before.targets,
    )
    if alarm.condition is not Condition.NORMAL:
        return alarm
    return replace(
        alarm,
        severity=before.severity,
        text=before.text,
        priority=before.priority,
        acknowledged_at=before.acknowledged_at,
        acknowledged_by=before.acknowledged_by,
        comment=before.comment,
    )


def _in_state(alarm: Alarm) -> Alarm:
    return replace(alarm, state=_state(alarm))


def _state(alarm: Alarm) -> AlarmState:
    if alarm.condition is Condition.NORMAL:
        return AlarmState.CLEARED if alarm.pending else AlarmState.NORMAL
    if alarm.pending or alarm.acknowledged_at is None:
        return AlarmState.ACTIVE
    return AlarmState.ACKNOWLEDGED

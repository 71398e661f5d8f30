"""What an alarm is, and what happens to it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..models import PointValue


class Condition(StrEnum):
    """What an alarm finds wrong: the standard's event states (clause 13.2)."""

    NORMAL = "normal"
    FAULT = "fault"
    OFFNORMAL = "offnormal"
    HIGH_LIMIT = "high_limit"
    LOW_LIMIT = "low_limit"
    LIFE_SAFETY = "life_safety_alarm"


class Change(StrEnum):
    """The three ways in which a condition changes; each is acknowledged by itself."""

    TO_OFFNORMAL = "to_offnormal"
    TO_FAULT = "to_fault"
    TO_NORMAL = "to_normal"


class AlarmState(StrEnum):
    """Where an alarm is in its life.

    ACTIVE: something is wrong and nobody took note. CLEARED: it is over and nobody
    took note. NORMAL: it is over; the alarm is open no more.
    """

    NORMAL = "normal"
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Severity(StrEnum):
    """How much an alarm matters, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlarmOrigin(StrEnum):
    """Who found that something is wrong: the device itself, or a rule of ours."""

    DEVICE = "device"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTime:
    """When a device says that something happened, in the form it chose.

    text: its local time in ISO 8601 with "*" for what it leaves open, or "#17", the
    seventeenth event. octets: the BACnetTimeStamp as sent (clause 21), hexadecimal;
    an acknowledgement has to repeat it.
    """

    text: str
    octets: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAck:
    """A change of condition that somebody has yet to take note of.

    event_state: the condition's number at the device, which vendors may add to.
    """

    change: Change
    condition: Condition
    device_time: DeviceTime | None = None
    event_state: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm as it stands.

    alarm_id: point_id of the object that a device watches, or "rule:" and a rule's
    id. name: of what is watched, as people call it. number: of its latest transition
    in the journal. value: at that moment; facts: what else the source said of it, as
    "exceeded-limit". occurrences: how often it was raised since it opened. suppressed:
    its device is in maintenance. flooded: raised among so many that a person is told
    of them together. targets: who is to be told, by the routing of its severity.
    event_type, priority (0, the most urgent, to 255), notification_class: as the
    device said. informative: the device calls it an event, not an alarm.
    """

    alarm_id: str
    origin: AlarmOrigin
    device_id: str
    point_id: str
    name: str
    state: AlarmState
    condition: Condition
    severity: Severity
    text: str
    raised_at: datetime
    changed_at: datetime
    number: int = 0
    device_time: DeviceTime | None = None
    value: PointValue = None
    facts: dict[str, PointValue] = field(default_factory=dict)
    occurrences: int = 1
    pending: tuple[PendingAck, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    comment: str = ""
    shelved_until: datetime | None = None
    shelved_by: str = ""
    suppressed: bool = False
    flooded: bool = False
    targets: tuple[str, ...] = ()
    rule_id: str = ""
    event_type: str = ""
    priority: int | None = None
    notification_class: int | None = None
    informative: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether somebody still has to care."""
        return self.state is not AlarmState.NORMAL

    @property
    def is_quiet(self) -> bool:
        """Return whether nobody is to be called for it now."""
        return self.shelved_until is not None or self.suppressed or self.flooded


class TransitionKind(StrEnum):
    """What happened to an alarm.

    CHANGED: another thing is wrong, or the same once more. SHELVED and UNSHELVED,
    SUPPRESSED and UNSUPPRESSED: people want to hear of it or not. REMOVED: its rule
    or device is not configured any more.
    """

    RAISED = "raised"
    CHANGED = "changed"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTransition:
    """One row of the journal; numbers rise by one and are never used twice.

    at: our own time. alarm: as it is after. text: what its source said. actor: who did
    it, "" when nobody did.
    """

    number: int
    kind: TransitionKind
    at: datetime
    from_condition: Condition
    alarm: Alarm
    text: str = ""
    actor: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmValues:
    """What the points of an alarm's device showed at a moment, by point id."""

    at: datetime
    values: tuple[tuple[str, PointValue], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Nobody wants to hear of an alarm until then, be it open or not."""

    alarm_id: str
    until: datetime
    actor: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Alarms of a device, a network or, with subject "", the site call nobody.

    until: None without an end.
    """

    subject: str
    since: datetime
    until: datetime | None = None
    actor: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFlood:
    """So many alarms at once that people are told of them together.

    alarms: raised since it began.
    """

    since: datetime
    alarms: int


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def rank_of(severity: Severity) -> int:
    """Return 0 for the least severity, and more for those above it."""
    return _RANKS[severity]


def change_to(condition: Condition) -> Change:
    """Return which way of changing leads to a condition (clause 13.2)."""
    if condition is Condition.NORMAL:
        return Change.TO_NORMAL
    if condition is Condition.FAULT:
        return Change.TO_FAULT
    return Change.TO_OFFNORMAL

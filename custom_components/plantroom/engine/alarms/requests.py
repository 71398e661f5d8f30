"""The arguments and answers of the commands about alarms."""

from dataclasses import dataclass
from datetime import datetime

from .models import AlarmTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsSinceRequest:
    """Transitions after the one numbered cursor, oldest first, 1,000 at most.

    alarm_id, device_id: of these only, "" of all.
    """

    cursor: int = 0
    limit: int = 1000
    alarm_id: str = ""
    device_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReplay:
    """What a client missed.

    last: the number of the newest transition there is; ask again from the last one
    given until it is reached. complete: False when transitions after the cursor are
    kept no longer, or when the cursor is of another journal.
    """

    transitions: tuple[AlarmTransition, ...]
    last: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeRequest:
    """Take note of all that is pending of an alarm."""

    alarm_id: str
    actor: str
    comment: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelveRequest:
    """Hear no more of an alarm for so many seconds, be it open or not.

    seconds: above 0, 30 days at most.
    """

    alarm_id: str
    seconds: float
    actor: str
    comment: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnshelveRequest:
    """Hear of an alarm again before its shelf ends."""

    alarm_id: str
    actor: str
    comment: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceRequest:
    """Begin maintenance of a device, a network, or with subject "" the site; or end it.

    until: None without an end.
    """

    subject: str
    active: bool
    until: datetime | None = None
    actor: str = ""
    comment: str = ""
    via: str = ""

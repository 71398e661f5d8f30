"""How many alarms there are of a device, a network and the site; pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from .engine.alarms.models import Alarm, AlarmState, Condition, Severity, rank_of

SITE = ""


@dataclass(slots=True, kw_only=True)
class AlarmSummary:
    """Open alarms of one subject; events that are no alarms do not count.

    active: something is wrong still. quiet: nobody is called for these.
    """

    open: int = 0
    active: int = 0
    unacknowledged: int = 0
    shelved: int = 0
    suppressed: int = 0
    quiet: int = 0
    by_severity: Counter[Severity] = field(default_factory=Counter)

    @property
    def highest(self) -> Severity | None:
        """Return the severity that matters most among the open ones, if any is."""
        return max(self.by_severity, key=rank_of, default=None)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        counts = {item.name: getattr(self, item.name) for item in fields(self)}
        by_severity = {each.value: n for each, n in self.by_severity.items()}
        return {**counts, "by_severity": by_severity}

    def count(self, alarm: Alarm) -> None:
        """Take one more alarm."""
        self.open += 1
        self.active += is_active(alarm)
        self.unacknowledged += needs_note(alarm)
        self.shelved += alarm.shelved_until is not None
        self.suppressed += alarm.suppressed
        self.quiet += alarm.is_quiet
        self.by_severity[alarm.severity] += 1


def subjects_of(device_id: str) -> tuple[str, str, str]:
    """Return whose alarms those of a device are: its own, its network's, the site's."""
    return device_id, device_id.rpartition(":")[0], SITE


def is_active(alarm: Alarm) -> bool:
    """Return whether something is wrong still."""
    return alarm.condition is not Condition.NORMAL


def needs_note(alarm: Alarm) -> bool:
    """Return whether somebody has yet to take note."""
    return alarm.state in (AlarmState.ACTIVE, AlarmState.CLEARED)


def summarize(alarms: Iterable[Alarm]) -> dict[str, AlarmSummary]:
    """Return the summaries of all subjects that have an open alarm."""
    summaries: dict[str, AlarmSummary] = {}
    for alarm in alarms:
        if alarm.informative:
            continue
        for subject in subjects_of(alarm.device_id):
            summaries.setdefault(subject, AlarmSummary()).count(alarm)
    return summaries

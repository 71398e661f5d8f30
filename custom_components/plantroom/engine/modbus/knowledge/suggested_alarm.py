"""An alarm that a maker's document names: a rule for whoever wants it."""

from dataclasses import dataclass

from ...alarms.configuration import AlarmRule, RuleKind
from ...alarms.models import Severity
from ...models import PointValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedAlarm:
    """An alarm that a device of this type may have, as its document says.

    key: names it for good within its profile. point, other_point: keys of points.
    low, high, deadband, tolerance: in the point's unit. alarm_states, fault_states:
    texts of the point's states, or values. text: with the fields of a rule's text in
    braces, "" for the kind's own. source: where the document says so ("page 12").
    """

    key: str
    point: str
    kind: RuleKind
    severity: Severity = Severity.MEDIUM
    low: float | None = None
    high: float | None = None
    deadband: float = 0.0
    alarm_states: tuple[PointValue, ...] = ()
    fault_states: tuple[PointValue, ...] = ()
    other_point: str = ""
    tolerance: float = 0.0
    delay_seconds: float = 0.0
    clear_delay_seconds: float = 0.0
    text: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what makes no rule, saying which field and why."""
        self.rule("device")

    @property
    def points(self) -> tuple[str, ...]:
        """Return the keys of all points that the rule would look at."""
        return (self.point, self.other_point) if self.other_point else (self.point,)

    def rule(self, device_id: str) -> AlarmRule:
        """Return the rule for a device; of the same suggestion always the same id."""
        other = f"{device_id}:{self.other_point}" if self.other_point else ""
        return AlarmRule(
            rule_id=f"{device_id}:{self.key}",
            kind=self.kind,
            point_id=f"{device_id}:{self.point}" if self.point else "",
            severity=self.severity,
            low=self.low,
            high=self.high,
            deadband=self.deadband,
            alarm_states=self.alarm_states,
            fault_states=self.fault_states,
            other_point_id=other,
            tolerance=self.tolerance,
            delay_seconds=self.delay_seconds,
            clear_delay_seconds=self.clear_delay_seconds,
            text=self.text,
        )

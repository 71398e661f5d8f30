"""What is asked of the alarms: own rules, who is told, when it is a flood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeGuard

from ..checks import require
from ..models import PointValue
from .models import Severity
from .texts import AlarmWords, unknown_fields

LONGEST_DELAY_SECONDS = 7 * 86400.0
MOST_STATES = 256


class RuleKind(StrEnum):
    """What a rule finds wrong with a point.

    STATE: a value among alarm_states. MULTI_STATE: the same, and a fault with one
    among fault_states. CHANGE: any change of the value, over at once. STALE: no value
    to be had. DEVIATION: too far from another point. COMMAND_MISMATCH: not what
    another point, its command, says.
    """

    HIGH = "high"
    LOW = "low"
    OUT_OF_RANGE = "out_of_range"
    STATE = "state"
    MULTI_STATE = "multi_state"
    CHANGE = "change"
    STALE = "stale"
    DEVIATION = "deviation"
    COMMAND_MISMATCH = "command_mismatch"


class Comparison(StrEnum):
    """How an enabling point is compared."""

    EQUAL = "equal"
    NOT_EQUAL = "not_equal"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableCondition:
    """A rule counts only while a point compares so; a state may be given as its text."""

    point_id: str
    comparison: Comparison
    value: PointValue

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.point_id), "enable", "must name a point")
        orders = self.comparison in (Comparison.ABOVE, Comparison.BELOW)
        require(
            not orders or is_number(self.value), "enable", "must compare with a number"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """An alarm of our own on one point.

    low, high: limits, in the point's unit. tolerance: how far a point may be from
    other_point_id. deadband: how far within its limit a value is before all is well
    again. alarm_states, fault_states: values or state texts. delay_seconds: how long
    it has to be so before it is an alarm; clear_delay_seconds: and before it is over.
    text: with fields in braces, "" for the kind's own. faults: a point whose device
    says it is faulty is an alarm too. ack_required: somebody has to take note even
    when it is over.
    """

    rule_id: str
    kind: RuleKind
    point_id: str
    severity: Severity = Severity.MEDIUM
    low: float | None = None
    high: float | None = None
    deadband: float = 0.0
    alarm_states: tuple[PointValue, ...] = ()
    fault_states: tuple[PointValue, ...] = ()
    other_point_id: str = ""
    tolerance: float = 0.0
    delay_seconds: float = 0.0
    clear_delay_seconds: float = 0.0
    enable: EnableCondition | None = None
    text: str = ""
    faults: bool = True
    ack_required: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.rule_id), "rule_id", "must not be empty")
        require(bool(self.point_id), "point_id", "must not be empty")
        self._check_limits()
        self._check_states()
        self._check_other()
        for name in ("delay_seconds", "clear_delay_seconds"):
            seconds = getattr(self, name)
            require(
                0 <= seconds <= LONGEST_DELAY_SECONDS,
                name,
                f"must be 0 to {LONGEST_DELAY_SECONDS:.0f}",
            )
        wrong = unknown_fields(self.text)
        require(not wrong, "text", f"has no field {', '.join(wrong)}")

    @property
    def alarm_id(self) -> str:
        """Return the id of the alarm that the rule raises."""
        return f"rule:{self.rule_id}"

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the ids of all points that the rule looks at."""
        found = [self.point_id]
        if self.other_point_id:
            found.append(self.other_point_id)
        if self.enable is not None:
            found.append(self.enable.point_id)
        return tuple(dict.fromkeys(found))

    def _check_limits(self) -> None:
        wants_low = self.kind in (RuleKind.LOW, RuleKind.OUT_OF_RANGE)
        wants_high = self.kind in (RuleKind.HIGH, RuleKind.OUT_OF_RANGE)
        require(not wants_low or is_number(self.low), "low", "must be a number")
        require(not wants_high or is_number(self.high), "high", "must be a number")
        if wants_low and wants_high:
            low, high = self.low or 0.0, self.high or 0.0
            require(low < high, "high", "must be above low")
            require(self.deadband <= high - low, "deadband", "is wider than the range")
        for name in ("deadband", "tolerance"):
            value = getattr(self, name)
            require(is_number(value) and value >= 0, name, "must not be below 0")

    def _check_states(self) -> None:
        wanted = self.kind in (RuleKind.STATE, RuleKind.MULTI_STATE)
        named = len(self.alarm_states) + len(self.fault_states)
        require(not wanted or named > 0, "alarm_states", "must not be empty")
        require(named <= MOST_STATES, "alarm_states", f"are over {MOST_STATES}")

    def _check_other(self) -> None:
        wanted = self.kind in (RuleKind.DEVIATION, RuleKind.COMMAND_MISMATCH)
        require(
            not wanted or bool(self.other_point_id),
            "other_point_id",
            "must not be empty",
        )
        require(
            self.kind is not RuleKind.DEVIATION or self.tolerance > 0,
            "tolerance",
            "must be above 0",
        )
        require(
            self.kind is not RuleKind.DEVIATION or self.deadband <= self.tolerance,
            "deadband",
            "is wider than the tolerance",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRoute:
    """Who is told of alarms of a severity, as the client calls them."""

    severity: Severity
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmingConfig:
    """Rules, routing, and the flood: so many alarms raised in so many seconds.

    journal_days: how long transitions are kept. silent_severity: of the alarm that a
    device does not answer for silent_seconds, None for no such alarms. words: how
    rules without a text of their own say it.
    """

    rules: tuple[AlarmRule, ...] = field(default_factory=tuple)
    routes: tuple[AlarmRoute, ...] = ()
    flood_alarms: int = 20
    flood_seconds: float = 60.0
    journal_days: int = 365
    silent_severity: Severity | None = None
    silent_seconds: float = 300.0
    words: AlarmWords = field(default_factory=AlarmWords)

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        _require_once([rule.rule_id for rule in self.rules], "rules")
        _require_once([route.severity for route in self.routes], "routes")
        require(2 <= self.flood_alarms <= 10_000, "flood_alarms", "must be 2 to 10000")
        require(1 <= self.flood_seconds <= 3600, "flood_seconds", "must be 1 to 3600")
        require(1 <= self.journal_days <= 3660, "journal_days", "must be 1 to 3660")
        require(
            0 <= self.silent_seconds <= LONGEST_DELAY_SECONDS,
            "silent_seconds",
            f"must be 0 to {LONGEST_DELAY_SECONDS:.0f}",
        )

    def targets_of(self, severity: Severity) -> tuple[str, ...]:
        """Return who is told of alarms of a severity."""
        for route in self.routes:
            if route.severity is severity:
                return route.targets
        return ()


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number that can be compared."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


def _require_once(names: Sequence[str], field_name: str) -> None:
    require(len(set(names)) == len(names), field_name, "use an id twice")

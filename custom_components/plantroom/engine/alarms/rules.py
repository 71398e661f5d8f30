"""Whether a rule finds something wrong, and since when; pure: no clock, no timers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeGuard

from ..models import Point, PointKind, PointValue, Reading
from ..write_rules import same_value
from .configuration import AlarmRule, Comparison, RuleKind, is_number
from .models import Condition

NO_FAULT = "no-fault-detected"
_STATES = {"off": False, "inactive": False, "on": True, "active": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a rule looks at; None where there is no reading, or no device answers.

    awaited: there is no reading yet, and nothing says that there will be none.
    """

    reading: Reading | None
    other: Reading | None = None
    enabling: Reading | None = None
    awaited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRule:
    """A rule with its states as the values that its points have for them."""

    rule: AlarmRule
    alarm_values: tuple[PointValue, ...] = ()
    fault_values: tuple[PointValue, ...] = ()
    enabling_value: PointValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """What a rule has found.

    condition: in force. pending: what it will be at `due`, unless the value goes back
    before. last_value: of a CHANGE rule's point, once known.
    """

    condition: Condition = Condition.NORMAL
    pending: Condition | None = None
    due: float = 0.0
    last_value: PointValue = None


def bind(rule: AlarmRule, point: Point | None, enabling: Point | None) -> BoundRule:
    """Return a rule that knows its points' states."""
    return BoundRule(
        rule=rule,
        alarm_values=tuple(_value_of(point, state) for state in rule.alarm_states),
        fault_values=tuple(_value_of(point, state) for state in rule.fault_states),
        enabling_value=(
            None if rule.enable is None else _value_of(enabling, rule.enable.value)
        ),
    )


def step(
    bound: BoundRule, state: RuleState, inputs: Inputs, now: float
) -> tuple[RuleState, ...]:
    """Return the states that follow, the last one lasting; () when all stays.

    More than one only where something is over as soon as it is found. While a
    condition is pending, ask again when it is due. now: seconds of any clock that
    never goes back.
    """
    enabled = _is_enabled(bound, inputs.enabling)
    if bound.rule.kind is RuleKind.CHANGE:
        return _step_change(bound, state, inputs, enabled=enabled is True)
    found = find(bound, inputs, state.condition)
    if found is None or found is state.condition:
        return () if state.pending is None else (replace(state, pending=None),)
    if state.pending is found and now < state.due:
        return ()
    delay = _delay(bound.rule, found) if enabled else 0.0
    if delay and state.pending is not found:
        return (replace(state, pending=found, due=now + delay),)
    return (replace(state, condition=found, pending=None),)


def find(bound: BoundRule, inputs: Inputs, current: Condition) -> Condition | None:
    """Return what is wrong now, delays aside; None when that cannot be told.

    current: what was wrong until now, which a deadband depends on.
    """
    enabled = _is_enabled(bound, inputs.enabling)
    if not enabled:
        return None if enabled is None else Condition.NORMAL
    rule, reading = bound.rule, inputs.reading
    if rule.kind is RuleKind.STALE:
        if inputs.awaited:
            return None
        return Condition.NORMAL if _is_fresh(reading) else Condition.OFFNORMAL
    if not _is_fresh(reading):
        return None
    if rule.faults and (reading.flags.fault or reading.reliability != NO_FAULT):
        return Condition.FAULT
    if rule.kind in (RuleKind.STATE, RuleKind.MULTI_STATE):
        return _find_state(bound, reading.value)
    if rule.kind in (RuleKind.DEVIATION, RuleKind.COMMAND_MISMATCH):
        return _find_difference(rule, reading.value, inputs.other, current)
    low = None if rule.kind is RuleKind.HIGH else rule.low
    high = None if rule.kind is RuleKind.LOW else rule.high
    return _find_limit(reading.value, (low, high), rule.deadband, current)


def _delay(rule: AlarmRule, found: Condition) -> float:
    if found is Condition.NORMAL:
        return rule.clear_delay_seconds
    return rule.delay_seconds


def _step_change(
    bound: BoundRule, state: RuleState, inputs: Inputs, *, enabled: bool
) -> tuple[RuleState, ...]:
    if not _is_fresh(inputs.reading):
        return ()
    value = inputs.reading.value
    if state.last_value is not None and same_value(state.last_value, value):
        return ()
    after = replace(state, condition=Condition.NORMAL, last_value=value)
    meant = not bound.alarm_values or _is_among(value, bound.alarm_values)
    if state.last_value is None or not enabled or not meant:
        return (after,)
    return (replace(after, condition=Condition.OFFNORMAL), after)


def _find_limit(
    value: PointValue,
    limits: tuple[float | None, float | None],
    deadband: float,
    current: Condition,
) -> Condition | None:
    """Return the limit that is passed; one that was, counts within its deadband."""
    if not is_number(value):
        return None
    low, high = limits
    if high is not None and value > high:
        return Condition.HIGH_LIMIT
    if low is not None and value < low:
        return Condition.LOW_LIMIT
    was_high = current is Condition.HIGH_LIMIT and high is not None and deadband > 0
    if was_high and high is not None and value >= high - deadband:
        return Condition.HIGH_LIMIT
    was_low = current is Condition.LOW_LIMIT and low is not None and deadband > 0
    if was_low and low is not None and value <= low + deadband:
        return Condition.LOW_LIMIT
    return Condition.NORMAL


def _find_state(bound: BoundRule, value: PointValue) -> Condition:
    if _is_among(value, bound.fault_values):
        return Condition.FAULT
    if _is_among(value, bound.alarm_values):
        return Condition.OFFNORMAL
    return Condition.NORMAL


def _find_difference(
    rule: AlarmRule, value: PointValue, other: Reading | None, current: Condition
) -> Condition | None:
    if not _is_fresh(other):
        return None
    if rule.kind is RuleKind.COMMAND_MISMATCH:
        obeys = _obeys(value, other.value, rule.tolerance)
        return Condition.NORMAL if obeys else Condition.OFFNORMAL
    if not is_number(value) or not is_number(other.value):
        return None
    limits = -rule.tolerance, rule.tolerance
    return _find_limit(value - other.value, limits, rule.deadband, current)


def _obeys(value: PointValue, command: PointValue, tolerance: float) -> bool:
    """Return whether a feedback is what a command says; on or off suits any speed."""
    if is_number(value) and is_number(command) and tolerance:
        return abs(value - command) <= tolerance
    if isinstance(value, bool) != isinstance(command, bool):
        return bool(value) == bool(command)
    return same_value(command, value)


def _is_fresh(reading: Reading | None) -> TypeGuard[Reading]:
    return reading is not None and not reading.error and reading.value is not None


def _is_enabled(bound: BoundRule, reading: Reading | None) -> bool | None:
    """Return whether a rule counts now, None when that cannot be told."""
    enable = bound.rule.enable
    if enable is None:
        return True
    if not _is_fresh(reading):
        return None
    value, wanted = reading.value, bound.enabling_value
    if enable.comparison is Comparison.EQUAL:
        return same_value(wanted, value)
    if enable.comparison is Comparison.NOT_EQUAL:
        return not same_value(wanted, value)
    if not is_number(value) or not is_number(wanted):
        return None
    if enable.comparison is Comparison.ABOVE:
        return value > wanted
    return value < wanted


def _is_among(value: PointValue, values: Iterable[PointValue]) -> bool:
    return any(same_value(each, value) for each in values)


def _value_of(point: Point | None, state: PointValue) -> PointValue:
    """Return the value that a point has for a state given as text or value."""
    if point is None or not isinstance(state, str):
        return state
    texts = [text.casefold() for text in point.states]
    wanted = state.casefold()
    if point.kind is PointKind.BINARY:
        if wanted in texts:
            return bool(texts.index(wanted))
        return _STATES.get(wanted, state)
    if point.kind is PointKind.MULTI_STATE and wanted in texts:
        return texts.index(wanted) + 1
    return state

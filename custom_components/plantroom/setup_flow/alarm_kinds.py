"""Which alarms a point can have, by what it is."""

from typing import Final

from ..engine.alarms.configuration import RuleKind
from ..engine.models import Point, PointKind

_ANYTHING: Final = (RuleKind.CHANGE, RuleKind.STALE)
_NUMBERS: Final = (
    RuleKind.HIGH,
    RuleKind.LOW,
    RuleKind.OUT_OF_RANGE,
    RuleKind.DEVIATION,
    RuleKind.COMMAND_MISMATCH,
    *_ANYTHING,
)
_KINDS: Final = {
    PointKind.BINARY: (RuleKind.STATE, RuleKind.COMMAND_MISMATCH, *_ANYTHING),
    PointKind.MULTI_STATE: (
        RuleKind.MULTI_STATE,
        RuleKind.COMMAND_MISMATCH,
        *_ANYTHING,
    ),
    PointKind.TEXT: (RuleKind.STATE, *_ANYTHING),
}
_FIELDS: Final = {
    RuleKind.HIGH: ("high", "deadband"),
    RuleKind.LOW: ("low", "deadband"),
    RuleKind.OUT_OF_RANGE: ("low", "high", "deadband"),
    RuleKind.STATE: ("alarm_states",),
    RuleKind.MULTI_STATE: ("alarm_states", "fault_states"),
    RuleKind.CHANGE: ("alarm_states",),
    RuleKind.STALE: (),
    RuleKind.DEVIATION: ("other", "tolerance", "deadband"),
    RuleKind.COMMAND_MISMATCH: ("other", "tolerance"),
}
_DELAYS: Final = {RuleKind.STALE: 600, RuleKind.STATE: 0, RuleKind.MULTI_STATE: 0}
_USUAL_DELAY: Final = 60


def kinds_of(point: Point) -> tuple[RuleKind, ...]:
    """Return the kinds of rules that make sense for a point, the usual ones first."""
    return _KINDS.get(point.kind, _NUMBERS)


def fields_of(kind: RuleKind, point: Point | None) -> tuple[str, ...]:
    """Return what a kind of rule has to be told beside delay, severity and text."""
    fields = _FIELDS[kind]
    if kind is RuleKind.CHANGE and (point is None or not _has_states(point)):
        return ()
    if kind is RuleKind.COMMAND_MISMATCH and point is not None and _has_states(point):
        return ("other",)
    return fields


def usual_delay(kind: RuleKind) -> int:
    """Return after how many seconds a new rule raises its alarm."""
    return _DELAYS.get(kind, _USUAL_DELAY)


def is_number(point: Point) -> bool:
    """Return whether a point's values are numbers that can be compared."""
    return point.kind in (PointKind.ANALOG, PointKind.INTEGER, PointKind.COUNTER)


def may_command(point: Point, command: Point) -> bool:
    """Return whether a point can be held against another, its command."""
    return is_number(point) == is_number(command) or PointKind.BINARY in (
        point.kind,
        command.kind,
    )


def _has_states(point: Point) -> bool:
    return point.kind in (PointKind.BINARY, PointKind.MULTI_STATE)

"""Rules of ours for what a device has limits of, but tells nobody; mostly pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from ..alarms.configuration import (
    LONGEST_DELAY_SECONDS,
    MOST_STATES,
    AlarmRule,
    RuleKind,
    is_number,
)
from ..models import Point, PointKind
from .description.object_types import object_id_of
from .octets.encoding import BitString, Primitive
from .octets.rpm import PropertyRef, PropertyResult
from .reading.property_reader import PropertyReader

MOST_POINTS: Final = 1000
ALARM_VALUE: Final = 6
ALARM_VALUES: Final = 7
DEADBAND: Final = 25
EVENT_ENABLE: Final = 35
FAULT_VALUES: Final = 39
HIGH_LIMIT: Final = 45
LIMIT_ENABLE: Final = 52
LOW_LIMIT: Final = 59
TIME_DELAY: Final = 113
TIME_DELAY_NORMAL: Final = 356

_ALWAYS: Final = (EVENT_ENABLE, TIME_DELAY, TIME_DELAY_NORMAL)
_OF_KIND: Final = {
    PointKind.ANALOG: (HIGH_LIMIT, LOW_LIMIT, LIMIT_ENABLE, DEADBAND),
    PointKind.BINARY: (ALARM_VALUE,),
    PointKind.MULTI_STATE: (ALARM_VALUES, FAULT_VALUES),
}

type _Found = Mapping[int, tuple[Primitive, ...]]


async def read_limit_rules(
    reader: PropertyReader, points: Sequence[Point]
) -> tuple[AlarmRule, ...]:
    """Ask a device for the limits of its points; raises DeviceOfflineError."""
    asked = [point for point in points if point.kind in _OF_KIND][:MOST_POINTS]
    refs = [
        PropertyRef(*object_id_of(point.reference), property_id)
        for point in asked
        for property_id in (*_ALWAYS, *_OF_KIND[point.kind])
    ]
    results = iter(await reader.read(refs) if refs else ())
    rules: list[AlarmRule] = []
    for point in asked:
        found = _found(results, len(_ALWAYS) + len(_OF_KIND[point.kind]))
        rule = limit_rule(point, found)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def limit_rule(point: Point, found: _Found) -> AlarmRule | None:
    """Return the rule that an object's own limits make, None where it has none.

    found: its values by property id. None too for an object that reports events
    itself (Event_Enable, clause 12): its device is to be asked for them.
    """
    if EVENT_ENABLE not in found or True in _bits(found, EVENT_ENABLE):
        return None
    if point.kind is PointKind.ANALOG:
        return _of_limits(point, found)
    if point.kind is PointKind.BINARY:
        (value,) = found.get(ALARM_VALUE, (None,))[:1]
        alarm_states = (bool(value),) if isinstance(value, int) else ()
        return _of_states(point, found, RuleKind.STATE, alarm_states, ())
    alarms = _states(found, ALARM_VALUES)
    faults = _states(found, FAULT_VALUES)
    return _of_states(point, found, RuleKind.MULTI_STATE, alarms, faults)


def _of_limits(point: Point, found: _Found) -> AlarmRule | None:
    wants_low, wants_high = (*_bits(found, LIMIT_ENABLE), False, False)[:2]
    low = _number(found, LOW_LIMIT) if wants_low else None
    high = _number(found, HIGH_LIMIT) if wants_high else None
    if low is not None and high is not None:
        kind = RuleKind.OUT_OF_RANGE
        if low >= high:
            return None
    elif high is not None:
        kind = RuleKind.HIGH
    elif low is not None:
        kind = RuleKind.LOW
    else:
        return None
    return AlarmRule(
        rule_id=_rule_id(point),
        kind=kind,
        point_id=point.point_id,
        low=low,
        high=high,
        deadband=_deadband(found, low, high),
        delay_seconds=_delay(found, TIME_DELAY),
        clear_delay_seconds=_delay(found, TIME_DELAY_NORMAL, TIME_DELAY),
    )


def _of_states(
    point: Point,
    found: _Found,
    kind: RuleKind,
    alarm_states: tuple[int, ...],
    fault_states: tuple[int, ...],
) -> AlarmRule | None:
    if not alarm_states and not fault_states:
        return None
    return AlarmRule(
        rule_id=_rule_id(point),
        kind=kind,
        point_id=point.point_id,
        alarm_states=alarm_states,
        fault_states=fault_states,
        delay_seconds=_delay(found, TIME_DELAY),
        clear_delay_seconds=_delay(found, TIME_DELAY_NORMAL, TIME_DELAY),
    )


def _rule_id(point: Point) -> str:
    return f"{point.point_id}:limits"


def _found(results: Iterator[PropertyResult], count: int) -> _Found:
    return {
        result.ref.property_id: result.values
        for result in islice(results, count)
        if not result.error and result.values
    }


def _bits(found: _Found, property_id: int) -> tuple[bool, ...]:
    match found.get(property_id):
        case (BitString(bits=bits), *_):
            return bits
    return ()


def _number(found: _Found, property_id: int) -> float | None:
    match found.get(property_id):
        case (int() | float() as value, *_) if is_number(value):
            return float(value)
    return None


def _deadband(found: _Found, low: float | None, high: float | None) -> float:
    """Return a deadband that fits between the limits, 0 for one that does not."""
    deadband = max(_number(found, DEADBAND) or 0.0, 0.0)
    if low is not None and high is not None and deadband > high - low:
        return 0.0
    return deadband


def _delay(found: _Found, *property_ids: int) -> float:
    """Return the seconds of the first of these that the object has."""
    for property_id in property_ids:
        seconds = _number(found, property_id)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_DELAY_SECONDS)
    return 0.0


def _states(found: _Found, property_id: int) -> tuple[int, ...]:
    values = found.get(property_id, ())[: MOST_STATES // 2]
    return tuple(
        int(each)
        for each in values
        if isinstance(each, int) and not isinstance(each, bool)
    )

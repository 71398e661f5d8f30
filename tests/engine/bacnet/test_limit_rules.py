"""Limits that a device has and tells nobody of make rules of ours, and no others do."""

import math
from collections.abc import Mapping
from typing import Any

import pytest
from bacpypes3.basetypes import EventTransitionBits, LimitEnable
from bacpypes3.primitivedata import Real, Unsigned

from custom_components.plantroom.engine.alarms.configuration import AlarmRule, RuleKind
from custom_components.plantroom.engine.bacnet.limit_rules import (
    ALARM_VALUE,
    ALARM_VALUES,
    DEADBAND,
    EVENT_ENABLE,
    FAULT_VALUES,
    HIGH_LIMIT,
    LIMIT_ENABLE,
    LOW_LIMIT,
    TIME_DELAY,
    TIME_DELAY_NORMAL,
    limit_rule,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Enumerated,
    Primitive,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
)

from .field_bench import NETWORK, building_and_bench

VAV = 2001
SILENT = {EVENT_ENABLE: (BitString((False, False, False)),)}
LIMITS: dict[int, tuple[Primitive, ...]] = SILENT | {
    HIGH_LIMIT: (26.0,),
    LOW_LIMIT: (18.0,),
    LIMIT_ENABLE: (BitString((True, True)),),
    DEADBAND: (0.5,),
    TIME_DELAY: (60,),
}


def point(kind: PointKind = PointKind.ANALOG) -> Point:
    return Point(
        point_id="net:7:analog-input,1",
        device_id="net:7",
        reference="analog-input,1",
        kind=kind,
        role=PointRole.INPUT,
        access=Access.READ_ONLY,
        name="Room",
    )


def rule_of(
    found: Mapping[int, tuple[Primitive, ...]], kind: PointKind = PointKind.ANALOG
) -> AlarmRule:
    rule = limit_rule(point(kind), found)
    assert rule is not None
    return rule


def test_limits_make_a_rule_with_the_device_s_deadband_and_delay():
    rule = rule_of(LIMITS)
    assert (rule.kind, rule.low, rule.high) == (RuleKind.OUT_OF_RANGE, 18.0, 26.0)
    assert (rule.deadband, rule.delay_seconds) == (0.5, 60.0)
    assert rule.clear_delay_seconds == 60.0
    assert rule.point_id == "net:7:analog-input,1"
    assert rule_of(LIMITS | {TIME_DELAY_NORMAL: (5,)}).clear_delay_seconds == 5.0


@pytest.mark.parametrize(
    ("enabled", "kind"),
    [((True, False), RuleKind.LOW), ((False, True), RuleKind.HIGH)],
)
def test_only_the_limit_that_is_enabled_counts(
    enabled: tuple[bool, ...], kind: RuleKind
):
    rule = rule_of(LIMITS | {LIMIT_ENABLE: (BitString(enabled),)})
    assert rule.kind is kind
    assert (rule.low is None, rule.high is None) == (not enabled[0], not enabled[1])


@pytest.mark.parametrize(
    "odd",
    [
        {EVENT_ENABLE: (BitString((True, False, False)),)},
        {LIMIT_ENABLE: (BitString((False, False)),)},
        {LIMIT_ENABLE: (BitString(()),)},
        {LIMIT_ENABLE: (7,)},
        {HIGH_LIMIT: (18.0,)},
        {HIGH_LIMIT: (math.nan,), LOW_LIMIT: (math.inf,)},
        {HIGH_LIMIT: ("hot",), LOW_LIMIT: (None,)},
        {HIGH_LIMIT: (), LOW_LIMIT: ()},
    ],
    ids=[
        "tells events itself",
        "no limit is enabled",
        "no limit bits",
        "no bits",
        "no range between limits",
        "limits that are no numbers",
        "limits of another type",
        "no limits",
    ],
)
def test_what_makes_no_sense_makes_no_rule(odd: dict[int, tuple[Primitive, ...]]):
    assert limit_rule(point(), LIMITS | odd) is None


def test_object_without_event_reporting_has_no_limits_that_count():
    assert limit_rule(point(), {HIGH_LIMIT: (26.0,), LOW_LIMIT: (18.0,)}) is None


@pytest.mark.parametrize("deadband", [(9.0,), (-1.0,), (math.nan,), ()])
def test_deadband_that_does_not_fit_is_left_out(deadband: tuple[Primitive, ...]):
    assert rule_of(LIMITS | {DEADBAND: deadband}).deadband == 0.0


def test_delay_is_bounded():
    assert rule_of(LIMITS | {TIME_DELAY: (2**32 - 1,)}).delay_seconds == 7 * 86400.0


def test_alarm_value_of_a_binary_makes_a_rule():
    rule = rule_of(SILENT | {ALARM_VALUE: (Enumerated(1),)}, PointKind.BINARY)
    assert (rule.kind, rule.alarm_states) == (RuleKind.STATE, (True,))


def test_alarm_and_fault_values_of_a_multi_state_make_a_rule():
    found = SILENT | {ALARM_VALUES: (3, 4), FAULT_VALUES: (9,)}
    rule = rule_of(found, PointKind.MULTI_STATE)
    assert rule.kind is RuleKind.MULTI_STATE
    assert (rule.alarm_states, rule.fault_states) == ((3, 4), (9,))


@pytest.mark.parametrize("kind", [PointKind.BINARY, PointKind.MULTI_STATE])
def test_object_without_alarm_values_makes_no_rule(kind: PointKind):
    assert limit_rule(point(kind), SILENT) is None


def give_limits(obj: Any, *, tells: bool) -> None:
    obj.highLimit, obj.lowLimit, obj.deadband = Real(26), Real(18), Real(1)
    obj.timeDelay = Unsigned(30)
    obj.limitEnable = LimitEnable([1, 1])
    obj.eventEnable = EventTransitionBits([int(tells)] * 3)


async def test_device_is_asked_for_the_limits_it_tells_nobody_of():
    async with building_and_bench(VAV) as (building, bench):
        device = building.device(VAV)
        give_limits(device.object("analog-value,1"), tells=False)
        give_limits(device.object("analog-input,2"), tells=True)
        await bench.serve(VAV)
        await bench.online(VAV)
        (rule,) = await bench.network.alarm_suggestions(f"{NETWORK}:{VAV}")
        assert rule.point_id == f"{NETWORK}:{VAV}:analog-value,1"
        assert (rule.low, rule.high, rule.deadband) == (18.0, 26.0, 1.0)
        assert rule.delay_seconds == 30.0

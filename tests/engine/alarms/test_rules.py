"""A rule finds what its kind says, no earlier and no later than it was told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.configuration import (
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Condition
from custom_components.plantroom.engine.alarms.rules import Inputs, bind, find
from custom_components.plantroom.engine.models import PointKind, StatusFlags
from tests.site import point, reading

from .ruled import POINT, Ruled, rule

NORMAL, OFFNORMAL = Condition.NORMAL, Condition.OFFNORMAL
HIGH, LOW, FAULT = Condition.HIGH_LIMIT, Condition.LOW_LIMIT, Condition.FAULT
BINARY = point("binary-input,1", kind=PointKind.BINARY, states=("Closed", "Open"))
MODE = point("msv,1", kind=PointKind.MULTI_STATE, states=("Off", "Heat", "Trip"))
FLAWED = reading(99.0, flags=StatusFlags(fault=True), reliability="open-loop")
UNREAD = reading(None, error="unknown-object")


@pytest.mark.parametrize(
    ("kind", "limits", "value", "expected"),
    [
        (RuleKind.HIGH, {"high": 26.0}, 26.1, HIGH),
        (RuleKind.HIGH, {"high": 26.0}, 26.0, NORMAL),
        (RuleKind.HIGH, {"high": 26.0, "low": 5.0}, 1.0, NORMAL),
        (RuleKind.LOW, {"low": 5.0}, 4.9, LOW),
        (RuleKind.LOW, {"low": 5.0}, 5.0, NORMAL),
        (RuleKind.LOW, {"low": 5.0, "high": 26.0}, 99.0, NORMAL),
        (RuleKind.OUT_OF_RANGE, {"low": 5.0, "high": 26.0}, 26.5, HIGH),
        (RuleKind.OUT_OF_RANGE, {"low": 5.0, "high": 26.0}, 4.5, LOW),
        (RuleKind.OUT_OF_RANGE, {"low": 5.0, "high": 26.0}, 20, NORMAL),
    ],
)
def test_limit_is_passed_beyond_it_only(
    kind: RuleKind, limits: dict[str, Any], value: float, expected: Condition
):
    assert Ruled(rule(kind, **limits)).see(value) is expected


def test_value_within_the_deadband_stays_in_alarm_and_does_not_raise_one():
    ruled = Ruled(rule(RuleKind.OUT_OF_RANGE, low=10.0, high=20.0, deadband=2.0))
    assert [ruled.see(value) for value in (19, 20.5, 18, 17.9)] == [
        NORMAL, HIGH, HIGH, NORMAL,
    ]  # fmt: skip
    assert [ruled.see(value) for value in (9, 12, 12.1)] == [LOW, LOW, NORMAL]
    assert [ruled.see(value) for value in (21, 9, 21)] == [HIGH, LOW, HIGH]


def test_value_that_jumps_and_stays_alarms_when_the_delay_is_over():
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, delay_seconds=60))
    assert ruled.see(30.0) is NORMAL
    assert ruled.wait(59.9) is NORMAL
    assert ruled.wait(0.2) is HIGH
    assert ruled.found == [(60.0, HIGH)]


def test_value_that_comes_back_in_time_never_was_an_alarm():
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, delay_seconds=60))
    ruled.see(30.0)
    ruled.wait(50)
    ruled.see(20.0)
    ruled.wait(5)
    ruled.see(30.0)
    assert ruled.wait(59) is NORMAL
    assert ruled.wait(1) is HIGH


def test_more_of_the_same_does_not_put_the_alarm_off():
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, delay_seconds=60))
    for value in range(30, 90):
        ruled.see(float(value))
        ruled.wait(1)
    assert ruled.found == [(60.0, HIGH)]


def test_clearing_has_a_delay_of_its_own():
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, clear_delay_seconds=30))
    assert ruled.see(30.0) is HIGH
    assert ruled.see(20.0) is HIGH
    assert ruled.wait(30) is NORMAL


@pytest.mark.parametrize("lost", [UNREAD, reading(None)])
def test_what_cannot_be_read_neither_raises_nor_clears(lost):
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0))
    assert ruled.see(lost) is NORMAL
    assert ruled.see(30.0) is HIGH
    assert ruled.see(lost) is HIGH
    assert ruled.see(20.0) is NORMAL


def test_device_that_went_silent_starts_the_delay_anew_when_it_is_back():
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, delay_seconds=60))
    ruled.see(30.0)
    ruled.wait(59)
    ruled.lose()
    assert ruled.wait(600) is NORMAL
    ruled.see(30.0)
    assert ruled.wait(59) is NORMAL
    assert ruled.wait(1) is HIGH


def test_faulty_sensor_is_a_fault_whatever_it_measures():
    ruled = Ruled(rule(RuleKind.LOW, low=5.0))
    assert ruled.see(FLAWED) is FAULT
    assert ruled.see(4.0) is LOW
    ruled = Ruled(rule(RuleKind.HIGH, high=26.0, faults=False))
    assert ruled.see(FLAWED) is HIGH


@pytest.mark.parametrize("state", ["Open", "open", True, 1, "active", "on"])
def test_binary_state_may_be_named_as_people_do(state: Any):
    ruled = Ruled(rule(RuleKind.STATE, alarm_states=(state,)), BINARY)
    assert ruled.see(True) is OFFNORMAL
    assert ruled.see(False) is NORMAL


def test_multi_state_point_has_states_of_alarm_and_of_fault():
    asked = rule(RuleKind.MULTI_STATE, alarm_states=("Heat",), fault_states=("trip", 7))
    ruled = Ruled(asked, MODE)
    assert [ruled.see(value) for value in (1, 2, 3, 7, 4)] == [
        NORMAL, OFFNORMAL, FAULT, FAULT, NORMAL,
    ]  # fmt: skip


def test_stale_point_has_no_value_or_a_device_that_does_not_answer():
    ruled = Ruled(rule(RuleKind.STALE, delay_seconds=10))
    ruled.see(UNREAD)
    assert ruled.wait(10) is OFFNORMAL
    assert ruled.see(20.0) is NORMAL
    ruled.lose()
    assert ruled.wait(10) is OFFNORMAL
    fresh = Ruled(rule(RuleKind.STALE))
    assert fresh.see(FLAWED) is NORMAL


def test_point_that_was_never_read_is_stale_unless_that_is_about_to_come():
    bound = bind(rule(RuleKind.STALE), None, None)
    assert find(bound, Inputs(reading=None), NORMAL) is OFFNORMAL
    assert find(bound, Inputs(reading=None, awaited=True), NORMAL) is None


def test_deviation_is_measured_from_the_other_point_both_ways():
    asked = rule(
        RuleKind.DEVIATION, other_point_id="n:1:x", tolerance=2.0, deadband=0.5
    )
    ruled = Ruled(asked)
    assert ruled.see(21.0) is NORMAL
    assert ruled.see(21.0, other=18.9) is HIGH
    assert ruled.see(20.5) is HIGH
    assert ruled.see(20.3) is NORMAL
    assert ruled.see(16.0) is LOW
    assert ruled.see(16.0, other=UNREAD) is LOW
    assert ruled.see(16.0, other=16.0) is NORMAL


@pytest.mark.parametrize(
    ("value", "command", "tolerance", "agrees"),
    [
        (True, True, 0.0, True),
        (False, True, 0.0, False),
        (2, 2, 0.0, True),
        (2, 3, 0.0, False),
        (48.0, 50.0, 5.0, True),
        (40.0, 50.0, 5.0, False),
        (21.400001, 21.4, 0.0, True),
        (True, 60.0, 0.0, True),
        (False, 60.0, 0.0, False),
        (False, 0.0, 0.0, True),
        ("Auto", "Auto", 0.0, True),
        ("Hand", "Auto", 0.0, False),
    ],
)
def test_feedback_has_to_follow_its_command(
    value: Any, command: Any, tolerance: float, *, agrees: bool
):
    asked = rule(RuleKind.COMMAND_MISMATCH, other_point_id="n:1:x", tolerance=tolerance)
    found = Ruled(asked).see(value, other=command)
    assert found is (NORMAL if agrees else OFFNORMAL)


def test_every_change_is_an_alarm_that_is_over_at_once():
    ruled = Ruled(rule(RuleKind.CHANGE), MODE)
    for value in (1, 1, 2, UNREAD, 2, 3):
        ruled.see(value)
    assert ruled.found == [(0.0, OFFNORMAL), (0.0, NORMAL)] * 2
    assert ruled.condition is NORMAL


def test_only_changes_to_named_states_count_where_some_are_named():
    ruled = Ruled(rule(RuleKind.CHANGE, alarm_states=("Trip",)), MODE)
    for value in (1, 2, 3, 1, 2):
        ruled.see(value)
    assert ruled.found == [(0.0, OFFNORMAL), (0.0, NORMAL)]


ENABLE = EnableCondition(
    point_id=BINARY.point_id, comparison=Comparison.EQUAL, value="open"
)


def test_rule_counts_only_while_its_condition_holds():
    asked = rule(
        RuleKind.LOW,
        low=18.0,
        delay_seconds=60,
        clear_delay_seconds=60,
        enable=ENABLE,
    )
    ruled = Ruled(asked, enabling=BINARY)
    ruled.see(10.0)
    assert ruled.wait(100) is NORMAL
    ruled.see(10.0, enabling=False)
    assert ruled.wait(100) is NORMAL
    ruled.see(10.0, enabling=True)
    assert ruled.wait(59) is NORMAL
    assert ruled.wait(1) is LOW
    assert ruled.see(10.0, enabling=UNREAD) is LOW
    assert ruled.see(10.0, enabling=False) is NORMAL


@pytest.mark.parametrize(
    ("comparison", "value", "holds"),
    [
        (Comparison.ABOVE, 51.0, True),
        (Comparison.ABOVE, 50.0, False),
        (Comparison.BELOW, 49.0, True),
        (Comparison.BELOW, 50.0, False),
        (Comparison.EQUAL, 50, True),
        (Comparison.NOT_EQUAL, 50, False),
        (Comparison.NOT_EQUAL, 51, True),
    ],
)
def test_enabling_point_may_be_compared_in_four_ways(
    comparison: Comparison, value: float, *, holds: bool
):
    enable = EnableCondition(point_id="n:1:x", comparison=comparison, value=50.0)
    ruled = Ruled(rule(RuleKind.HIGH, high=1.0, enable=enable))
    assert ruled.see(2.0, enabling=value) is (HIGH if holds else NORMAL)


def test_change_while_a_rule_does_not_count_is_no_alarm_later():
    ruled = Ruled(rule(RuleKind.CHANGE, enable=ENABLE), MODE, BINARY)
    ruled.see(1, enabling=False)
    ruled.see(2)
    ruled.see(2, enabling=True)
    assert ruled.found == []


LIMITS = rule(
    RuleKind.OUT_OF_RANGE,
    low=0.0,
    high=10.0,
    deadband=3.0,
    delay_seconds=5,
    clear_delay_seconds=7,
)
VALUES = st.one_of(
    st.floats(-5, 15), st.sampled_from([None, -1.0, 0.0, 3.0, 7.0, 10.0, 11.0])
)
TRACES = st.lists(st.tuples(VALUES, st.integers(0, 9)), min_size=1, max_size=40)


@given(TRACES)
def test_no_condition_comes_before_it_held_for_its_delay(trace):
    """At each instant, the rule says what a plain look back over the trace says."""
    ruled = Ruled(LIMITS)
    current, since, wanted, now = NORMAL, 0.0, NORMAL, 0.0
    for value, seconds in trace:
        ruled.see(value)
        for tick in range(seconds + 1):
            moment = now + tick
            bound = bind(LIMITS, POINT, None)
            found = find(bound, Inputs(reading=reading(value)), current)
            found = current if found is None else found
            if found is not wanted or found is current:
                wanted, since = found, moment
            if wanted is not current and moment - since >= (
                LIMITS.clear_delay_seconds if wanted is NORMAL else LIMITS.delay_seconds
            ):
                current = wanted
        now += seconds
        ruled.wait(seconds)
        assert ruled.condition is current


@given(TRACES, st.floats(10.1, 100))
def test_whatever_was_before_a_value_that_stays_alarms_after_the_delay(trace, value):
    ruled = Ruled(LIMITS)
    for each, seconds in trace:
        ruled.see(each)
        ruled.wait(seconds)
    ruled.see(value)
    assert ruled.wait(LIMITS.delay_seconds) is HIGH


@given(values=st.lists(st.floats(7.0, 10.0), max_size=30), alarmed=st.booleans())
def test_values_within_the_deadband_change_nothing(values, *, alarmed: bool):
    ruled = Ruled(replace(LIMITS, delay_seconds=0, clear_delay_seconds=0))
    ruled.see(11.0 if alarmed else 5.0)
    before = ruled.condition
    assert {ruled.see(value) for value in values} <= {before}

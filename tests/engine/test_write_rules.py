"""What may be written as what, and what a read-back proves."""

import math
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.errors import WriteRefusedError
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointValue,
    Verdict,
)
from custom_components.plantroom.engine.write_rules import (
    MAX_REAL,
    MAX_TEXT_OCTETS,
    RESERVED_PRIORITIES,
    ReadBack,
    check_write,
    judge,
    same_value,
)
from tests.site import point

ANALOG = point("analog-value,1", minimum=10.0, maximum=30.0)
UNLIMITED = point("analog-value,2")
BINARY = point("binary-value,1", kind=PointKind.BINARY, states=("Aus", "Ein"))
MODE = point(
    "multi-state-value,1", kind=PointKind.MULTI_STATE, states=("Auto", "Day", "Night")
)
NUMBERED = point("multi-state-value,2", kind=PointKind.MULTI_STATE, maximum=5)
WHOLE = point("integer-value,1", kind=PointKind.INTEGER)
TEXT = point("characterstring-value,1", kind=PointKind.TEXT)


def check(
    subject: Point, value: PointValue, priority: int = 8, **facts: Any
) -> PointValue:
    allowed = {"allow_reserved": False, "allow_plain": False} | facts
    return check_write(subject, value, priority, **allowed)


def refusal(subject: Point, value: PointValue, priority: int = 8) -> str:
    with pytest.raises(WriteRefusedError) as caught:
        check(subject, value, priority)
    assert caught.value.facts["reason"] == caught.value.reason
    assert caught.value.facts["point"] == subject.name
    assert subject.point_id in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("subject", "value", "expected"),
    [
        (ANALOG, 21.5, 21.5),
        (ANALOG, 21, 21.0),
        (ANALOG, 10.0, 10.0),
        (ANALOG, 30, 30.0),
        (UNLIMITED, -MAX_REAL, -MAX_REAL),
        (BINARY, True, True),
        (BINARY, 0, False),
        (BINARY, 1.0, True),
        (BINARY, "ein", True),
        (BINARY, "Aus", False),
        (BINARY, "ON", True),
        (BINARY, "inactive", False),
        (MODE, 1, 1),
        (MODE, 3.0, 3),
        (MODE, "Night", 3),
        (NUMBERED, 5, 5),
        (WHOLE, -7, -7),
        (WHOLE, 7.0, 7),
        (TEXT, "", ""),
        (TEXT, "ü" * (MAX_TEXT_OCTETS // 2), "ü" * (MAX_TEXT_OCTETS // 2)),
        (ANALOG, None, None),
    ],
)
def test_value_is_converted_to_what_the_device_takes(
    subject: Point, value: PointValue, expected: PointValue
):
    converted = check(subject, value)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("subject", "value", "reason"),
    [
        (ANALOG, 9.99, "below_minimum"),
        (ANALOG, 30.01, "above_maximum"),
        (ANALOG, "21", "invalid_value"),
        (ANALOG, True, "invalid_value"),
        (UNLIMITED, math.nan, "invalid_value"),
        (UNLIMITED, math.inf, "invalid_value"),
        (UNLIMITED, -math.inf, "invalid_value"),
        (UNLIMITED, 1e39, "invalid_value"),
        (UNLIMITED, 10**400, "invalid_value"),
        (BINARY, 2, "invalid_value"),
        (BINARY, "Halb", "invalid_value"),
        (BINARY, "", "invalid_value"),
        (BINARY, math.nan, "invalid_value"),
        (MODE, 0, "invalid_value"),
        (MODE, 4, "invalid_value"),
        (MODE, 1.5, "invalid_value"),
        (MODE, True, "invalid_value"),
        (MODE, "night", "invalid_value"),
        (MODE, math.inf, "invalid_value"),
        (NUMBERED, 6, "invalid_value"),
        (NUMBERED, 10**400, "invalid_value"),
        (WHOLE, 1.5, "invalid_value"),
        (WHOLE, math.nan, "invalid_value"),
        (WHOLE, 2**64, "invalid_value"),
        (WHOLE, 10**400, "invalid_value"),
        (TEXT, 5, "invalid_value"),
        (TEXT, "x" * (MAX_TEXT_OCTETS + 1), "invalid_value"),
        (TEXT, "\ud800", "invalid_value"),
    ],
)
def test_value_a_device_cannot_take_is_refused(
    subject: Point, value: PointValue, reason: str
):
    assert refusal(subject, value) == reason


def test_limit_and_value_complete_the_message():
    with pytest.raises(WriteRefusedError) as caught:
        check(ANALOG, 31.0)
    assert caught.value.facts["limit"] == "30.0"
    assert caught.value.facts["value"] == "31.0"


def test_binary_without_texts_is_never_turned_off_by_an_empty_word():
    assert refusal(replace(BINARY, states=("", "")), "") == "invalid_value"


def test_own_text_of_a_binary_wins_over_the_common_word():
    inverted = replace(BINARY, states=("On", "Off"))
    assert check(inverted, "on") is False


@pytest.mark.parametrize("limit", [math.nan, None])
def test_limit_that_says_nothing_limits_nothing(limit: float | None):
    assert check(replace(ANALOG, minimum=limit, maximum=limit), 1e6) == 1e6


@pytest.mark.parametrize("priority", range(1, 17))
def test_reserved_priorities_are_refused_unless_they_are_meant(priority: int):
    if priority in RESERVED_PRIORITIES:
        assert refusal(ANALOG, 20.0, priority) == "reserved_priority"
        assert refusal(ANALOG, None, priority) == "reserved_priority"
    assert check(ANALOG, 20.0, priority, allow_reserved=True) == 20.0


def test_reserved_priorities_are_those_of_the_standard():
    assert {1, 2, 5, 6} == RESERVED_PRIORITIES


@pytest.mark.parametrize("priority", [0, 17, -8])
def test_priority_outside_the_array_is_refused(priority: int):
    assert refusal(ANALOG, 20.0, priority) == "priority"


def test_read_only_point_is_never_written():
    measured = replace(ANALOG, access=Access.READ_ONLY)
    assert refusal(measured, 20.0) == "not_writable"
    with pytest.raises(WriteRefusedError, match="cannot be written"):
        check(measured, 20.0, allow_plain=True, allow_reserved=True)


def test_plain_point_is_written_only_where_that_is_allowed_and_never_released():
    plain = replace(ANALOG, access=Access.PLAIN)
    assert refusal(plain, 20.0) == "not_writable"
    assert check(plain, 20.0, allow_plain=True) == 20.0
    with pytest.raises(WriteRefusedError) as caught:
        check(plain, None, allow_plain=True)
    assert caught.value.reason == "not_commandable"


@given(
    st.sampled_from([ANALOG, UNLIMITED, BINARY, MODE, NUMBERED, WHOLE, TEXT]),
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
)
def test_whatever_is_asked_for_is_converted_or_refused(subject: Point, value: Any):
    try:
        converted = check(subject, value)
    except WriteRefusedError:
        return
    assert check(subject, converted) == converted


def array(**slots: PointValue) -> tuple[PointValue, ...]:
    """Return 16 slots; p8=21.0 puts 21.0 at priority 8."""
    return tuple(slots.get(f"p{number}") for number in range(1, 17))


@pytest.mark.parametrize(
    ("value", "priority", "read_back", "expected"),
    [
        (21.0, 8, ReadBack(present_value=21.0, priority_array=array(p8=21.0)),
         (Verdict.VERIFIED, "", None)),
        (21.0, 8, ReadBack(present_value=21.0, priority_array=array(p8=21.0, p10=5.0)),
         (Verdict.VERIFIED, "", None)),
        (21.0, 8, ReadBack(present_value=5.0, priority_array=array(p5=5.0, p8=21.0)),
         (Verdict.OVERRIDDEN, "", 5)),
        (21.0, 8, ReadBack(present_value=21.0, priority_array=array(p5=21.0, p8=21.0)),
         (Verdict.OVERRIDDEN, "", 5)),
        (False, 8, ReadBack(present_value=False, priority_array=array(p1=False, p8=False)),
         (Verdict.OVERRIDDEN, "", 1)),
        (21.0, 8, ReadBack(present_value=20.0, priority_array=array(p8=20.0)),
         (Verdict.FAILED, "value-not-taken", None)),
        (21.0, 8, ReadBack(present_value=21.0, priority_array=array(p16=21.0)),
         (Verdict.FAILED, "value-not-taken", None)),
        (21.0, 8, ReadBack(present_value=19.0, priority_array=array(p8=21.0)),
         (Verdict.FAILED, "present-value-differs", None)),
        (21.0, None, ReadBack(present_value=21.0), (Verdict.VERIFIED, "", None)),
        (21.0, None, ReadBack(present_value=20.0),
         (Verdict.FAILED, "value-not-taken", None)),
        (21.0, 8, ReadBack(present_value=21.0), (Verdict.VERIFIED, "", None)),
        (21.0, 8, ReadBack(), (Verdict.FAILED, "value-not-taken", None)),
        (None, 8, ReadBack(present_value=5.0, priority_array=array(p9=5.0)),
         (Verdict.VERIFIED, "", None)),
        (None, 8, ReadBack(present_value=5.0, priority_array=array(p5=1.0)),
         (Verdict.VERIFIED, "", None)),
        (None, 8, ReadBack(present_value=5.0, priority_array=array(p8=5.0)),
         (Verdict.FAILED, "not-released", None)),
        (None, 8, ReadBack(present_value=5.0), (Verdict.FAILED, "not-read-back", None)),
    ],
)  # fmt: skip
def test_verdict_follows_from_what_is_read_back(
    value: PointValue, priority: int | None, read_back: ReadBack, expected: Any
):
    assert judge(value, priority, read_back) == expected


def test_priority_in_command_is_the_strongest_that_holds_a_value():
    read_back = ReadBack(priority_array=array(p8=False, p12=True))
    assert read_back.priority_in_command == 8
    assert ReadBack(priority_array=array()).priority_in_command is None
    assert ReadBack().priority_in_command is None


@given(st.floats(min_value=-1e30, max_value=1e30))
def test_number_that_went_through_a_real_is_still_the_same(value: float):
    (found,) = struct.unpack(">f", struct.pack(">f", value))
    assert same_value(value, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (21.0, 21.001),
        (True, False),
        (True, "inactive"),
        (True, None),
        (False, None),
        (1, 2),
        (True, 2),
        ("a", "b"),
        (0.0, None),
        (5.0, math.nan),
    ],
)
def test_different_values_are_not_the_same(wanted: PointValue, found: PointValue):
    assert not same_value(wanted, found)

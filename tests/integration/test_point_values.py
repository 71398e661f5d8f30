"""Present values as entities show them, and what people type."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.point_names import entity_name
from custom_components.plantroom.point_values import (
    number_of,
    option_of,
    shown_number,
    shown_switch,
    shown_text,
    state_of,
    state_options,
    switch_of,
)

from .office import point

OPTIONS = ("Off", "Heat", "Cool")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_number_shown_is_the_same_single(value):
    assert struct.pack("<f", shown_number(value)) == struct.pack("<f", value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (21.399999618530273, 21.4),
        (1000.0000610351562, 1000.00006),
        (16777217, 16777217),
        (123456789.125, 123456789.125),
        (0.1 + 0.2, 0.1 + 0.2),
        (float("inf"), None),
        (True, None),
        ("21", None),
    ],
)
def test_number_is_shown_without_noise_or_not_at_all(value, shown):
    assert shown_number(value) == shown


def test_double_beyond_single_is_left_alone():
    assert shown_number(1.5e300 / 7) == 1.5e300 / 7
    assert shown_number(4.0e38 + 0.0) == 4.0e38


def test_state_n_is_option_n_from_one_on():
    for number, option in enumerate(OPTIONS, start=1):
        assert option_of(number, OPTIONS) == option
        assert state_of(option, OPTIONS) == number
        assert state_of(str(number), OPTIONS) == number


@pytest.mark.parametrize("given_value", ["Dry", 0, 4, 1.5, True, "1.5", float("nan")])
def test_what_is_no_state_is_none(given_value):
    assert state_of(given_value, OPTIONS) is None


@pytest.mark.parametrize(
    ("states", "count", "options"),
    [
        (("A", "A", "A"), None, ("A", "A (2)", "A (3)")),
        (("A", "A (3)", "A"), None, ("A", "A (3)", "A (3) (3)")),
        (("", " b "), None, ("1", "b")),
        ((), 2.0, ("1", "2")),
        ((), None, ()),
        ((), 1e9, ()),
    ],
)
def test_options_are_unique_and_never_empty(states, count, options):
    made = state_options(states, count)
    assert len(set(made)) == len(made)
    assert made == options


@pytest.mark.parametrize(
    ("typed", "number"),
    [("21,5", 21.5), ("7", 7), (3, 3), ("x", None), ("inf", None), (True, None)],
)
def test_typed_numbers(typed, number):
    assert number_of(typed) == number


@pytest.mark.parametrize(
    ("typed", "active"),
    [
        ("on", True),
        ("Stopped", False),
        ("RUNNING", True),
        (1, True),
        ("x", None),
        (2, None),
    ],
)
def test_typed_switches(typed, active):
    assert switch_of(typed, ("Stopped", "Running")) is active


def test_switch_shows_only_on_and_off():
    assert [shown_switch(v) for v in (True, 0, 2, "on", None)] == [
        True, False, None, None, None,
    ]  # fmt: skip
    assert shown_text(None) is None


@pytest.mark.parametrize(
    ("name", "device", "shown"),
    [
        ("AHU-1.SupplyTemp", "AHU-1", "SupplyTemp"),
        ("ahu-1 / Supply", "AHU-1", "Supply"),
        ("AHU-10.SupplyTemp", "AHU-1", "AHU-10.SupplyTemp"),
        ("AHU-1", "AHU-1", "AHU-1"),
        ("AHU-1.", "AHU-1", "AHU-1."),
        ("AHU1.SupplyTemp", "AHU-1", "SupplyTemp"),
        ("VAV 01/Setpoint", "VAV-01", "Setpoint"),
        ("VAV011.Setpoint", "VAV-01", "VAV011.Setpoint"),
        ("Supply\n temp", "", "Supply temp"),
        ("", "AHU-1", "A description"),
    ],
)
def test_name_loses_the_devices_only_at_a_separator(name, device, shown):
    item = point("analog-input,1", name or " ", description="A description")
    assert entity_name(item, device, from_description=False) == shown


def test_point_without_any_text_is_called_by_its_reference():
    assert entity_name(point("loop,3", " "), "", from_description=True) == "loop,3"

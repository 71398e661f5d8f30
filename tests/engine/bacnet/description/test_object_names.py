"""Texts from devices are clean, never empty and told apart."""

import pytest

from custom_components.plantroom.engine.bacnet.description.object_names import (
    binary_texts,
    clean_text,
    state_texts,
    unique_names,
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Supply\tair \r\n", "Supply air"),
        ("Room\x00\x00", "Room"),
        ("a\u202eb\ud800c\ufeff", "a b c"),
        ("Außenluft 温度 ½", "Außenluft 温度 ½"),
        ("x" * 400, "x" * 255),
        (b"octets", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_text_is_made_fit_to_show(text, clean):
    assert clean_text(text) == clean


def test_name_used_twice_gets_its_reference():
    names = [("analog-input,1", "Temp"), ("analog-input,2", "Temp"), ("loop,1", "PID")]
    assert unique_names(names) == [
        "Temp (analog-input,1)",
        "Temp (analog-input,2)",
        "PID",
    ]


def test_empty_name_becomes_the_reference():
    names = [("analog-input,1", ""), ("analog-input,2", "")]
    assert unique_names(names) == ["analog-input,1", "analog-input,2"]


def test_long_name_used_twice_stays_within_255():
    names = unique_names([("analog-input,1", "n" * 255), ("analog-input,2", "n" * 255)])
    assert len(set(names)) == 2
    assert all(len(name) == 255 for name in names)


def test_missing_state_texts_are_numbered():
    assert state_texts(["Off", "", None], 5) == (
        "Off", "State 2", "State 3", "State 4", "State 5",
    )  # fmt: skip


def test_state_texts_used_twice_get_their_number():
    assert state_texts(["Spare", "On", "Spare"], 3) == ("Spare (1)", "On", "Spare (3)")


def test_states_end_at_their_number():
    assert state_texts(["a", "b", "c"], 2) == ("a", "b")


@pytest.mark.parametrize("count", [None, 0, -1])
def test_without_a_number_of_states_the_texts_count(count):
    assert state_texts(["a", "b"], count) == ("a", "b")


def test_absurd_number_of_states_is_cut():
    assert len(state_texts([], 4_000_000_000)) == 1000


@pytest.mark.parametrize(
    ("inactive", "active", "texts"),
    [
        ("Off", "On", ("Off", "On")),
        ("", "Running", ("Inactive", "Running")),
        ("Stopped", None, ("Stopped", "Active")),
        ("", "", ()),
        ("Same", "Same", ()),
    ],
)
def test_binary_texts(inactive, active, texts):
    assert binary_texts(inactive, active) == texts

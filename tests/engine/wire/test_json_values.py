"""Values come out of JSON exactly as they went in."""

import json
from typing import Any

import pytest
from hypothesis import given

from custom_components.plantroom.engine.wire.json_values import (
    read_json,
    tree_from_json,
    tree_to_json,
    value_from_json,
    value_to_json,
    write_json,
)

from .shapes import point_values, trees


@given(point_values)
def test_point_value_keeps_its_type_and_every_digit(value: Any):
    text = write_json(value_to_json(value))
    assert repr(value_from_json(read_json(text))) == repr(value)


@given(trees)
def test_value_with_parts_keeps_them_whatever_their_keys_look_like(value: Any):
    text = write_json(tree_to_json(value))
    assert repr(tree_from_json(read_json(text))) == repr(value)


@given(trees)
def test_what_is_written_is_json_that_anybody_can_read(value: Any):
    text = write_json(tree_to_json(value))
    assert text.isascii()
    assert json.loads(text, parse_constant=pytest.fail) is not pytest


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "nan", "NaN", "[Infinity]", '{"a":', "\xff",
        pytest.param("1" * 5000, id="long"), pytest.param("[" * 100_000, id="deep"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_a_value_error(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        read_json(text)


@pytest.mark.parametrize(
    "data",
    [[], {}, {"$float": 1}, {"$float": "1"}, {"$float": "nan", "a": 1}, {"a": 1}],
)
def test_point_value_is_none_of_these(data: Any):
    with pytest.raises(ValueError, match="is not a number"):
        value_from_json(data)

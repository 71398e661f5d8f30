"""An error that crosses the wire is of the same class, with its message and facts."""

from typing import Any

import pytest

from custom_components.plantroom.engine import errors
from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
    DeviceRefusedError,
    PlantroomError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.wire.error_codec import (
    ERROR_TYPES,
    error_from_json,
    error_to_json,
)
from custom_components.plantroom.engine.wire.json_values import read_json, write_json

CLASSES = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, PlantroomError)
]
FACTS: dict[type, dict[str, str]] = {
    DeviceRefusedError: {"device": "n:1", "reason": "unknown-object"},
    CertificateRefusedError: {"reason": "expired", "date": "2026-11-21"},
    WriteRefusedError: {"reason": "priority", "priority": "1"},
}


def test_codes_are_used_once():
    assert len({each.code for each in CLASSES}) == len(CLASSES) == len(ERROR_TYPES)


@pytest.mark.parametrize("error_type", CLASSES, ids=lambda each: each.code)
def test_error_comes_out_as_the_same_class_with_its_facts(error_type: Any):
    err = error_type("Größe", **FACTS.get(error_type, {"device": "n:1", "a": None}))
    back = error_from_json(read_json(write_json(error_to_json(err))))
    assert type(back) is error_type
    assert (str(back), back.facts, vars(back)) == (str(err), err.facts, vars(err))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"code": "new_in_2030", "message": "m", "facts": {"a": "b"}}, "m"),
        ({"code": "device_refused", "message": "m", "facts": {}}, "m"),
        ({"code": "device", "message": "m", "facts": {"message": "x"}}, "m"),
        ({"code": "device", "message": "m", "facts": {"self": "x"}}, "m"),
        ({"code": "device"}, "The other side sent an error that cannot be read"),
        (None, "The other side sent an error that cannot be read"),
    ],
)
def test_error_that_is_not_understood_is_an_error_all_the_same(data: Any, message: str):
    err = error_from_json(data)
    assert type(err) is PlantroomError
    assert str(err) == message

"""The published schema says what the loader says: an editor's word can be trusted."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    profile_from_dict,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "device-profile.schema.json").read_text())
PROFILES = sorted(SHIPPED.glob("*.json"))
PROFILE: dict[str, Any] = {
    "$schema": "https://example.org/device-profile.schema.json",
    "id": "acme-meter",
    "maker": "Acme",
    "model": "Meter",
    "kind": "electricity_meter",
    "source": {"document": "Acme Meter, register list"},
    "points": [{"key": "voltage", "name": "Voltage", "address": 0}],
    "identification": {"registers": [{"address": 9, "equals": [7]}]},
    "limits": {"gap": 4, "holes": [["holding", 5, 9]]},
    "tests": [{"registers": {"holding": {"0": [230]}}, "expect": {}, "source": "p. 1"}],
}
BROKEN = [
    ("id", "Acme Meter"),
    ("kind", "toaster"),
    ("points", []),
    ("points", [{"key": "voltage", "name": "Voltage"}]),
    ("points", [{"key": "Voltage", "name": "Voltage", "address": 0}]),
    ("points", [{"key": "voltage", "name": "Voltage", "address": 65536}]),
    ("points", [{"key": "voltage", "name": "Voltage", "address": "0"}]),
    ("points", [{"key": "voltage", "name": "Voltage", "address": 0, "colour": 1}]),
    ("points", [{"key": "voltage", "name": "V", "address": 0, "space": "memory"}]),
    ("points", [{"key": "voltage", "name": "V", "address": 0, "states": {"a": "b"}}]),
    ("points", [{"key": "voltage", "name": "V", "address": 0, "category": "x"}]),
    ("source", {}),
    ("source", {"document": "x", "page": 1}),
    ("limits", {"registers": "many"}),
    ("limits", {"holes": [["holding", 5]]}),
    ("tests", [{"registers": {"memory": {}}, "expect": {}, "source": "x"}]),
    ("colour", "red"),
]


def is_valid(data: object) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(data))


def test_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_profile_is_valid(path: Path):
    faults = Draft202012Validator(SCHEMA).iter_errors(json.loads(path.read_text()))
    assert [fault.message for fault in faults] == []


def test_profile_is_taken_by_both():
    assert is_valid(PROFILE)
    assert profile_from_dict(PROFILE).id == "acme-meter"


@pytest.mark.parametrize(("key", "value"), BROKEN, ids=str)
def test_broken_profile_is_refused_by_both(key: str, value: object):
    broken = {**deepcopy(PROFILE), key: value}
    assert not is_valid(broken)
    with pytest.raises(ConfigurationError):
        profile_from_dict(broken)


@pytest.mark.parametrize("key", ["id", "maker", "model", "kind", "source", "points"])
def test_missing_key_is_refused_by_both(key: str):
    broken = {name: value for name, value in PROFILE.items() if name != key}
    assert not is_valid(broken)
    with pytest.raises(ConfigurationError):
        profile_from_dict(broken)

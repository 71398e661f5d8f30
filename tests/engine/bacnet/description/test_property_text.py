"""Any property's value, as a person reads it."""

import json
import math

import pytest

from custom_components.plantroom.engine.bacnet.description.property_text import (
    readable_property,
)
from custom_components.plantroom.engine.bacnet.names.property_ids import property_number
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Date,
    Double,
    Enumerated,
    ObjectId,
    Primitive,
    Signed,
    Time,
)
from custom_components.plantroom.engine.bacnet.octets.rpm import PropertyRef

FLAGS = {"in-alarm": False, "fault": True, "overridden": False, "out-of-service": False}


def read(property_name: str, *values: Primitive, index: int | None = None):
    ref = PropertyRef(0, 1, property_number(property_name), index)
    shown = readable_property(ref, values)
    json.dumps(shown, allow_nan=False)
    return shown


@pytest.mark.parametrize(
    ("property_name", "values", "shown"),
    [
        ("present-value", (21.5,), 21.5),
        ("present-value", (Double(0.1),), 0.1),
        ("present-value", (Signed(-3),), -3),
        ("present-value", (Enumerated(1),), 1),
        ("present-value", (math.inf,), "inf"),
        ("present-value", (None,), None),
        ("present-value", (), []),
        ("out-of-service", (True,), True),
        ("object-name", ("Supply",), "Supply"),
        ("units", (Enumerated(62),), "degrees-celsius"),
        ("units", (Enumerated(95),), "no-units"),
        ("reliability", (Enumerated(200),), "reliability-200"),
        ("segmentation-supported", (Enumerated(3),), "no-segmentation"),
        ("object-identifier", (ObjectId(0, 1),), "analog-input,1"),
        ("object-list", (ObjectId(8, 5),), ["device,5"]),
        ("state-text", ("Off",), ["Off"]),
        ("local-date", (Date(2026, 11, 21, 6),), "2026-11-21"),
        ("effective-period", (Date(None, 13, None, 1),), "*-13-*"),
        ("local-time", (Time(7, 5, 0, 0),), "07:05:00"),
        ("local-time", (Time(7, 5, 9, 50),), "07:05:09.50"),
        ("present-value", (Date(2026, 1, 2, 5), Time(3, 4, 5, 0)), "2026-01-02T03:04:05"),
        ("status-flags", (BitString((False, True, False, False)),), FLAGS),
        ("status-flags", (BitString((False, True)),), FLAGS | {"overridden": False}),
        ("present-value", (BitString((True, False)),), [True, False]),
        ("mac-address", (b"\xc0\xa8",), "c0a8"),
    ],
)  # fmt: skip
def test_value_is_shown(property_name, values, shown):
    assert read(property_name, *values) == shown


def test_priority_array_is_a_list_with_null_where_relinquished():
    values = [None] * 7 + [21.5] + [None] * 8
    assert read("priority-array", *values) == values


def test_one_element_of_an_array_is_no_list():
    assert read("priority-array", 21.5, index=8) == 21.5


def test_long_bit_string_is_a_list_of_names():
    bits = BitString(tuple(number in {5, 12, 14} for number in range(60)))
    assert read("protocol-services-supported", bits) == [
        "subscribe-cov",
        "read-property",
        "read-property-multiple",
    ]


def test_structure_shows_its_tags():
    raw = Constructed(bytes.fromhex("0e 0c 00000001 0f".replace(" ", "")))
    assert read("log-device-object-property", raw) == [
        {"tag": 0, "value": [{"tag": 0, "value": "00000001"}]}
    ]


def test_broken_structure_is_shown_as_octets():
    assert read("recipient-list", Constructed(b"\x0e")) == ["0e"]

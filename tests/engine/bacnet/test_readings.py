import math

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Enumerated,
)
from custom_components.plantroom.engine.bacnet.readings import (
    differs,
    flags_of_bits,
    value_of,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
    StatusFlags,
)


def point(kind: PointKind, **more: float) -> Point:
    return Point(
        point_id="n:1:x,1",
        device_id="n:1",
        reference="x,1",
        kind=kind,
        role=PointRole.VALUE,
        access=Access.READ_ONLY,
        name="X",
        **more,
    )


@pytest.mark.parametrize(
    ("kind", "raw", "value", "error"),
    [
        (PointKind.ANALOG, 21.5, 21.5, ""),
        (PointKind.ANALOG, 21, 21, ""),
        (PointKind.ANALOG, math.nan, None, "value-not-finite"),
        (PointKind.ANALOG, math.inf, None, "value-not-finite"),
        (PointKind.ANALOG, "warm", None, "invalid-data-type"),
        (PointKind.ANALOG, None, None, "no-value"),
        (PointKind.ANALOG, Constructed(b"\x0e\x0f"), None, "invalid-data-type"),
        (PointKind.BINARY, Enumerated(1), True, ""),
        (PointKind.BINARY, Enumerated(0), False, ""),
        (PointKind.MULTI_STATE, 3, 3, ""),
        (PointKind.INTEGER, -4, -4, ""),
        (PointKind.COUNTER, 12, 12, ""),
        (PointKind.TEXT, "auto", "auto", ""),
        (PointKind.TEXT, 5, "5", ""),
    ],
)
def test_a_present_value_becomes_what_its_kind_wants(kind, raw, value, error):
    assert value_of(point(kind), raw) == (value, error)
    found, _ = value_of(point(kind), raw)
    assert type(found) is type(value)


def test_a_counter_is_multiplied_with_its_scale():
    assert value_of(point(PointKind.COUNTER, scale=0.1), 123) == (12.3, "")


def test_status_flags_keep_the_order_of_the_standard():
    bits = BitString((True, False, False, True))
    assert flags_of_bits(bits) == StatusFlags(in_alarm=True, out_of_service=True)


def test_missing_status_flags_are_not_set():
    assert flags_of_bits(BitString((False, True))) == StatusFlags(fault=True)
    assert flags_of_bits(BitString(())) == StatusFlags()


@pytest.mark.parametrize(
    ("a", "b", "tolerance", "expected"),
    [
        (1.0, 1.05, 0.1, False),
        (1.0, 1.2, 0.1, True),
        (False, True, 0.0, True),
        ("a", "b", 5.0, True),
        ("a", "a", 0.0, False),
        (None, 1.0, 5.0, True),
    ],
)
def test_values_differ_when_further_apart_than_the_tolerance(a, b, tolerance, expected):
    assert differs(a, b, tolerance) is expected

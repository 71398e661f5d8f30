"""Rules of turning a present value into a point's."""

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Date,
    Double,
    Enumerated,
    ObjectId,
    Signed,
    Time,
)
from custom_components.plantroom.engine.bacnet.point_values import point_value


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), None),
        ((None,), None),
        ((True,), True),
        ((Enumerated(1),), 1),
        ((Signed(-3),), -3),
        ((Double(0.1),), 0.1),
        (("on",), "on"),
        ((b"\x01\xff",), "01ff"),
        ((BitString((True, False)),), "10"),
        ((ObjectId(8, 5),), "8,5"),
        ((Date(2026, 11, 21, 6), Time(9, 5, None, None)), "2026-11-21 09:05:*"),
        ((Constructed(b"\x09\x05"),), "0905"),
    ],
)
def test_value_is_plain_or_text(values, expected):
    value = point_value(values)
    assert value == expected
    assert type(value) is type(expected)

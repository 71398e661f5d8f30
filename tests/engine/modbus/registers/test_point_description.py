"""What a register is to everybody else."""

from typing import Any

import pytest

from custom_components.plantroom.engine.modbus.registers.point_description import (
    describe_point,
    with_words_swapped,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.models import (
    Access,
    PointKind,
    PointRole,
    Quantity,
)

from ..register_points import register

COIL = {"space": Space.COIL, "type": ValueType.BOOL}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, PointKind.INTEGER),
        ({"unit": "percent"}, PointKind.ANALOG),
        ({"scale": 0.1}, PointKind.ANALOG),
        ({"offset": 0.5}, PointKind.ANALOG),
        ({"scale": 10.0}, PointKind.INTEGER),
        ({"exponent_address": 4}, PointKind.ANALOG),
        ({"type": ValueType.FLOAT32}, PointKind.ANALOG),
        ({"counter": True, "unit": "kilowatt-hours"}, PointKind.COUNTER),
        ({"states": {"0": "Off"}}, PointKind.MULTI_STATE),
        ({"type": ValueType.STRING}, PointKind.TEXT),
        ({"type": ValueType.BOOL, "bit": 3}, PointKind.BINARY),
        (COIL, PointKind.BINARY),
    ],
)
def test_the_kind_follows_from_what_the_register_holds(
    facts: dict[str, Any], kind: PointKind
):
    assert describe_point("l:1", register(**facts)).kind is kind


@pytest.mark.parametrize(
    ("facts", "role", "access"),
    [
        ({}, PointRole.INPUT, Access.READ_ONLY),
        ({"writable": True}, PointRole.VALUE, Access.PLAIN),
        (COIL | {"writable": True}, PointRole.OUTPUT, Access.PLAIN),
        (COIL, PointRole.INPUT, Access.READ_ONLY),
    ],
)
def test_role_and_access_follow_from_what_may_be_written(
    facts: dict[str, Any], role: PointRole, access: Access
):
    point = describe_point("l:1", register(**facts))
    assert (point.role, point.access) == (role, access)


def test_what_a_map_says_is_said():
    point = describe_point(
        "l:1",
        register(
            "flow",
            description="Supply",
            unit="liters-per-second",
            minimum=1,
            maximum=9,
            scale=0.01,
            quantity=Quantity.WATER,
            enabled=False,
            category="diagnostic",
        ),
    )
    assert (point.point_id, point.reference, point.name) == ("l:1:flow", "flow", "flow")
    assert (point.description, point.unit) == ("Supply", "liters-per-second")
    assert (point.minimum, point.maximum, point.resolution) == (1, 9, 0.01)
    assert (point.quantity, point.enabled) == (Quantity.WATER, False)
    assert point.category == "diagnostic"


@pytest.mark.parametrize(
    ("facts", "resolution"),
    [
        ({"scale": -0.1}, 0.1),
        ({"scale": 0.1, "step": 0.5}, 0.5),
        ({"type": ValueType.FLOAT32}, None),
        ({"exponent_address": 3}, None),
        ({"states": {"1": "On"}}, None),
        ({"type": ValueType.STRING}, None),
    ],
)
def test_the_resolution_is_what_a_count_is_worth(
    facts: dict[str, Any], resolution: float | None
):
    assert describe_point("l:1", register(**facts)).resolution == resolution


@pytest.mark.parametrize(
    ("facts", "rollover"),
    [
        ({}, 65536.0),
        ({"type": ValueType.UINT32, "scale": 0.01}, 42949672.96),
        ({"type": ValueType.INT32}, 2147483648.0),
        ({"type": ValueType.BCD32, "scale": 0.1}, 10_000_000.0),
        ({"bit": 0, "bits": 12}, 4096.0),
        ({"type": ValueType.UINT32, "rollover": 1e6}, 1e6),
        ({"type": ValueType.FLOAT32}, None),
        ({"exponent_address": 7}, None),
        ({"counter": False}, None),
    ],
)
def test_a_counter_wraps_where_its_type_ends(
    facts: dict[str, Any], rollover: float | None
):
    point = describe_point("l:1", register(**{"counter": True} | facts))
    assert point.rollover == (None if rollover is None else pytest.approx(rollover))


def test_states_are_in_the_order_of_their_raw_values_and_unique():
    point = register(states={"10": "On", "2": "Off", "-1": "On", "3": ""})
    states = describe_point("l:1", point).states
    assert states == ("On (-1)", "Off", "(3)", "On (10)")


def test_a_bool_has_two_states_or_none():
    assert describe_point("l:1", register(**COIL)).states == ()
    named = register(**COIL | {"states": {"1": "Open", "0": "Closed"}})
    assert describe_point("l:1", named).states == ("Closed", "Open")


@pytest.mark.parametrize("kind", [ValueType.FLOAT32, ValueType.UINT64, ValueType.BCD32])
def test_words_are_swapped_where_there_are_several(kind: ValueType):
    point = register(type=kind)
    assert with_words_swapped(point).word_order is Order.LITTLE
    assert with_words_swapped(with_words_swapped(point)) == point


@pytest.mark.parametrize("facts", [{}, {"type": ValueType.STRING, "length": 4}])
def test_texts_and_single_words_have_no_word_order(facts: dict[str, Any]):
    assert with_words_swapped(register(**facts)) == register(**facts)

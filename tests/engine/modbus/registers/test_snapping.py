"""What a register can hold of a value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.modbus.registers.register_map import ValueType
from custom_components.plantroom.engine.modbus.registers.snapping import snap

from ..register_points import register


@pytest.mark.parametrize(
    ("facts", "value", "held"),
    [
        ({"scale": 0.1}, 21.37, 21.4),
        ({"scale": 0.1}, 21.35, 21.4),
        ({"scale": 0.1}, 21.25, 21.3),
        ({"scale": 0.1, "step": 0.5}, 21.37, 21.5),
        ({"scale": 0.1, "step": 0.5}, 21.2, 21.0),
        ({}, 21.5, 22),
        ({"type": ValueType.FLOAT32}, 21.37, 21.37),
        ({"type": ValueType.FLOAT32, "step": 0.5}, 21.37, 21.5),
        ({"scale": 0.1, "maximum": 21.36}, 21.36, 21.3),
        ({"scale": 0.1, "minimum": 5.05}, 5.04, 5.1),
        ({"states": {"5": "On", "9": "Off"}}, 2, 2),
        ({"type": ValueType.BOOL}, True, True),
        ({"type": ValueType.STRING, "length": 4}, " Hi ", "Hi"),
    ],
)
def test_the_nearest_that_fits(facts: dict[str, Any], value: Any, held: Any):
    assert snap(register(**facts), value) == held


def test_an_exponent_decides_what_fits():
    assert snap(register(exponent_address=1), 3.14159, 0xFFFE) == 3.14


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({}, 70000),
        ({}, float("nan")),
        ({"states": {"1": "On"}}, 3),
        ({"unavailable": (65535,)}, 65535),
    ],
)
def test_what_does_not_fit_is_refused(facts: dict[str, Any], value: Any):
    with pytest.raises(ValueError, match=r"."):
        snap(register(**facts), value)


@given(
    value=st.floats(5, 30),
    scale=st.sampled_from([0.1, 0.01, 0.5, 0.25, 1.0]),
    step=st.none() | st.sampled_from([0.1, 0.5, 1.0]),
)
def test_what_was_snapped_fits_as_it_is(value: float, scale: float, step: float | None):
    point = register(scale=scale, step=step, minimum=5, maximum=30)
    held = snap(point, value)
    assert isinstance(held, int | float)
    assert 5 <= held <= 30
    assert abs(held - value) <= max(scale, step or 0) + 1e-9
    if step is None or (step / scale).is_integer():
        assert snap(point, held) == held

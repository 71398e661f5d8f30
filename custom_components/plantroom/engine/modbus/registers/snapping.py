"""What a register can hold of a value that somebody wants; pure."""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ...models import PointValue
from .codec import PointCodec
from .register_map import RegisterPoint

_TOLERANCE: Final = 1e-9


def snap(register: RegisterPoint, value: PointValue, exponent: int = 0) -> PointValue:
    """Return the nearest value that the register can hold and its limits allow.

    Raises ValueError for a value that it cannot hold anything like.
    """
    codec = PointCodec(register)
    if isinstance(value, bool | str) or value is None or register.states:
        return _held(codec, value, exponent)
    if not math.isfinite(value):
        raise ValueError(f"{register.key} holds no {value!r}")
    step = register.step
    held = _held(codec, _on_step(value, step) if step else value, exponent)
    if not isinstance(held, int | float):
        return held
    grain = step or abs(register.scale)
    if register.maximum is not None and held > register.maximum + _TOLERANCE:
        return _held(codec, held - grain, exponent)
    if register.minimum is not None and held < register.minimum - _TOLERANCE:
        return _held(codec, held + grain, exponent)
    return held


def _held(codec: PointCodec, value: PointValue, exponent: int) -> PointValue:
    held, error = codec.decode(codec.encode(value, exponent=exponent), exponent)
    if error:
        raise ValueError(error)
    return held


def _on_step(value: float, step: float) -> float:
    grain = Decimal(repr(step))
    steps = (Decimal(repr(value)) / grain).to_integral_value(ROUND_HALF_UP)
    return float(steps * grain)

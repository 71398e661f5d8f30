"""What came in a reply or notification, as a reading of its point; pure."""

import math
from typing import SupportsFloat

from ..models import Point, PointKind, PointValue, StatusFlags
from .octets.encoding import BitString, Primitive

# All sixteen combinations, so that no reading makes its own; index as on the wire
FLAGS = tuple(
    StatusFlags(
        in_alarm=bool(bits & 8),
        fault=bool(bits & 4),
        overridden=bool(bits & 2),
        out_of_service=bool(bits & 1),
    )
    for bits in range(16)
)
FLAG_COUNT = 4
SCALED_DECIMALS = 9


def flags_of_bits(bits: BitString) -> StatusFlags:
    """Return status flags from their bit string; missing bits are not set."""
    number = 0
    for flag in (*bits.bits, *(False,) * FLAG_COUNT)[:FLAG_COUNT]:
        number = number << 1 | flag
    return FLAGS[number]


def value_of(point: Point, raw: Primitive) -> tuple[PointValue, str]:
    """Return a present value as its kind wants it, and why not when it is none."""
    if raw is None:
        return None, "no-value"
    if point.kind is PointKind.TEXT:
        return (raw, "") if isinstance(raw, str) else (str(raw), "")
    if not isinstance(raw, int | float):
        return None, "invalid-data-type"
    if point.kind is PointKind.BINARY:
        return bool(raw), ""
    if isinstance(raw, float) and not math.isfinite(raw):
        return None, "value-not-finite"
    number = float(raw) if isinstance(raw, float) else int(raw)
    if point.kind is PointKind.COUNTER and point.scale != 1.0:
        return round(number * point.scale, SCALED_DECIMALS), ""
    if point.kind in (PointKind.ANALOG, PointKind.COUNTER):
        return number, ""
    return int(number), ""


def differs(a: PointValue, b: PointValue, tolerance: float) -> bool:
    """Return whether two present values are further apart than the tolerance."""
    if isinstance(a, SupportsFloat) and isinstance(b, SupportsFloat):
        return abs(float(a) - float(b)) > tolerance
    return a != b

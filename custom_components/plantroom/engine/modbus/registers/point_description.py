"""What a register point is to everybody else; pure."""

from dataclasses import replace
from typing import Final

from ...models import Access, Point, PointKind, PointRole
from .register_map import WORDS, Order, RegisterPoint, Space, ValueType
from .states import state_texts

_FLOATS: Final = frozenset({ValueType.FLOAT16, ValueType.FLOAT32, ValueType.FLOAT64})
_SIGNED: Final = frozenset({ValueType.INT16, ValueType.INT32, ValueType.INT64})
_BCD: Final = frozenset({ValueType.BCD16, ValueType.BCD32, ValueType.BCD64})


def describe_point(device_id: str, point: RegisterPoint) -> Point:
    """Return the point that a register is."""
    return Point(
        point_id=f"{device_id}:{point.key}",
        device_id=device_id,
        reference=point.key,
        kind=_kind(point),
        role=_role(point),
        access=Access.PLAIN if point.writable else Access.READ_ONLY,
        name=point.name,
        description=point.description,
        unit=point.unit,
        states=state_texts(point),
        minimum=point.minimum,
        maximum=point.maximum,
        resolution=_resolution(point),
        quantity=point.quantity,
        rollover=_rollover(point),
        enabled=point.enabled,
        category=point.category,
    )


def with_words_swapped(point: RegisterPoint) -> RegisterPoint:
    """Return the point in the other word order, which texts and words do not have."""
    if point.type is ValueType.STRING or point.words < 2:
        return point
    other = Order.LITTLE if point.word_order is Order.BIG else Order.BIG
    return replace(point, word_order=other)


def _kind(point: RegisterPoint) -> PointKind:
    if point.type is ValueType.BOOL:
        return PointKind.BINARY
    if point.type is ValueType.STRING:
        return PointKind.TEXT
    if point.states:
        return PointKind.MULTI_STATE
    if point.counter:
        return PointKind.COUNTER
    whole = point.type not in _FLOATS and point.exponent_address is None
    if whole and not point.unit and _is_whole(point.scale) and _is_whole(point.offset):
        return PointKind.INTEGER
    return PointKind.ANALOG


def _role(point: RegisterPoint) -> PointRole:
    if not point.writable:
        return PointRole.INPUT
    return PointRole.OUTPUT if point.space is Space.COIL else PointRole.VALUE


def _resolution(point: RegisterPoint) -> float | None:
    if point.step is not None:
        return point.step
    if point.type in _FLOATS or point.exponent_address is not None or point.states:
        return None
    if point.type in (ValueType.BOOL, ValueType.STRING):
        return None
    return abs(point.scale)


def _rollover(point: RegisterPoint) -> float | None:
    """Return where a counter wraps: as said, else where its type ends."""
    if not point.counter or point.rollover is not None:
        return point.rollover
    if point.type not in WORDS or point.type in _FLOATS:
        return None
    if point.exponent_address is not None:
        return None
    bits = 16 * point.words if point.bit is None else point.bits
    if point.type in _BCD:
        return 10.0 ** (bits // 4) * point.scale
    return 2.0 ** (bits - (point.type in _SIGNED)) * point.scale


def _is_whole(number: float) -> bool:
    return float(number).is_integer()

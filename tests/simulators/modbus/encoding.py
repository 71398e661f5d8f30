"""Values to words and back, as a register map says: our devices' own view, apart from the engine's.

Contrary to the engine this never refuses: what does not fit is held within the type, and counters wrap.
"""

import math
import struct

from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    ValueType,
)

type Value = float | int | str | bool | None
FLOATS = {ValueType.FLOAT16: "e", ValueType.FLOAT32: "f", ValueType.FLOAT64: "d"}
BCD = (ValueType.BCD16, ValueType.BCD32, ValueType.BCD64)
SIGNED = (ValueType.INT16, ValueType.INT32, ValueType.INT64)


def words_of(point: RegisterPoint, value: Value, exponent: int = 0) -> list[int]:
    """Return the words in which the device shows a value; None: as not available."""
    if value is None:
        return _ordered(point, _octets(_not_available(point), point.words))
    if isinstance(value, str):
        text = value.encode("latin-1", "replace")[: point.words * 2]
        return _ordered(point, text.ljust(point.words * 2, b"\0"))
    if point.type in FLOATS:
        number = (float(value) - point.offset) / point.scale
        return _ordered(point, struct.pack(f">{FLOATS[point.type]}", number))
    raw = round((float(value) - point.offset) / (point.scale * 10.0**exponent))
    return _ordered(point, _octets(_fitting(point, raw), point.words))


def value_of(point: RegisterPoint, words: list[int], exponent: int = 0) -> float | str:
    """Return what words mean to the device."""
    octets = b"".join(struct.pack(">H", word) for word in _reordered(point, words))
    if point.type is ValueType.STRING:
        return octets.partition(b"\0")[0].decode("latin-1")
    if point.type in FLOATS:
        raw = float(struct.unpack(f">{FLOATS[point.type]}", octets)[0])
    elif point.type in BCD:
        raw = float(octets.hex())
    else:
        raw = float(_whole(point, octets))
    return raw * point.scale * 10.0**exponent + point.offset


def _whole(point: RegisterPoint, octets: bytes) -> int:
    if point.bit is not None:
        width = 1 if point.type is ValueType.BOOL else point.bits
        return int.from_bytes(octets) >> point.bit & (1 << width) - 1
    return int.from_bytes(octets, signed=point.type in SIGNED)


def _fitting(point: RegisterPoint, raw: int) -> int:
    """Return a raw value within the type: a counter wraps, all else stops at the limit."""
    if point.counter and point.rollover is not None:
        raw %= round(point.rollover / point.scale)
    if point.type in BCD:
        return int(str(raw % 10 ** (4 * point.words)), 16)
    bits = 16 * point.words if point.bit is None else point.bits
    if point.counter:
        return raw % (1 << bits)
    low, high = (
        (-(1 << bits - 1), (1 << bits - 1) - 1)
        if point.type in SIGNED and point.bit is None
        else (0, (1 << bits) - 1)
    )
    return (max(low, min(high, raw)) & (1 << bits) - 1) << (point.bit or 0)


def _not_available(point: RegisterPoint) -> int:
    if point.unavailable:
        return point.unavailable[0]
    if point.type in FLOATS:
        return int.from_bytes(struct.pack(f">{FLOATS[point.type]}", math.nan))
    raise ValueError(f"{point.key} has no value that means none")


def _octets(raw: int, words: int) -> bytes:
    return raw.to_bytes(words * 2)


def _ordered(point: RegisterPoint, octets: bytes) -> list[int]:
    words = [int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2)]
    return _reordered(point, words)


def _reordered(point: RegisterPoint, words: list[int]) -> list[int]:
    words = list(words)
    if point.word_order is Order.LITTLE and point.type is not ValueType.STRING:
        words.reverse()
    if point.byte_order is Order.LITTLE:
        words = [(word & 0xFF) << 8 | word >> 8 for word in words]
    return words

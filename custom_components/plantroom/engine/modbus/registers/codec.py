"""Register words ↔ a point's value; pure."""

import math
import struct
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ...models import PointValue
from .register_map import BITS_OF_A_REGISTER, Order, RegisterPoint, ValueType
from .states import raw_states
from .texts import decode_text, encode_text

NOT_AVAILABLE: Final = "not-available"
NOT_FINITE: Final = "value-not-finite"
NOT_BCD: Final = "invalid-bcd"
BAD_EXPONENT: Final = "invalid-exponent"
UNKNOWN_STATE: Final = "unknown-state"

MOST_EXPONENT: Final = 10
# Above this a float no longer holds every whole number
_EXACT_WHOLE: Final = 2**50
_DIGITS_OF_SINGLE: Final = 9
_FLOATS: Final = {
    ValueType.FLOAT16: struct.Struct(">e"),
    ValueType.FLOAT32: struct.Struct(">f"),
    ValueType.FLOAT64: struct.Struct(">d"),
}
_SIGNED: Final = frozenset({ValueType.INT16, ValueType.INT32, ValueType.INT64})
_BCD: Final = frozenset({ValueType.BCD16, ValueType.BCD32, ValueType.BCD64})


def decode(
    point: RegisterPoint, words: Sequence[int], exponent: int = 0
) -> tuple[PointValue, str]:
    """Return the value that the words hold, or None and why there is none.

    words: as many as point.words, 0 to 65535 (bits 0 and 1). exponent: the word at
    exponent_address, ignored without one.
    """
    return PointCodec(point).decode(words, exponent)


def encode(
    point: RegisterPoint,
    value: PointValue,
    *,
    exponent: int = 0,
    within: Sequence[int] = (),
) -> tuple[int, ...]:
    """Return the words that hold the value; raises ValueError when none do.

    within: the words that are there, of which a bit field changes only its bits.
    """
    return PointCodec(point).encode(value, exponent=exponent, within=within)


def looks_swapped(point: RegisterPoint, words: Sequence[int]) -> bool:
    """Return whether a float is implausible as configured and plausible swapped.

    Nobody measures 1e-10 or 1e15 of anything; the words of 50.0 or 230.1, exchanged,
    are such numbers.
    """
    return PointCodec(point).looks_swapped(words)


class PointCodec:
    """How one point lies in its registers, made ready once and used for every read."""

    def __init__(self, point: RegisterPoint) -> None:
        """Take the point."""
        self._point = point
        self._width = BITS_OF_A_REGISTER * point.words
        self._reverse = point.word_order is Order.LITTLE
        self._swap = point.byte_order is Order.LITTLE
        self._unavailable = frozenset(point.unavailable)
        self._float = _FLOATS.get(point.type)
        self._bits = self._width if point.bit is None else point.bits
        self._shift = point.bit or 0
        self._scaled = point.scale != 1 or point.offset != 0
        self._decimals = max(_decimals(point.scale), _decimals(point.offset))
        is_multi_state = bool(point.states) and point.type is not ValueType.BOOL
        self._raw_states = raw_states(point) if is_multi_state else ()
        self._state_of = {raw: n for n, raw in enumerate(self._raw_states, 1)}

    @property
    def is_field(self) -> bool:
        """Return whether the value is some bits among others."""
        return self._bits < self._width

    @property
    def has_exponent(self) -> bool:
        """Return whether another register scales the value."""
        return self._point.exponent_address is not None

    def decode(self, words: Sequence[int], exponent: int = 0) -> tuple[PointValue, str]:
        """Return the value, or None and why there is none."""
        if self._point.type is ValueType.STRING:
            return decode_text(self._ordered(words)), ""
        if self._point.space.of_bits:
            return bool(words[0]), ""
        raw = self._join(words)
        if raw in self._unavailable:
            return None, NOT_AVAILABLE
        number = self._number(raw)
        if isinstance(number, str):
            return None, number
        if self._point.type is ValueType.BOOL:
            return bool(number), ""
        if self._raw_states:
            return self._state(number)
        return self._scale(number, exponent)

    @property
    def shows_word_order(self) -> bool:
        """Return whether a wrong word order can be told by the value."""
        return self._float is not None and self._point.words > 1

    def looks_swapped(self, words: Sequence[int]) -> bool:
        """Return whether a float is implausible, and plausible with words exchanged."""
        if self._float is None or not self.shows_word_order:
            return False
        octets = self._join(words).to_bytes(self._width // 8)
        if _is_plausible(self._float.unpack(octets)[0]):
            return False
        if int.from_bytes(octets) in self._unavailable:
            return False
        turned = self._join([*reversed(words)]).to_bytes(self._width // 8)
        return _is_plausible(self._float.unpack(turned)[0])

    def encode(
        self, value: PointValue, *, exponent: int = 0, within: Sequence[int] = ()
    ) -> tuple[int, ...]:
        """Return the words that hold the value; raises ValueError when none do."""
        point = self._point
        if point.type is ValueType.STRING:
            return self._encode_text(value)
        if isinstance(value, str) or value is None:
            raise ValueError(f"{point.key} holds no {value!r}")
        if point.space.of_bits:
            return (int(bool(value)),)
        field = self._field_of(value, exponent)
        before = self._join(within) if within else 0
        mask = (1 << self._bits) - 1
        return self._split(before & ~(mask << self._shift) | field << self._shift)

    def mask(self, value: PointValue) -> tuple[int, int]:
        """Return AND and OR mask (Mask Write Register, 6.16) that set a bit field.

        Of a point of one register; raises ValueError for a value it cannot hold.
        """
        (keep,) = self._split(((1 << self._bits) - 1) << self._shift)
        (bits,) = self.encode(value)
        return keep ^ 0xFFFF, bits

    def _ordered(self, words: Sequence[int]) -> list[int]:
        """Return the words with the bytes of each in order."""
        if not self._swap:
            return [word & 0xFFFF for word in words]
        return [(word & 0xFF) << 8 | word >> 8 & 0xFF for word in words]

    def _join(self, words: Sequence[int]) -> int:
        ordered = self._ordered(words)
        if self._reverse:
            ordered.reverse()
        raw = 0
        for word in ordered:
            raw = raw << BITS_OF_A_REGISTER | word
        return raw

    def _split(self, raw: int) -> tuple[int, ...]:
        words = [
            raw >> shift & 0xFFFF
            for shift in range(self._width - BITS_OF_A_REGISTER, -1, -16)
        ]
        if self._reverse:
            words.reverse()
        return tuple(self._ordered(words))

    def _number(self, raw: int) -> float | int | str:
        """Return what the raw bits count, or why they count nothing."""
        if self._float is not None:
            number = _shortest(self._float, raw.to_bytes(self._width // 8))
            return number if math.isfinite(number) else NOT_FINITE
        field = raw >> self._shift & (1 << self._bits) - 1
        if self._point.type in _BCD:
            digits = f"{field:x}"
            return int(digits) if digits.isdecimal() else NOT_BCD
        if self._point.type in _SIGNED and field >> self._bits - 1:
            return field - (1 << self._bits)
        return field

    def _state(self, number: float) -> tuple[PointValue, str]:
        state = self._state_of.get(int(number)) if number == int(number) else None
        if state is None:
            return None, f"{UNKNOWN_STATE} {number}"
        return state, ""

    def _scale(self, number: float, exponent: int) -> tuple[PointValue, str]:
        power = 0
        if self.has_exponent:
            power = _signed16(exponent)
            if abs(power) > MOST_EXPONENT:
                return None, BAD_EXPONENT
        if not self._scaled and not power:
            return number, ""
        return self._exact(number, power), ""

    def _exact(self, number: float, power: int) -> float | int:
        """Return number · scale · 10**power + offset, without the noise of binary."""
        point = self._point
        decimals = max(self._decimals - power, 0)
        if self._float is not None or abs(number) > _EXACT_WHOLE:
            product = Decimal(repr(number)) * Decimal(repr(point.scale))
            value = product.scaleb(power) + Decimal(repr(point.offset))
            whole = decimals == 0 and self._float is None
            return int(value) if whole else float(value)
        result = number * point.scale
        result = result * 10.0**power if power >= 0 else result / 10.0**-power
        result += point.offset
        return round(result, decimals) if decimals else round(result)

    def _field_of(self, value: float, exponent: int) -> int:
        """Return the bits, unsigned, that hold the value; raises ValueError."""
        if self._point.type is ValueType.BOOL:
            return int(bool(value))
        if self._raw_states:
            return self._unsigned(self._raw_of_state(value))
        number = self._unscaled(value, exponent)
        if self._float is not None:
            return self._float_bits(float(number))
        return self._unsigned(int(number.to_integral_value(ROUND_HALF_UP)))

    def _raw_of_state(self, value: float) -> int:
        if value != int(value) or not 1 <= value <= len(self._raw_states):
            raise ValueError(f"{self._point.key} has no state {value!r}")
        return self._raw_states[int(value) - 1]

    def _unscaled(self, value: float, exponent: int) -> Decimal:
        if not math.isfinite(value):
            raise ValueError(f"{self._point.key} holds no {value!r}")
        power = _signed16(exponent) if self.has_exponent else 0
        if abs(power) > MOST_EXPONENT:
            raise ValueError(f"{self._point.key} has the exponent {power}")
        shifted = Decimal(repr(value)) - Decimal(repr(self._point.offset))
        return shifted.scaleb(-power) / Decimal(repr(self._point.scale))

    def _float_bits(self, number: float) -> int:
        assert self._float is not None  # noqa: S101
        try:
            return int.from_bytes(self._float.pack(number))
        except OverflowError as err:
            raise ValueError(f"{number!r} does not fit {self._point.type}") from err

    def _unsigned(self, number: int) -> int:
        point, bits = self._point, self._bits
        if point.type in _BCD:
            if not 0 <= number < 10 ** (bits // 4):
                raise ValueError(f"{number} does not fit {point.type}")
            return int(str(number), 16)
        low = -(1 << bits - 1) if point.type in _SIGNED else 0
        high = (1 << bits - 1 if point.type in _SIGNED else 1 << bits) - 1
        if not low <= number <= high:
            raise ValueError(f"{number} does not fit {bits} bits of {point.type}")
        return number & (1 << bits) - 1

    def _encode_text(self, value: PointValue) -> tuple[int, ...]:
        if not isinstance(value, str):
            raise ValueError(f"{self._point.key} holds no {value!r}")  # noqa: TRY004
        size = 2 * self._point.length
        octets = encode_text(value)
        if len(octets) > size:
            raise ValueError(f"{self._point.key} holds {size} octets")
        padded = octets.ljust(size, b"\0")
        words = [int.from_bytes(padded[i : i + 2]) for i in range(0, size, 2)]
        return tuple(self._ordered(words))


def _is_plausible(number: float) -> bool:
    return number == 0 or 1e-6 < abs(number) < 1e12


def _shortest(layout: struct.Struct, octets: bytes) -> float:
    """Return the shortest decimal with these octets: 230.1, not 230.10000610351562."""
    number: float = layout.unpack(octets)[0]
    if layout.size == 8 or number.is_integer() or not math.isfinite(number):
        return number
    for digits in range(3 if layout.size == 2 else 6, _DIGITS_OF_SINGLE):
        short = float(f"{number:.{digits}g}")
        if layout.pack(short) == octets:
            return short
    return number


def _signed16(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def _decimals(number: float) -> int:
    """Return how many decimals a number is written with."""
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0

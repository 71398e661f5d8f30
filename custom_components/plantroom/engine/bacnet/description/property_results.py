"""Properties as read of one object, taken out with the type they should have; pure."""

import math
import struct
from collections.abc import Iterable

from ..names.property_ids import PropertyId
from ..octets.encoding import (
    BitString,
    Constructed,
    Primitive,
    Tagged,
    decode_primitive,
    walk,
)
from ..octets.rpm import PropertyResult
from ..octets.tags import ApplicationTag, MalformedFrameError
from .object_names import clean_text

UNKNOWN_PROPERTY = "unknown-property"
UNKNOWN_OBJECT = "unknown-object"
_MOST_REAL = 3.4e38
_REAL = struct.Struct(">f")
_MOST_SCALE_EXPONENT = 30


class ObjectProperties:
    """The results of one object by property; what is absent or of a wrong type is None."""

    def __init__(self, results: Iterable[PropertyResult]) -> None:
        """Take results of one object, in any order."""
        self._results = {result.ref.property_id: result for result in results}

    def error(self, property_id: PropertyId) -> str:
        """Return the error of a property, "" without one; unread ones are unknown."""
        result = self._results.get(property_id)
        return result.error if result else UNKNOWN_PROPERTY

    def values(self, property_id: PropertyId) -> tuple[Primitive, ...]:
        """Return all elements, none where there was an error."""
        result = self._results.get(property_id)
        return result.values if result and not result.error else ()

    def text(self, property_id: PropertyId) -> str:
        """Return a clean text, "" where there is none."""
        return clean_text(self._first(property_id))

    def whole(self, property_id: PropertyId) -> int | None:
        """Return a number that cannot be negative."""
        value = self._first(property_id)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return None
        return int(value)

    def number(self, property_id: PropertyId) -> float | None:
        """Return a finite number; the largest a REAL can hold mean that none is set.

        A REAL is the shortest decimal that it stands for: 0.1, not 0.100000001.
        """
        value = self._first(property_id)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        number = float(value)
        if not math.isfinite(number) or abs(number) >= _MOST_REAL:
            return None
        return _shortest(number) if type(value) is float else number

    def bits(self, property_id: PropertyId) -> tuple[bool, ...]:
        """Return the bits of a bit string, none where there is none."""
        value = self._first(property_id)
        return value.bits if isinstance(value, BitString) else ()

    def scale(self) -> float:
        """Return an accumulator's scale, 1 where it says none (BACnetScale)."""
        value = self._first(PropertyId.SCALE)
        scale = _scale_of(value) if isinstance(value, Constructed) else None
        return scale if scale is not None and math.isfinite(scale) and scale else 1.0

    def _first(self, property_id: PropertyId) -> Primitive:
        values = self.values(property_id)
        return values[0] if values else None


def _shortest(real: float) -> float:
    if not math.isfinite(real):
        return real
    octets = _REAL.pack(real)
    for digits in range(6, 9):
        decimal = float(f"{real:.{digits}g}")
        if _REAL.pack(decimal) == octets:
            return decimal
    return real


def _scale_of(value: Constructed) -> float | None:
    """Return float-scale [0] as it is, integer-scale [1] as the power of ten it means."""
    try:
        element = walk(value.raw)[0]
        if not isinstance(element, Tagged) or not isinstance(element.content, bytes):
            return None
        if element.tag == 0:
            number = decode_primitive(ApplicationTag.REAL, element.content)
            return _shortest(number) if isinstance(number, float) else None
        exponent = decode_primitive(ApplicationTag.SIGNED, element.content)
    except MalformedFrameError:
        return None
    if not isinstance(exponent, int) or abs(exponent) > _MOST_SCALE_EXPONENT:
        return None
    return float(f"1e{int(exponent)}")

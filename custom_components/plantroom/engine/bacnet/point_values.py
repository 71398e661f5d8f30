"""A property's value as a point's: what engine and clients can carry."""

from collections.abc import Sequence

from ..models import PointValue
from .octets.encoding import BitString, Constructed, Date, ObjectId, Primitive, Time


def point_value(values: Sequence[Primitive]) -> PointValue:
    """Return the elements of a present value as one; text where BACnet has a structure.

    Numbers come as plain int and float, a bit string as "1010", octets in
    hexadecimal, dates and times in ISO 8601 with "*" for what is unspecified.
    """
    if len(values) == 1:
        return _scalar(values[0])
    return " ".join(str(_scalar(value)) for value in values) or None


def _scalar(value: Primitive) -> PointValue:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return _text(value)


def _text(value: bytes | BitString | ObjectId | Date | Time | Constructed) -> str:
    match value:
        case BitString(bits):
            return "".join("1" if bit else "0" for bit in bits)
        case ObjectId(object_type, instance):
            return f"{object_type},{instance}"
        case Date(year, month, day):
            return f"{_part(year)}-{_part(month)}-{_part(day)}"
        case Time(hour, minute, second):
            return f"{_part(hour)}:{_part(minute)}:{_part(second)}"
        case Constructed(raw):
            return raw.hex()
        case bytes():
            return value.hex()


def _part(number: int | None) -> str:
    return "*" if number is None else f"{number:02}"

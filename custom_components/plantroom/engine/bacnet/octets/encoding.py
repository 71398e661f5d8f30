"""BACnet's tagged octets and the Python values they stand for (clause 20.2).

Value types that Python's own cannot tell apart are thin subclasses: Enumerated and
Signed are ints, Double is a float. Content under context tags stays octets in
Constructed until somebody who knows the type walks it.
"""

import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from .character_strings import decode_character_string, encode_character_string
from .tags import (
    ApplicationTag,
    MalformedFrameError,
    TagKind,
    element_end,
    encode_brackets,
    encode_tag,
    read_tag,
)


class Enumerated(int):
    """An enumeration's number, as in a binary object's present value."""

    __slots__ = ()


class Signed(int):
    """An integer sent under the signed tag, whatever its sign."""

    __slots__ = ()


class Double(float):
    """A float of 64 bits."""

    __slots__ = ()


class ObjectId(NamedTuple):
    """Object type (10 bits) and instance (22 bits)."""

    object_type: int
    instance: int


class BitString(NamedTuple):
    """Bits in the order of the standard, first one first."""

    bits: tuple[bool, ...]


class Date(NamedTuple):
    """A date as sent; None where unspecified, month 13-14 and day 32-34 are patterns."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None


class Time(NamedTuple):
    """A time of day as sent; None where unspecified."""

    hour: int | None
    minute: int | None
    second: int | None
    hundredth: int | None


class Constructed(NamedTuple):
    """One context-tagged element, tags included; walk(raw) takes it apart."""

    raw: bytes


type Primitive = (
    bool
    | int
    | float
    | str
    | bytes
    | BitString
    | ObjectId
    | Date
    | Time
    | Constructed
    | None
)
type Element = Primitive | Tagged


class Tagged(NamedTuple):
    """A context tag and what it holds: octets of an unknown type, or elements."""

    tag: int
    content: bytes | tuple[Element, ...]


_UNSPECIFIED = 255
_FIRST_YEAR = 1900
_INSTANCE_BITS = 22
_INSTANCE_MASK = (1 << _INSTANCE_BITS) - 1
_MOST_INTEGER_OCTETS = 8
_FOUR_OCTETS = 4
_MOST_UNUSED_BITS = 7
_MOST_NESTING = 16
_REAL = struct.Struct(">f")
_DOUBLE = struct.Struct(">d")


def decode_values(data: bytes, start: int, end: int) -> tuple[Primitive, ...]:
    """Return the elements of data[start:end], one each; context-tagged ones as octets."""
    values: list[Primitive] = []
    while start < end:
        tag = read_tag(data, start, end)
        if tag.kind is TagKind.APPLICATION:
            after = tag.start + tag.length
            values.append(decode_primitive(tag.number, data[tag.start : after]))
        else:
            after = element_end(data, start, end)
            values.append(Constructed(data[start:after]))
        start = after
    return tuple(values)


def walk(raw: bytes) -> tuple[Element, ...]:
    """Return the elements of constructed octets, nested ones as tuples."""
    open_tags: list[tuple[int, list[Element]]] = []
    elements: list[Element] = []
    offset = 0
    while offset < len(raw):
        tag = read_tag(raw, offset, len(raw))
        offset = tag.start + tag.length
        content = raw[tag.start : offset]
        if tag.kind is TagKind.OPENING:
            if len(open_tags) == _MOST_NESTING:
                raise MalformedFrameError("tags are nested too deep")
            open_tags.append((tag.number, elements))
            elements = []
        elif tag.kind is TagKind.CLOSING:
            if not open_tags or open_tags[-1][0] != tag.number:
                raise MalformedFrameError("a closing tag has no opening one")
            number, outer = open_tags.pop()
            outer.append(Tagged(number, tuple(elements)))
            elements = outer
        elif tag.kind is TagKind.CONTEXT:
            elements.append(Tagged(tag.number, content))
        else:
            elements.append(decode_primitive(tag.number, content))
    if open_tags:
        raise MalformedFrameError("an opening tag is never closed")
    return tuple(elements)


def decode_primitive(application_tag: int, content: bytes) -> Primitive:
    """Return the value of content octets; reserved tags give the octets themselves."""
    decode = _DECODERS.get(application_tag)
    return content if decode is None else decode(content)


def encode_primitive(value: Primitive) -> bytes:
    """Return a value under its application tag; an int is unsigned unless negative."""
    if isinstance(value, Constructed):
        return value.raw
    if isinstance(value, bool):
        return b"\x11" if value else b"\x10"
    tag, content = _primitive_content(value)
    return encode_tag(tag, len(content)) + content


def encode_context(number: int, value: Primitive) -> bytes:
    """Return a value under a context tag instead of its application tag."""
    if isinstance(value, Constructed):
        opening, closing = encode_brackets(number)
        return opening + value.raw + closing
    if isinstance(value, bool):
        return encode_tag(number, 1, context=True) + bytes((value,))
    content = _primitive_content(value)[1]
    return encode_tag(number, len(content), context=True) + content


def _primitive_content(value: Primitive) -> tuple[ApplicationTag, bytes]:
    """Return the application tag and content octets of all but booleans."""
    if type(value) is int and value < 0:
        value = Signed(value)
    for kind in type(value).__mro__:
        if kind in _ENCODERS:
            tag, encode = _ENCODERS[kind]
            return tag, encode(value)
    raise TypeError(f"BACnet has no primitive for {type(value).__name__}")


def _encode_unsigned(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8))


def _encode_signed(value: int) -> bytes:
    bits = (value if value >= 0 else ~value).bit_length()
    return value.to_bytes(bits // 8 + 1, signed=True)


def _encode_object_id(value: ObjectId) -> bytes:
    return struct.pack(">I", value.object_type << _INSTANCE_BITS | value.instance)


def _encode_bit_string(value: BitString) -> bytes:
    unused = -len(value.bits) % 8
    number = 0
    for bit in value.bits:
        number = number << 1 | bit
    octets = (len(value.bits) + unused) // 8
    return bytes((unused,)) + (number << unused).to_bytes(octets)


def _encode_date(value: Date) -> bytes:
    year = None if value.year is None else value.year - _FIRST_YEAR
    return _encode_parts((year, value.month, value.day, value.weekday))


def _encode_parts(parts: tuple[int | None, ...]) -> bytes:
    return bytes(_UNSPECIFIED if part is None else part for part in parts)


def _decode_null(content: bytes) -> None:
    if content:
        raise MalformedFrameError("a null has content")


def _decode_boolean(content: bytes) -> bool:
    if len(content) != 1:
        raise MalformedFrameError("a boolean has more than one octet")
    return bool(content[0] & 7)


def _decode_unsigned(content: bytes) -> int:
    if not 0 < len(content) <= _MOST_INTEGER_OCTETS:
        raise MalformedFrameError("an integer of impossible length")
    return int.from_bytes(content)


def _decode_signed(content: bytes) -> Signed:
    if not 0 < len(content) <= _MOST_INTEGER_OCTETS:
        raise MalformedFrameError("an integer of impossible length")
    return Signed(int.from_bytes(content, signed=True))


def _decode_enumerated(content: bytes) -> Enumerated:
    return Enumerated(_decode_unsigned(content))


def _decode_real(content: bytes) -> float:
    if len(content) != _REAL.size:
        raise MalformedFrameError("a real has other than 4 octets")
    number: float = _REAL.unpack(content)[0]
    return number


def _decode_double(content: bytes) -> Double:
    if len(content) != _DOUBLE.size:
        raise MalformedFrameError("a double has other than 8 octets")
    return Double(_DOUBLE.unpack(content)[0])


def _decode_bit_string(content: bytes) -> BitString:
    if not content or content[0] > _MOST_UNUSED_BITS:
        raise MalformedFrameError("a bit string without its count of unused bits")
    bits = [bool(octet >> shift & 1) for octet in content[1:] for shift in _SHIFTS]
    return BitString(tuple(bits[: max(0, len(bits) - content[0])]))


def _decode_date(content: bytes) -> Date:
    year, month, day, weekday = _decode_parts(content)
    return Date(None if year is None else year + _FIRST_YEAR, month, day, weekday)


def _decode_time(content: bytes) -> Time:
    return Time(*_decode_parts(content))


def _decode_parts(
    content: bytes,
) -> tuple[int | None, int | None, int | None, int | None]:
    if len(content) != _FOUR_OCTETS:
        raise MalformedFrameError("a date or time has other than 4 octets")
    first, second, third, fourth = (
        None if octet == _UNSPECIFIED else octet for octet in content
    )
    return first, second, third, fourth


def _decode_object_id(content: bytes) -> ObjectId:
    if len(content) != _FOUR_OCTETS:
        raise MalformedFrameError("an object identifier has other than 4 octets")
    number = int.from_bytes(content)
    return ObjectId(number >> _INSTANCE_BITS, number & _INSTANCE_MASK)


_SHIFTS = (7, 6, 5, 4, 3, 2, 1, 0)
_DECODERS: Final[dict[int, Callable[[bytes], Primitive]]] = {
    ApplicationTag.NULL: _decode_null,
    ApplicationTag.BOOLEAN: _decode_boolean,
    ApplicationTag.UNSIGNED: _decode_unsigned,
    ApplicationTag.SIGNED: _decode_signed,
    ApplicationTag.REAL: _decode_real,
    ApplicationTag.DOUBLE: _decode_double,
    ApplicationTag.OCTET_STRING: bytes,
    ApplicationTag.CHARACTER_STRING: decode_character_string,
    ApplicationTag.BIT_STRING: _decode_bit_string,
    ApplicationTag.ENUMERATED: _decode_enumerated,
    ApplicationTag.DATE: _decode_date,
    ApplicationTag.TIME: _decode_time,
    ApplicationTag.OBJECT_ID: _decode_object_id,
}
_ENCODERS: Final[dict[type, tuple[ApplicationTag, Callable[[Any], bytes]]]] = {
    type(None): (ApplicationTag.NULL, lambda _: b""),
    Enumerated: (ApplicationTag.ENUMERATED, _encode_unsigned),
    Signed: (ApplicationTag.SIGNED, _encode_signed),
    int: (ApplicationTag.UNSIGNED, _encode_unsigned),
    Double: (ApplicationTag.DOUBLE, _DOUBLE.pack),
    float: (ApplicationTag.REAL, _REAL.pack),
    bytes: (ApplicationTag.OCTET_STRING, bytes),
    str: (ApplicationTag.CHARACTER_STRING, encode_character_string),
    BitString: (ApplicationTag.BIT_STRING, _encode_bit_string),
    Date: (ApplicationTag.DATE, _encode_date),
    Time: (ApplicationTag.TIME, _encode_parts),
    ObjectId: (ApplicationTag.OBJECT_ID, _encode_object_id),
}

"""BACnet encodings that the fleet needs, written out by hand (clause 20.2)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

RELIABLE = bytes((0x82, 0x04, 0x00))
"""Status flags, all clear: bit string of four bits."""


def unsigned_octets(value: int) -> bytes:
    """Return the fewest octets that hold the number."""
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def application(tag: int, body: bytes) -> bytes:
    """Return an application tagged value."""
    if len(body) < 5:
        return bytes((tag << 4 | len(body),)) + body
    if len(body) < 254:
        return bytes((tag << 4 | 5, len(body))) + body
    return bytes((tag << 4 | 5, 254)) + len(body).to_bytes(2, "big") + body


def context(tag: int, body: bytes) -> bytes:
    """Return a context tagged value of up to four octets."""
    return bytes((tag << 4 | 8 | len(body),)) + body


def real(value: float) -> bytes:
    """Return a Real."""
    return b"\x44" + struct.pack(">f", value)


def unsigned(value: int) -> bytes:
    """Return an Unsigned."""
    return application(2, unsigned_octets(value))


def enumerated(value: int) -> bytes:
    """Return an Enumerated."""
    return application(9, unsigned_octets(value))


def boolean(value: bool) -> bytes:
    """Return a Boolean."""
    return b"\x11" if value else b"\x10"


def text(value: str) -> bytes:
    """Return a CharacterString in UTF-8."""
    return application(7, b"\x00" + value.encode())


def bits(numbers: tuple[int, ...], length: int) -> bytes:
    """Return a BitString of this length with these bits set."""
    octets = bytearray((length + 7) // 8)
    for number in numbers:
        octets[number // 8] |= 0x80 >> number % 8
    return application(8, bytes((-length % 8,)) + bytes(octets))


def object_octets(object_type: int, instance: int) -> bytes:
    """Return the four octets of an object identifier."""
    return (object_type << 22 | instance).to_bytes(4, "big")


def object_id(object_type: int, instance: int) -> bytes:
    """Return an ObjectIdentifier."""
    return b"\xc4" + object_octets(object_type, instance)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a request: number, contents, or an opening or closing bracket."""

    number: int
    is_context: bool
    body: bytes
    bracket: str = ""


def read_tags(data: bytes) -> Iterator[Tag]:
    """Yield the tags in a service request; raise ValueError when it is cut short."""
    offset = 0
    while offset < len(data):
        first = data[offset]
        offset += 1
        number, is_context, length = first >> 4, bool(first & 8), first & 7
        if is_context and length in (6, 7):
            yield Tag(number, True, b"", "(" if length == 6 else ")")
            continue
        if not is_context and number == 1:
            yield Tag(number, False, bytes((length,)))
            continue
        if length == 5:
            length = data[offset]
            offset += 1
        if offset + length > len(data):
            raise ValueError("request cut short")
        yield Tag(number, is_context, data[offset : offset + length])
        offset += length


def number_in(tag: Tag) -> int:
    """Return the unsigned number in a tag."""
    return int.from_bytes(tag.body, "big")

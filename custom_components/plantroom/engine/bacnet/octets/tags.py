"""The tags that frame every value in BACnet's octets (clause 20.2.1)."""

import struct
from enum import IntEnum
from typing import Final, NamedTuple


class MalformedFrameError(ValueError):
    """Octets from the network do not keep to the standard's encoding."""


class ApplicationTag(IntEnum):
    """The application tag numbers (clause 20.2.1.4)."""

    NULL = 0
    BOOLEAN = 1
    UNSIGNED = 2
    SIGNED = 3
    REAL = 4
    DOUBLE = 5
    OCTET_STRING = 6
    CHARACTER_STRING = 7
    BIT_STRING = 8
    ENUMERATED = 9
    DATE = 10
    TIME = 11
    OBJECT_ID = 12


class TagKind(IntEnum):
    """What a tag announces."""

    APPLICATION = 0
    CONTEXT = 1
    OPENING = 2
    CLOSING = 3


class TagHeader(NamedTuple):
    """A tag read from octets; content is data[start:start + length].

    An application-tagged boolean has its own tag octet as content, because that is
    where its value stands.
    """

    kind: TagKind
    number: int
    start: int
    length: int


_CONTEXT_BIT = 0x08
_EXTENDED_NUMBER = 15
_EXTENDED_LENGTH = 5
_OPENING = 6
_LENGTH_16 = 254
_LENGTH_32 = 255
_BOOLEAN_OCTETS = (0x10, 0x11)
_TAG_KINDS: Final = (TagKind.APPLICATION, TagKind.CONTEXT)


def read_tag(data: bytes, offset: int, end: int) -> TagHeader:
    """Return the tag at offset; raise MalformedFrameError where it passes end."""
    if offset >= end:
        raise MalformedFrameError("a tag is missing")
    first = data[offset]
    number = first >> 4
    context = first & _CONTEXT_BIT
    length = first & 7
    start = offset + 1
    if number == _EXTENDED_NUMBER:
        if start >= end:
            raise MalformedFrameError("a tag number is cut off")
        number = data[start]
        start += 1
    if length > _EXTENDED_LENGTH:
        if not context:
            raise MalformedFrameError("an application tag opens or closes")
        kind = TagKind.OPENING if length == _OPENING else TagKind.CLOSING
        return TagHeader(kind, number, start, 0)
    if first in _BOOLEAN_OCTETS:
        return TagHeader(TagKind.APPLICATION, ApplicationTag.BOOLEAN, offset, 1)
    if length == _EXTENDED_LENGTH:
        length, start = _read_extended_length(data, start, end)
    if start + length > end:
        raise MalformedFrameError("a value is cut off")
    return TagHeader(_TAG_KINDS[context >> 3], number, start, length)


def element_end(data: bytes, offset: int, end: int) -> int:
    """Return where the element at offset ends, nested tags included."""
    depth = 0
    while True:
        tag = read_tag(data, offset, end)
        offset = tag.start + tag.length
        if tag.kind is TagKind.OPENING:
            depth += 1
        elif tag.kind is TagKind.CLOSING:
            depth -= 1
        if depth < 0:
            raise MalformedFrameError("a closing tag has no opening one")
        if depth == 0:
            return offset


def encode_tag(number: int, length: int, *, context: bool = False) -> bytes:
    """Return the tag of a primitive of so many content octets."""
    first = min(number, _EXTENDED_NUMBER) << 4
    first |= _CONTEXT_BIT if context else 0
    extension = bytes((number,)) if number >= _EXTENDED_NUMBER else b""
    if length < _EXTENDED_LENGTH:
        return bytes((first | length,)) + extension
    extension = bytes((first | _EXTENDED_LENGTH,)) + extension
    if length < _LENGTH_16:
        return extension + bytes((length,))
    if length < 1 << 16:
        return extension + struct.pack(">BH", _LENGTH_16, length)
    return extension + struct.pack(">BI", _LENGTH_32, length)


def encode_brackets(number: int) -> tuple[bytes, bytes]:
    """Return the opening and the closing tag of a number."""
    if number < _EXTENDED_NUMBER:
        first = number << 4 | _CONTEXT_BIT
        return bytes((first | _OPENING,)), bytes((first | _OPENING + 1,))
    return bytes((0xFE, number)), bytes((0xFF, number))


def _read_extended_length(data: bytes, offset: int, end: int) -> tuple[int, int]:
    """Return a length of more than four octets and where the content starts."""
    if offset >= end:
        raise MalformedFrameError("a length is cut off")
    length = data[offset]
    offset += 1
    if length < _LENGTH_16:
        return length, offset
    after = offset + (2 if length == _LENGTH_16 else 4)
    if after > end:
        raise MalformedFrameError("a length is cut off")
    return int.from_bytes(data[offset:after]), after

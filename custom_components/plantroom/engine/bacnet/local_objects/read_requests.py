"""ReadProperty and ReadPropertyMultiple as our device answers them (clauses 15.5, 15.7)."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ..names.property_ids import PropertyId
from ..octets.encoding import encode_context
from ..octets.tags import MalformedFrameError, TagKind, read_tag
from .refusals import (
    ABORT_OUT_OF_RESOURCES,
    REJECT_MISSING_PARAMETER,
    UNKNOWN_OBJECT,
    AbortedError,
    RefusedError,
    RejectedError,
)
from .served_device import ServedDevice
from .served_object import Readable

LONGEST_ANSWER: Final = 64 * 1470
_MOST_OCTETS: Final = 4
_OBJECT_TAG: Final = 0x0C
_PROPERTY_TAG: Final = 0x09
_OPEN_LIST: Final = 0x1E
_CLOSE_LIST: Final = 0x1F
_CONTEXT_1: Final = 0x18
_SPECIAL: Final = {
    PropertyId.ALL: None,
    PropertyId.REQUIRED: True,
    PropertyId.OPTIONAL: False,
}


class PropertyAsked(NamedTuple):
    """A property of a request, or an element of one that is an array."""

    property_id: int
    array_index: int | None


class Reading:
    """Answers reads from what is kept encoded."""

    def __init__(self, device: ServedDevice) -> None:
        """Take what is read."""
        self._by_octets = device.by_octets

    def read_property(self, body: bytes) -> bytes:
        """Return the acknowledgement's service data, or raise Refusal."""
        if len(body) == 7 and body[0] == _OBJECT_TAG and body[5] == 0x19:
            # One octet of property and no index: all but a few requests
            readable = self._by_octets.get(body[1:5])
            if readable is not None:
                kept = readable.kept.get(body[6])
                value = readable.value(body[6]) if kept is None else kept
                return b"\x0c%b%b\x3e%b\x3f" % (
                    _octets_of(readable, body[1:5]),
                    body[5:],
                    value,
                )
        octets, offset = _object_octets(body, 0)
        asked, offset = _property(body, offset, 1)
        if offset != len(body):
            raise MalformedFrameError("octets after a ReadProperty request")
        readable = self._by_octets.get(octets)
        if readable is None:
            raise RefusedError(UNKNOWN_OBJECT)
        value = _value(readable, asked)
        return b"\x0c%b%b\x3e%b\x3f" % (
            _octets_of(readable, octets),
            _reference(asked, 1),
            value,
        )

    def read_property_multiple(self, body: bytes) -> bytes:
        """Return the acknowledgement's service data, or raise Refusal."""
        plain = self._read_plainly(body)
        if plain is not None:
            return plain
        parts: list[bytes] = []
        size = 0
        for octets, asked in _specifications(body):
            readable = self._by_octets.get(octets)
            shown = octets if readable is None else _octets_of(readable, octets)
            parts.append(b"\x0c" + shown + b"\x1e")
            for each in asked:
                results = _results(readable, each)
                size += len(results)
                if size > LONGEST_ANSWER:
                    raise AbortedError(ABORT_OUT_OF_RESOURCES)
                parts.append(results)
            parts.append(b"\x1f")
        return b"".join(parts)

    def _read_plainly(self, body: bytes) -> bytes | None:
        """Return the answer where every property is had as a whole, else None."""
        by_octets, end, offset = self._by_octets, len(body), 0
        answer = bytearray()
        try:
            while offset < end:
                if body[offset] != _OBJECT_TAG or body[offset + 5] != _OPEN_LIST:
                    return None
                readable = by_octets[body[offset + 1 : offset + 5]]
                answer += b"\x0c%b\x1e" % _octets_of(
                    readable, body[offset + 1 : offset + 5]
                )
                kept = readable.kept
                offset += 6
                if body[offset] == _CLOSE_LIST:
                    return None
                while body[offset] != _CLOSE_LIST:
                    property_id = body[offset + 1]
                    if (
                        body[offset] != _PROPERTY_TAG
                        or property_id in _SPECIAL
                        or (
                            body[offset + 2] & 0xF8 == _CONTEXT_1
                            and body[offset + 2] != _CLOSE_LIST
                        )
                    ):
                        return None
                    offset += 2
                    value = kept.get(property_id)
                    if value is None:
                        value = readable.value(property_id)
                    answer += b"\x29%c\x4e%b\x4f" % (property_id, value)
                answer.append(_CLOSE_LIST)
                offset += 1
        except IndexError, KeyError, RefusedError:
            return None
        return bytes(answer) if end and len(answer) <= LONGEST_ANSWER else None


def _specifications(body: bytes) -> Iterator[tuple[bytes, list[PropertyAsked]]]:
    """Yield each object of a request and what is asked of it."""
    if not body:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    offset, end = 0, len(body)
    while offset < end:
        octets, offset = _object_octets(body, offset)
        tag = read_tag(body, offset, end)
        if tag.kind is not TagKind.OPENING or tag.number != 1:
            raise MalformedFrameError("an object without its list of properties")
        offset = tag.start
        asked: list[PropertyAsked] = []
        while (tag := read_tag(body, offset, end)).kind is not TagKind.CLOSING:
            each, offset = _property(body, offset, 0)
            asked.append(each)
        if tag.number != 1:
            raise MalformedFrameError("a list is closed by another's tag")
        if not asked:
            raise RejectedError(REJECT_MISSING_PARAMETER)
        offset = tag.start
        yield octets, asked


def _results(readable: Readable | None, asked: PropertyAsked) -> bytes:
    """Return the results of one property of a request, or of many."""
    property_id, index = asked
    if property_id not in _SPECIAL:
        return _result(readable, asked)
    if readable is None:
        return _result(None, asked)
    if index is not None:
        return _result(readable, asked)
    found = readable.properties(required=_SPECIAL[PropertyId(property_id)])
    return b"".join(_result(readable, PropertyAsked(each, None)) for each in found)


def _result(readable: Readable | None, asked: PropertyAsked) -> bytes:
    reference = _reference(asked, 2)
    if readable is None:
        return b"%b\x5e%b\x5f" % (reference, UNKNOWN_OBJECT.octets)
    try:
        return b"%b\x4e%b\x4f" % (reference, _value(readable, asked))
    except RefusedError as err:
        return b"%b\x5e%b\x5f" % (reference, err.reason.octets)


def _value(readable: Readable, asked: PropertyAsked) -> bytes:
    if asked.array_index is None:
        return readable.value(asked.property_id)
    return readable.element(asked.property_id, asked.array_index)


def _octets_of(readable: Readable, octets: bytes) -> bytes:
    """Return the identifier that an object is answered under: its own."""
    if octets != b"\x02\x3f\xff\xff":
        return octets
    kind, instance = readable.object_id
    return (kind << 22 | instance).to_bytes(4)


def _reference(asked: PropertyAsked, tag: int) -> bytes:
    octets = encode_context(tag, asked.property_id)
    if asked.array_index is not None:
        octets += encode_context(tag + 1, asked.array_index)
    return octets


def _object_octets(body: bytes, offset: int) -> tuple[bytes, int]:
    tag = read_tag(body, offset, len(body))
    if tag.kind is not TagKind.CONTEXT or tag.number != 0 or tag.length != 4:
        raise MalformedFrameError("an object identifier is missing")
    after = tag.start + 4
    return body[tag.start : after], after


def _property(body: bytes, offset: int, number: int) -> tuple[PropertyAsked, int]:
    """Return the property under a context tag, its index under the next, and the end."""
    property_id, offset = _unsigned(body, offset, number)
    if offset < len(body):
        tag = read_tag(body, offset, len(body))
        if tag.kind is TagKind.CONTEXT and tag.number == number + 1:
            index, offset = _unsigned(body, offset, number + 1)
            return PropertyAsked(property_id, index), offset
    return PropertyAsked(property_id, None), offset


def _unsigned(body: bytes, offset: int, number: int) -> tuple[int, int]:
    tag = read_tag(body, offset, len(body))
    expected = tag.kind is TagKind.CONTEXT and tag.number == number
    if not expected or not 0 < tag.length <= _MOST_OCTETS:
        raise MalformedFrameError(f"an unsigned under context tag {number} is missing")
    after = tag.start + tag.length
    return int.from_bytes(body[tag.start : after]), after

"""ReadProperty and ReadPropertyMultiple in octets (clauses 15.5 and 15.7)."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from ..names.error_names import error_name
from .encoding import ObjectId, Primitive, decode_values, encode_context
from .tags import MalformedFrameError, TagKind, element_end, read_tag

READ_PROPERTY: Final = 12
READ_PROPERTY_MULTIPLE: Final = 14

MALFORMED_VALUE: Final = "malformed-value"
"""The error of a property whose value breaks the encoding inside a sound frame."""

_MOST_PROPERTY_OCTETS = 4


class PropertyRef(NamedTuple):
    """A property of an object, or one element of an array property."""

    object_type: int
    instance: int
    property_id: int
    index: int | None = None  # type: ignore[assignment]  # tuple.index goes unused


class PropertyResult(NamedTuple):
    """What a device said of a property: values, or the standard's name of an error.

    values has one item for each element of the property: a scalar has one, an array
    or list any number.
    """

    ref: PropertyRef
    values: tuple[Primitive, ...]
    error: str = ""


class PropertyField(NamedTuple):
    """Where a property's value lies in an acknowledgement; error instead of a value."""

    ref: PropertyRef
    start: int
    end: int
    error: str = ""


def encode_read_property(ref: PropertyRef) -> bytes:
    """Return the service data of a ReadProperty request."""
    return encode_context(0, ObjectId(ref.object_type, ref.instance)) + (
        _encode_property(ref, 1)
    )


def encode_read_property_multiple(refs: Iterable[PropertyRef]) -> bytes:
    """Return the service data of a request; neighbours of one object share its header."""
    parts: list[bytes] = []
    current: tuple[int, int] | None = None
    for ref in refs:
        if ref[:2] != current:
            if current is not None:
                parts.append(b"\x1f")
            current = ref[:2]
            parts += encode_context(0, ObjectId(*current)), b"\x1e"
        parts.append(_encode_property(ref, 0))
    if current is not None:
        parts.append(b"\x1f")
    return b"".join(parts)


def decode_read_property_ack(data: bytes) -> PropertyResult:
    """Return what a ReadProperty acknowledgement carries, or raise MalformedFrameError."""
    end = len(data)
    object_id, offset = _read_object_id(data, 0, end)
    ref, offset = _read_property(data, offset, end, object_id, first_tag=1)
    tag = read_tag(data, offset, end)
    if tag.kind is not TagKind.OPENING or tag.number != _RP_VALUE:
        raise MalformedFrameError("a ReadProperty acknowledgement without a value")
    if (after := element_end(data, offset, end)) != end:
        raise MalformedFrameError("octets after a ReadProperty acknowledgement")
    return decode_field(data, PropertyField(ref, tag.start, after - 1))


def scan_property_fields(data: bytes) -> list[PropertyField]:
    """Return where the values of a ReadPropertyMultiple acknowledgement lie.

    Raises MalformedFrameError when the frame is broken.
    """
    fields: list[PropertyField] = []
    offset, end = 0, len(data)
    while offset < end:
        object_id, offset = _read_object_id(data, offset, end)
        tag = read_tag(data, offset, end)
        if tag.kind is not TagKind.OPENING or tag.number != _RPM_RESULTS:
            raise MalformedFrameError("an object without its list of results")
        offset = tag.start
        while read_tag(data, offset, end).kind is not TagKind.CLOSING:
            ref, offset = _read_property(data, offset, end, object_id, first_tag=2)
            field, offset = _read_value_or_error(data, offset, end, ref)
            fields.append(field)
        offset += 1
    return fields


def decode_error(data: bytes, offset: int, end: int) -> str:
    """Return the name of the error class and code pair at offset (clause 21, Error)."""
    error_class, offset = _read_enumerated(data, offset, end)
    error_code, _ = _read_enumerated(data, offset, end)
    return error_name(error_class, error_code)


_RP_VALUE = 3
_RPM_RESULTS = 1
_RPM_VALUE = 4
_RPM_ERROR = 5


def _encode_property(ref: PropertyRef, tag: int) -> bytes:
    octets = encode_context(tag, ref.property_id)
    return octets if ref.index is None else octets + encode_context(tag + 1, ref.index)


def _read_object_id(data: bytes, offset: int, end: int) -> tuple[tuple[int, int], int]:
    tag = read_tag(data, offset, end)
    if tag.kind is not TagKind.CONTEXT or tag.number != 0 or tag.length != 4:
        raise MalformedFrameError("an object identifier is missing")
    after = tag.start + tag.length
    number = int.from_bytes(data[tag.start : after])
    return (number >> 22, number & 0x3FFFFF), after


def _read_property(
    data: bytes, offset: int, end: int, object_id: tuple[int, int], *, first_tag: int
) -> tuple[PropertyRef, int]:
    """Return the property at offset with its array index, if any, and what follows."""
    property_id, offset = _read_context_unsigned(data, offset, end, first_tag)
    tag = read_tag(data, offset, end)
    if tag.kind is not TagKind.CONTEXT:
        return PropertyRef(*object_id, property_id), offset
    index, offset = _read_context_unsigned(data, offset, end, first_tag + 1)
    return PropertyRef(*object_id, property_id, index), offset


def _read_context_unsigned(
    data: bytes, offset: int, end: int, number: int
) -> tuple[int, int]:
    tag = read_tag(data, offset, end)
    expected = tag.kind is TagKind.CONTEXT and tag.number == number
    if not expected or not 0 < tag.length <= _MOST_PROPERTY_OCTETS:
        raise MalformedFrameError(f"an unsigned under context tag {number} is missing")
    after = tag.start + tag.length
    return int.from_bytes(data[tag.start : after]), after


def _read_value_or_error(
    data: bytes, offset: int, end: int, ref: PropertyRef
) -> tuple[PropertyField, int]:
    tag = read_tag(data, offset, end)
    if tag.kind is not TagKind.OPENING or tag.number not in {_RPM_VALUE, _RPM_ERROR}:
        raise MalformedFrameError("a property has neither value nor error")
    after = element_end(data, offset, end)
    if tag.number == _RPM_VALUE:
        return PropertyField(ref, tag.start, after - 1), after
    error = decode_error(data, tag.start, after - 1)
    return PropertyField(ref, tag.start, after - 1, error), after


def _read_enumerated(data: bytes, offset: int, end: int) -> tuple[int, int]:
    tag = read_tag(data, offset, end)
    if tag.kind is not TagKind.APPLICATION or not 0 < tag.length <= 4:
        raise MalformedFrameError("an error without class or code")
    after = tag.start + tag.length
    return int.from_bytes(data[tag.start : after]), after


def decode_field(data: bytes, field: PropertyField) -> PropertyResult:
    """Return what a field of an acknowledgement says."""
    if field.error:
        return PropertyResult(field.ref, (), field.error)
    try:
        return PropertyResult(field.ref, decode_values(data, field.start, field.end))
    except MalformedFrameError:
        return PropertyResult(field.ref, (), MALFORMED_VALUE)

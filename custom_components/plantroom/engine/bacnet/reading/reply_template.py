"""Decoding a reply whose layout is known: one mask check, one struct.unpack."""

import struct
from collections.abc import Callable, Sequence
from typing import Final

from ..octets.rpm import PropertyField
from ..octets.tags import ApplicationTag, TagKind, read_tag

STATUS_FLAGS: Final = 111

_FORMATS: Final[dict[tuple[int, int], str]] = {
    (ApplicationTag.REAL, 4): "f",
    (ApplicationTag.DOUBLE, 8): "d",
    **{
        (tag, octets): letter
        for tag in (ApplicationTag.UNSIGNED, ApplicationTag.ENUMERATED)
        for octets, letter in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))
    },
    **{
        (ApplicationTag.SIGNED, octets): letter
        for octets, letter in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))
    },
}
_FLAGS_OCTETS = 2
_TRUE = 0x11
_VARYING_BOOLEAN = 0xFE
_ODD_LENGTHS = (3, 5, 6, 7)

type Number = float | int | bool
type _Convert = Callable[[bytes | int], Number]


class ReplyTemplate:
    """The layout of a ReadPropertyMultiple acknowledgement with values of fixed length.

    unpack gives one number for each field in turn, an octet for status flags. Every
    other octet must be as it was, errors included.
    """

    __slots__ = ("_converters", "_fixed", "_length", "_mask", "_unpack")

    def __init__(
        self,
        data: bytes,
        mask: bytes,
        layout: str,
        converters: Sequence[tuple[int, _Convert]],
    ) -> None:
        """Take a reply, the octets to compare, and the struct of the others."""
        self._length = len(data)
        self._mask = int.from_bytes(mask)
        self._fixed = int.from_bytes(data) & self._mask
        self._unpack = struct.Struct(layout).unpack
        self._converters = tuple(converters)

    def unpack(self, data: bytes) -> tuple[Number, ...] | None:
        """Return the numbers of a reply, None when its layout is another."""
        if len(data) != self._length:
            return None
        if int.from_bytes(data) & self._mask != self._fixed:
            return None
        numbers: tuple[Number, ...] = self._unpack(data)
        return self._convert(numbers) if self._converters else numbers

    def _convert(self, numbers: tuple[Number, ...]) -> tuple[Number, ...]:
        converted: list[Number] = list(numbers)
        for position, convert in self._converters:
            converted[position] = convert(converted[position])  # type: ignore[arg-type]
        return tuple(converted)


def make_template(data: bytes, fields: Sequence[PropertyField]) -> ReplyTemplate | None:
    """Return the template of a reply, None when a value has no fixed length."""
    mask = bytearray(b"\xff" * len(data))
    layout = [">"]
    converters: list[tuple[int, _Convert]] = []
    position = 0
    for number, field in enumerate(field for field in fields if not field.error):
        part = _fixed_part(data, field)
        if part is None:
            return None
        start, letters, convert, octet_mask = part
        octets = struct.calcsize(f">{letters}")
        layout.append(f"{start - position}x{letters}")
        mask[start : start + octets] = bytes((octet_mask,)) * octets
        position = start + octets
        if convert is not None:
            converters.append((number, convert))
    layout.append(f"{len(data) - position}x")
    return ReplyTemplate(data, bytes(mask), "".join(layout), converters)


def _fixed_part(
    data: bytes, field: PropertyField
) -> tuple[int, str, _Convert | None, int] | None:
    """Return start, struct letters, conversion and mask of a field's octets."""
    if field.start == field.end:
        return None
    tag = read_tag(data, field.start, field.end)
    if tag.kind is not TagKind.APPLICATION or tag.start + tag.length != field.end:
        return None
    if field.ref.property_id == STATUS_FLAGS:
        flags = tag.number == ApplicationTag.BIT_STRING and tag.length == _FLAGS_OCTETS
        return (tag.start + 1, "B", None, 0) if flags else None
    letter = _FORMATS.get((tag.number, tag.length))
    if letter is not None:
        return tag.start, letter, None, 0
    if tag.number == ApplicationTag.BOOLEAN and tag.start == field.start:
        return tag.start, "B", _boolean_of, _VARYING_BOOLEAN
    convert = _OTHER_INTEGERS.get(tag.number)
    if convert is not None and tag.length in _ODD_LENGTHS:
        return tag.start, f"{tag.length}s", convert, 0
    return None


def _boolean_of(octet: bytes | int) -> bool:
    return octet == _TRUE


def _unsigned_of(octets: bytes | int) -> int:
    return int.from_bytes(octets) if isinstance(octets, bytes) else octets


def _signed_of(octets: bytes | int) -> int:
    return int.from_bytes(octets, signed=True) if isinstance(octets, bytes) else octets


_OTHER_INTEGERS: Final[dict[int, _Convert]] = {
    ApplicationTag.UNSIGNED: _unsigned_of,
    ApplicationTag.ENUMERATED: _unsigned_of,
    ApplicationTag.SIGNED: _signed_of,
}

"""Who is told of events: a Notification Class's recipient list (clause 12.21)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from .encoding import (
    BitString,
    Constructed,
    ObjectId,
    Primitive,
    Tagged,
    Time,
    encode_context,
    encode_primitive,
    walk,
)
from .tags import MalformedFrameError

_PARTS: Final = 7
_DAYS: Final = 7
_TRANSITIONS: Final = 3
_DEVICE: Final = 0


class Destination(NamedTuple):
    """One recipient as sent (BACnetDestination of clause 21): seven elements."""

    parts: tuple[Primitive, ...]

    @property
    def device(self) -> ObjectId | None:
        """Return the recipient's device, None for one that is an address."""
        recipient = self.parts[3]
        if not isinstance(recipient, Constructed):
            return None
        try:
            elements = walk(recipient.raw)
        except MalformedFrameError:
            return None
        match elements:
            case (Tagged(tag=tag, content=bytes(octets)),) if tag == _DEVICE:
                number = int.from_bytes(octets)
                return ObjectId(number >> 22, number & 0x3FFFFF)
        return None

    @property
    def process_id(self) -> int | None:
        """Return the process that is to be told."""
        number = self.parts[4]
        return int(number) if isinstance(number, int) else None

    @property
    def tells_all(self) -> bool:
        """Return whether it is told of all changes, always, and has to confirm."""
        days, begin, end, _, _, confirmed, transitions = self.parts
        return (
            _all_set(days, _DAYS)
            and _all_set(transitions, _TRANSITIONS)
            and confirmed is True
            and isinstance(begin, Time)
            and isinstance(end, Time)
            and begin[:2] == (0, 0)
            and end[:2] == (23, 59)
        )


def own_destination(device: ObjectId, process_id: int) -> Destination:
    """Return a recipient that is told of all changes, always, and confirms them."""
    return Destination(
        (
            BitString((True,) * _DAYS),
            Time(0, 0, 0, 0),
            Time(23, 59, 59, 99),
            Constructed(encode_context(_DEVICE, device)),
            process_id,
            True,
            BitString((True,) * _TRANSITIONS),
        )
    )


def decode_destinations(values: Sequence[Primitive]) -> tuple[Destination, ...]:
    """Return the recipients in a list's elements, or raise MalformedFrameError."""
    if len(values) % _PARTS:
        raise MalformedFrameError("a recipient list of half recipients")
    return tuple(
        Destination(tuple(values[start : start + _PARTS]))
        for start in range(0, len(values), _PARTS)
    )


def encode_destinations(destinations: Sequence[Destination]) -> bytes:
    """Return the octets of a recipient list; others' recipients stay as they were."""
    return b"".join(
        encode_primitive(part) for each in destinations for part in each.parts
    )


def _all_set(bits: Primitive, count: int) -> bool:
    return isinstance(bits, BitString) and bits.bits == (True,) * count

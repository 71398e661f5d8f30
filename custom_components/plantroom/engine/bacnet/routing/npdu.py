"""NPDUs taken apart and put together again as a router has to (135-2020, 6.2)."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from ..octets.tags import MalformedFrameError

EVERYWHERE: Final = 0xFFFF
MOST_HOPS: Final = 255
LONGEST_NPDU: Final = 1497

_VERSION: Final = 1
_NETWORK_MESSAGE: Final = 0x80
_HAS_DESTINATION: Final = 0x20
_HAS_SOURCE: Final = 0x08
# Whether a reply is expected, and the priority
_KEPT: Final = 0x07
_LONGEST_MAC: Final = 18


class MessageType(IntEnum):
    """Network layer messages (6.2.4)."""

    WHO_IS_ROUTER = 0x00
    I_AM_ROUTER = 0x01
    REJECT = 0x03
    INITIALIZE_ROUTING_TABLE = 0x06
    INITIALIZE_ROUTING_TABLE_ACK = 0x07
    WHAT_IS_NETWORK_NUMBER = 0x12
    NETWORK_NUMBER_IS = 0x13


class RejectReason(IntEnum):
    """Why a message did not go on (6.4.4)."""

    OTHER = 0
    UNKNOWN_NETWORK = 1
    UNKNOWN_MESSAGE = 3
    TOO_LONG = 4
    ADDRESS = 6


class Station(NamedTuple):
    """A network and a MAC on it; b"" is everybody there."""

    network: int
    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Npdu:
    """A message between networks; body: an APDU, or message type and parameters."""

    control: int
    destination: Station | None = None
    source: Station | None = None
    hops: int = MOST_HOPS
    body: bytes = b""

    @property
    def message_type(self) -> int | None:
        """Return the type of a network layer message, None for an APDU."""
        return self.body[0] if self.control & _NETWORK_MESSAGE else None

    def encode(self) -> bytes:
        """Return the octets."""
        control = self.control & (_NETWORK_MESSAGE | _KEPT)
        parts = [b"", self.body]
        if self.destination is not None:
            control |= _HAS_DESTINATION
            parts.insert(1, _specifier(self.destination))
        if self.source is not None:
            control |= _HAS_SOURCE
            parts.insert(-1, _specifier(self.source))
        if self.destination is not None:
            parts.insert(-1, bytes((self.hops,)))
        parts[0] = bytes((_VERSION, control))
        return b"".join(parts)


def message(
    kind: MessageType,
    parameters: bytes = b"",
    destination: Station | None = None,
    source: Station | None = None,
) -> Npdu:
    """Return a network layer message."""
    return Npdu(
        control=_NETWORK_MESSAGE,
        destination=destination,
        source=source,
        body=bytes((kind,)) + parameters,
    )


def numbers(networks: list[int]) -> bytes:
    """Return network numbers as messages have them."""
    return struct.pack(f">{len(networks)}H", *networks)


def numbers_in(parameters: bytes) -> tuple[int, ...]:
    """Return the network numbers in a message; an octet too many is left out."""
    count = len(parameters) // 2
    return struct.unpack(f">{count}H", parameters[: 2 * count])


def is_for_a_router(data: bytes, start: int) -> bool:
    """Return whether an NPDU has a destination or is a network layer message."""
    return (
        len(data) > start + 2
        and data[start] == _VERSION
        and data[start + 1] & (_NETWORK_MESSAGE | _HAS_DESTINATION) != 0
    )


def decode(data: bytes, start: int) -> Npdu:
    """Return the NPDU from start on; raises MalformedFrameError."""
    control, place = data[start + 1], start + 2
    destination = source = None
    hops = MOST_HOPS
    try:
        if control & _HAS_DESTINATION:
            destination, place = _station(data, place)
        if control & _HAS_SOURCE:
            source, place = _station(data, place)
        if control & _HAS_DESTINATION:
            hops, place = data[place], place + 1
    except IndexError as err:
        raise MalformedFrameError("an NPDU ends too soon") from err
    if place >= len(data):
        raise MalformedFrameError("an NPDU without content")
    if source is not None and not (0 < source.network < EVERYWHERE and source.mac):
        raise MalformedFrameError("an NPDU from nobody")
    if destination is not None and not destination.network:
        raise MalformedFrameError("an NPDU to no network")
    return Npdu(
        control=control,
        destination=destination,
        source=source,
        hops=hops,
        body=data[place:],
    )


def _station(data: bytes, place: int) -> tuple[Station, int]:
    length = data[place + 2]
    after = place + 3 + length
    if length > _LONGEST_MAC or after > len(data):
        raise MalformedFrameError("an address that is too long")
    network = int.from_bytes(data[place : place + 2])
    return Station(network, bytes(data[place + 3 : after])), after


def _specifier(station: Station) -> bytes:
    return struct.pack(">HB", station.network, len(station.mac)) + station.mac

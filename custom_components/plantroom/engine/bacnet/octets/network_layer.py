"""BACnet/IP and network headers (clauses 6.2 and J.2)."""

import struct
from dataclasses import dataclass
from typing import Final, override

# An IPv4 address and a UDP port, or the text of a VMAC and 0
type Endpoint = tuple[str, int]

_BVLC_TYPE: Final = 0x81
_ORIGINAL_UNICAST: Final = 0x0A
_ORIGINAL_BROADCAST: Final = 0x0B
_FORWARDED: Final = 0x04
_DISTRIBUTE: Final = 0x09
_FORWARDED_HEADER = 10
_BVLC_HEADER = 4
_VERSION = 1
_EXPECTING_REPLY = 0x04
_HAS_SOURCE = 0x08
_HAS_DESTINATION = 0x20
_NETWORK_MESSAGE = 0x80
_NOT_PLAIN = _HAS_SOURCE | _HAS_DESTINATION | _NETWORK_MESSAGE
_HOP_COUNT = 255
_SHORTEST_APDU = 3
_PLAIN_APDU_OFFSET = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a device is: an endpoint, with network and MAC when behind a router.

    max_apdu: the longest APDU the device takes and gives, in octets.
    """

    addr: Endpoint
    network: int | None = None
    mac: bytes = b""
    max_apdu: int = 480

    @property
    def source(self) -> bytes:
        """Return the source specifier of the device's replies, b"" when not routed."""
        if self.network is None:
            return b""
        return struct.pack(">HB", self.network, len(self.mac)) + self.mac

    @override
    def __str__(self) -> str:
        """Return the address as people write it."""
        host, port = self.addr
        # A VMAC has no port
        place = f"{host}:{port}" if port else host
        if self.network is None:
            return place
        return f"{self.network}:{self.mac.hex()} behind {place}"


def network_header(target: Target, *, expecting_reply: bool) -> bytes:
    """Return the NPDU header that leads to the target."""
    control = _EXPECTING_REPLY if expecting_reply else 0
    if target.network is None:
        return bytes((_VERSION, control))
    destination = target.source + bytes((_HOP_COUNT,))
    return bytes((_VERSION, control | _HAS_DESTINATION)) + destination


def unicast_frame(network_frame: bytes) -> bytes:
    """Return a BVLC Original-Unicast-NPDU."""
    length = _BVLC_HEADER + len(network_frame)
    return struct.pack(">BBH", _BVLC_TYPE, _ORIGINAL_UNICAST, length) + network_frame


def broadcast_frame(npdu: bytes) -> bytes:
    """Return a BVLC Original-Broadcast-NPDU."""
    length = _BVLC_HEADER + len(npdu)
    return struct.pack(">BBH", _BVLC_TYPE, _ORIGINAL_BROADCAST, length) + npdu


def distributed_frame(npdu: bytes) -> bytes:
    """Return a BVLC Distribute-Broadcast-To-Network, for a BBMD."""
    length = _BVLC_HEADER + len(npdu)
    return struct.pack(">BBH", _BVLC_TYPE, _DISTRIBUTE, length) + npdu


def locate_apdu(
    data: bytes, addr: Endpoint, shortest: int = _SHORTEST_APDU
) -> tuple[Endpoint, bytes, int] | None:
    """Return who sent a frame and where its APDU starts, None when it holds none.

    The sender is a UDP endpoint and the source specifier behind it (SNET, SLEN,
    SADR), b"" for a device on the local network.
    """
    if len(data) < _PLAIN_APDU_OFFSET + shortest or data[0] != _BVLC_TYPE:
        return None
    offset = _BVLC_HEADER
    if data[1] == _FORWARDED:
        addr = ".".join(map(str, data[4:8])), int.from_bytes(data[8:10])
        offset = _FORWARDED_HEADER
    elif data[1] not in (_ORIGINAL_UNICAST, _ORIGINAL_BROADCAST):
        return None
    elif data[5] & _NOT_PLAIN == 0 and data[4] == _VERSION:
        return addr, b"", _PLAIN_APDU_OFFSET
    located = _read_network_header(data, offset, shortest)
    return None if located is None else (addr, *located)


def _read_network_header(
    data: bytes, offset: int, shortest: int
) -> tuple[bytes, int] | None:
    """Return source specifier and offset of the APDU behind an NPDU header."""
    try:
        version, control = data[offset], data[offset + 1]
        if version != _VERSION or control & _NETWORK_MESSAGE:
            return None
        offset += 2
        if control & _HAS_DESTINATION:
            offset += 3 + data[offset + 2]
        source = b""
        if control & _HAS_SOURCE:
            after = offset + 3 + data[offset + 2]
            source = data[offset:after]
            offset = after
        if control & _HAS_DESTINATION:
            offset += 1
    except IndexError:
        return None
    return (source, offset) if offset + shortest <= len(data) else None

"""Nodes that do nothing but send and count, so that a hub is what is measured.

They mask with zeros, which a hub cannot tell from any other mask.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final, cast, override

HUB_PROTOCOL: Final = "hub.bsc.bacnet.org"
_UPGRADE: Final = (
    "GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {HUB_PROTOCOL}\r\n\r\n"
).encode()
_LENGTHS: Final = (1600).to_bytes(2) + (1497).to_bytes(2)
_ACCEPT: Final = 0x07
BROADCAST: Final = b"\xff" * 6


class LoadNode(asyncio.Protocol):
    """A node with a number; came: told how many octets of packets came."""

    def __init__(self, number: int) -> None:
        """Take its number, of which VMAC and UUID are made."""
        self.vmac = b"\x02\xbe" + number.to_bytes(4)
        self.came: Callable[[int], None] | None = None
        self.accepted = asyncio.get_running_loop().create_future()
        self._uuid = b"plantroom-be" + number.to_bytes(4)
        self._buffer: bytes | None = b""
        self._transport: asyncio.Transport | None = None

    async def connect(self, host: str, port: int, tls: ssl.SSLContext) -> None:
        """Connect to a hub; raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            await loop.create_connection(
                lambda: self, host, port, ssl=tls, server_hostname=""
            )
            await self.accepted

    def close(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def write(self, packets: bytes) -> None:
        """Send packets as they are."""
        assert self._transport is not None
        self._transport.write(packets)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_UPGRADE)

    @override
    def data_received(self, data: bytes) -> None:
        if self._buffer is None:
            if self.came is not None:
                self.came(len(data))
            return
        self._buffer += data
        head, ended, rest = self._buffer.partition(b"\r\n\r\n")
        if ended and head is not self._buffer:
            self._greet(rest)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.accepted.done():
            self.accepted.set_exception(exc or ConnectionResetError())

    def _greet(self, rest: bytes) -> None:
        if not rest:
            self.write(masked(b"\x06\x00\x00\x01" + self.vmac + self._uuid + _LENGTHS))
        elif rest[2] == _ACCEPT and not self.accepted.done():
            self._buffer = None
            self.accepted.set_result(None)


def masked(message: bytes) -> bytes:
    """Return a client's packet."""
    octets = len(message)
    if octets < 126:
        return bytes((0x82, 0x80 | octets)) + bytes(4) + message
    return b"\x82\xfe" + octets.to_bytes(2) + bytes(4) + message


def npdu_to(destination: bytes, octets: int) -> bytes:
    """Return a message with an NPDU of so many octets."""
    return b"\x01\x04\x00\x01" + destination + bytes((1, 0)) + bytes(octets - 2)


def packet_octets(message: bytes, *, broadcast: bool) -> int:
    """Return how long the packet is that a receiver gets."""
    octets = len(message) + (6 if broadcast else 0)
    return octets + (2 if octets < 126 else 4)


class Stream:
    """Messages from one node to one or all others, so many under way at a time."""

    def __init__(
        self, sender: LoadNode, message: bytes, receivers: list[LoadNode]
    ) -> None:
        """Take who sends what to whom."""
        self.came = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sender = sender
        self._packet = masked(message)
        self._octets = packet_octets(message, broadcast=message[4:10] == BROADCAST)
        self._receivers = receivers
        self._frames = self._sent = 0
        self._window = 0
        self._octets_came = 0
        for each in receivers:
            each.came = self._count

    def begin(self, frames: int, window: int) -> None:
        """Send the first ones; the others follow as these arrive."""
        self._frames, self._window = frames, window
        self._count(0)

    def _count(self, octets: int) -> None:
        self._octets_came += octets
        self.came = self._octets_came // self._octets
        arrived = self.came // len(self._receivers)
        while self._sent < min(self._frames, arrived + self._window):
            self._sent += 1
            self._sender.write(self._packet)
        if arrived >= self._frames and not self.ended.done():
            self.ended.set_result(None)

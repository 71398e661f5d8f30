"""The wire of one simulated device: a BACnet/IP link layer on loopback that can be unplugged, slow or lossy.

bacpypes3's own link short-circuits every datagram for 127.x.x.x on its own port back to itself, so neither a
simulated device nor a test client can use it when all share one port.
"""

import asyncio
import random
import socket
from collections.abc import Callable, Coroutine
from typing import Any, override

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU, IPv4Address, LocalBroadcast

type SocketAddress = tuple[str, int]

RESULT, FORWARDED, REGISTER, DISTRIBUTE, UNICAST, BROADCAST = (
    0x00,
    0x04,
    0x05,
    0x09,
    0x0A,
    0x0B,
)
NAK_CODES = {
    0x01: 0x0010,
    0x02: 0x0020,
    0x05: 0x0030,
    0x06: 0x0040,
    0x08: 0x0050,
    0x09: 0x0060,
}
"""BVLC functions that only a BBMD performs, and the result code of a refusal (Annex J.2.1)."""


def bvlc(function: int, body: bytes) -> bytes:
    """Return one BVLC frame."""
    return bytes((0x81, function)) + (len(body) + 4).to_bytes(2, "big") + body


def pack_address(address: SocketAddress) -> bytes:
    """Return the six octets of a B/IP address."""
    return socket.inet_aton(address[0]) + address[1].to_bytes(2, "big")


def unpack_address(data: bytes) -> SocketAddress:
    """Return the B/IP address in six octets."""
    return socket.inet_ntoa(data[:4]), int.from_bytes(data[4:6], "big")


def open_socket(address: SocketAddress) -> socket.socket:
    """Bind a UDP socket that others may share (broadcasts reach every one)."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.setblocking(False)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


class _Receiver(asyncio.DatagramProtocol):
    """Hands datagrams to a callback."""

    def __init__(self, received: Callable[[bytes, SocketAddress], None]) -> None:
        self._received = received

    @override
    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._received(data, (addr[0], addr[1]))


class BroadcastListener:
    """One socket on the broadcast address that hands each datagram to every link of the building."""

    def __init__(self, address: SocketAddress) -> None:
        self._address = address
        self._links: list[Link] = []
        self._transport: asyncio.DatagramTransport | None = None

    def add(self, link: Link) -> None:
        """Let a link hear broadcasts."""
        self._links.append(link)

    async def start(self) -> None:
        """Open the socket."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Receiver(self._received), sock=open_socket(self._address)
        )

    def stop(self) -> None:
        """Close the socket; idempotent."""
        if self._transport:
            self._transport.close()
            self._transport = None

    def _received(self, data: bytes, source: SocketAddress) -> None:
        for link in self._links:
            link.received(data, source, broadcast=True)


class Link(Server[PDU]):
    """A BACnet/IP link layer under a bacpypes3 network layer."""

    def __init__(
        self, address: SocketAddress, broadcast: SocketAddress | None, seed: int = 1
    ) -> None:
        super().__init__()
        self.address = address
        self.broadcast = broadcast
        self.plugged = True
        self.delay_seconds = 0.0
        self.loss = 0.0
        self.edit: Callable[[bytes], bytes | None] | None = None
        self._random = random.Random(seed)
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def text(self) -> str:
        """Return how a client reaches it."""
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def station(self) -> Any:
        """Return its address as bacpypes3 has it."""
        return IPv4Address(self.address)

    async def start(self) -> None:
        """Open the device's own socket."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Receiver(
                lambda data, source: self.received(data, source, broadcast=False)
            ),
            sock=open_socket(self.address),
        )

    def stop(self) -> None:
        """Close the socket and drop what is under way; idempotent."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._transport:
            self._transport.close()
            self._transport = None

    def close(self) -> None:
        """Close; bacpypes3's word for stop."""
        self.stop()

    async def indication(self, pdu: PDU) -> None:
        """Send what the network layer hands down."""
        destination = pdu.pduDestination
        if isinstance(destination, LocalBroadcast):
            if self.broadcast:
                self.send(bvlc(BROADCAST, bytes(pdu.pduData)), self.broadcast)
            return
        self.send(
            bvlc(UNICAST, bytes(pdu.pduData)),
            unpack_address(bytes(destination.addrAddr)),
        )

    def send(self, frame: bytes, destination: SocketAddress) -> None:
        """Send one BVLC frame, unless the device is unplugged."""
        if self._transport and self.plugged:
            self._transport.sendto(frame, destination)

    def received(self, data: bytes, source: SocketAddress, *, broadcast: bool) -> None:
        """Take one datagram; what is not BACnet/IP is ignored."""
        if (
            not self.plugged
            or source == self.address
            or len(data) < 4
            or data[0] != 0x81
            or self._lost()
        ):
            return
        self.spawn(self._process(data, source, broadcast))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work until it ends or the link stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _lost(self) -> bool:
        return self.loss > 0 and self._random.random() < self.loss

    async def _process(
        self, data: bytes, source: SocketAddress, broadcast: bool
    ) -> None:
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        function, body = data[1], data[4:]
        if function == FORWARDED and len(body) > 6:
            await self.up(body[6:], unpack_address(body), broadcast=True)
        elif function in (UNICAST, BROADCAST):
            await self.up(body, source, broadcast=function == BROADCAST)
        elif not broadcast:
            self.control(function, body, source)

    def control(self, function: int, _body: bytes, source: SocketAddress) -> None:
        """Refuse what only a BBMD does."""
        if function in NAK_CODES:
            self.send(bvlc(RESULT, NAK_CODES[function].to_bytes(2, "big")), source)

    async def up(self, npdu: bytes, source: SocketAddress, *, broadcast: bool) -> None:
        """Hand a network PDU to bacpypes3."""
        if self.edit is not None:
            edited = self.edit(npdu)
            if edited is None:
                return
            npdu = edited
        destination = LocalBroadcast() if broadcast else IPv4Address(self.address)
        await self.response(
            PDU(npdu, source=IPv4Address(source), destination=destination)
        )

"""The UDP sockets of a BACnet/IP network, below bacpypes3's BVLL."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from ipaddress import IPv4Interface
from pathlib import Path
from typing import override

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU, IPv4Address, LocalBroadcast

from ..errors import InterfaceGoneError, NetworkError, PortInUseError

_LOGGER = logging.getLogger(__name__)

BVLL_TYPE = 0x81
MAX_DATAGRAMS_WAITING = 2048
RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024

type Endpoint = tuple[str, int]
type DatagramListener = Callable[[bytes, Endpoint], bool]


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, link: DatagramLink, destination: object) -> None:
        self._link = link
        self._destination = destination

    @override
    def datagram_received(self, data: bytes, addr: Endpoint) -> None:
        self._link.receive(data, addr, self._destination)

    @override
    def error_received(self, exc: Exception) -> None:
        _LOGGER.debug("Socket error: %s", exc)


class DatagramLink(Server[PDU]):  # type: ignore[misc]
    """A unicast and a broadcast socket; bacpypes3 above gets what nobody else took.

    Replaces bacpypes3's own server, which shares a port that is in use without a
    word, tries for ever to bind, and never sends to another 127.x.x.x address.
    """

    def __init__(self, interface: IPv4Interface, port: int) -> None:
        """Take our address with its prefix and the UDP port; open() does the work."""
        super().__init__()
        self._interface = interface
        self._port = port
        self._broadcast: Endpoint = (str(interface.network.broadcast_address), port)
        self._listeners: list[DatagramListener] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._waiting: set[asyncio.Task[None]] = set()
        self._dropped = 0

    @property
    def broadcast_endpoint(self) -> Endpoint:
        """Return where local broadcasts go."""
        return self._broadcast

    def add_listener(self, listener: DatagramListener) -> None:
        """Offer every datagram to listener first; True means that it took it."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """Bind the sockets, or raise PortInUseError, InterfaceGoneError."""
        own: Endpoint = (str(self._interface.ip), self._port)
        try:
            await self._bind(own, IPv4Address(own), shared=False)
            if self._interface.network.prefixlen < 31:
                await self._bind(self._broadcast, LocalBroadcast(), shared=True)
        except OSError as err:
            self.close()
            raise await _bind_error(own, err) from err

    def close(self) -> None:
        """Close the sockets; calling it twice does no harm."""
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        for task in self._waiting:
            task.cancel()

    def send(self, data: bytes, addr: Endpoint) -> None:
        """Send a datagram; one that cannot be sent is lost, as on any network."""
        if self._transports:
            self._transports[0].sendto(data, addr)

    @override
    async def indication(self, pdu: PDU) -> None:
        destination = pdu.pduDestination
        if isinstance(destination, LocalBroadcast):
            self.send(pdu.pduData, self._broadcast)
        else:
            self.send(pdu.pduData, IPv4Address(destination).addrTuple)

    def receive(self, data: bytes, addr: Endpoint, destination: object) -> None:
        """Hand a datagram to the first that wants it, else to bacpypes3."""
        if len(data) < 4 or data[0] != BVLL_TYPE:
            return
        for listener in self._listeners:
            if listener(data, addr):
                return
        if addr == (str(self._interface.ip), self._port):
            return
        if len(self._waiting) >= MAX_DATAGRAMS_WAITING:
            self._dropped += 1
            if self._dropped == 1:
                _LOGGER.warning("Too many datagrams at once: some are dropped")
            return
        pdu = PDU(data, source=IPv4Address(addr), destination=destination)
        task = asyncio.get_running_loop().create_task(self._pass_up(pdu))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _pass_up(self, pdu: PDU) -> None:
        try:
            await self.response(pdu)
        except Exception as err:
            # Whatever a hostile datagram does to bacpypes3 ends here
            _LOGGER.debug("Undecodable datagram from %s: %r", pdu.pduSource, err)

    async def _bind(self, addr: Endpoint, destination: object, *, shared: bool) -> None:
        sock = _bound_socket(addr, shared=shared)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Receiver(self, destination), sock=sock
        )
        self._transports.append(transport)


def _bound_socket(addr: Endpoint, *, shared: bool) -> socket.socket:
    """Return a bound socket; shared: others on this machine may listen as well."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_OCTETS)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(addr)
    except OSError:
        sock.close()
        raise
    return sock


async def _bind_error(addr: Endpoint, err: OSError) -> NetworkError:
    host, port = addr
    if err.errno == errno.EADDRINUSE:
        owner = await asyncio.to_thread(_owner_of, addr)
        return PortInUseError(
            f"UDP port {port} of {host} is in use{f' by {owner}' if owner else ''}",
            address=host,
            port=port,
            owner=owner,
        )
    if err.errno == errno.EADDRNOTAVAIL:
        return InterfaceGoneError(
            f"No interface of this machine has the address {host}", address=host
        )
    return NetworkError(f"Cannot use {host}:{port}: {err}", address=host, port=port)


def _owner_of(addr: Endpoint) -> str:
    """Return the name of the process that has the port, "" where we may not see it."""
    inode = _socket_inode(addr)
    if inode is None:
        return ""
    wanted = f"socket:[{inode}]"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) == wanted for fd in (process / "fd").iterdir()):
                return (process / "comm").read_text().strip()
        except OSError:
            continue
    return ""


def _socket_inode(addr: Endpoint) -> str | None:
    try:
        lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    except OSError:
        return None
    host, port = addr
    octets = bytes(int(part) for part in host.split("."))
    mine = {f"{octets[::-1].hex().upper()}:{port:04X}", f"00000000:{port:04X}"}
    for line in lines:
        fields = line.split()
        if fields[1] in mine:
            return fields[9]
    return None

"""The UDP sockets of a BACnet/IP network, below bacpypes3's BVLL."""

import asyncio
import errno
import logging
import socket
from collections import deque
from ipaddress import IPv4Interface
from pathlib import Path
from typing import override

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU, IPv4Address, LocalBroadcast

from ...errors import InterfaceGoneError, NetworkError, PortInUseError
from ..octets.network_layer import Endpoint
from .carrier import FrameListener

_LOGGER = logging.getLogger(__name__)

BVLL_TYPE = 0x81
MAX_DATAGRAMS_WAITING = 2048
RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024
LONGEST_DATAGRAM_OCTETS = 65535
DATAGRAMS_AT_ONCE = 32


class DatagramLink(Server[PDU]):
    """A unicast and a broadcast socket; bacpypes3 above gets what nobody else took.

    Replaces bacpypes3's own server, which shares a port that is in use without a
    word, tries for ever to bind, and never sends to another 127.x.x.x address.
    """

    def __init__(self, interface: IPv4Interface, port: int) -> None:
        """Take our address with its prefix and the UDP port; open() does the work."""
        super().__init__()
        self._interface = interface
        self._port = port
        self._own: Endpoint = (str(interface.ip), port)
        self._broadcast: Endpoint = (str(interface.network.broadcast_address), port)
        self._listeners: list[FrameListener] = []
        self._sockets: list[socket.socket] = []
        self._unsent = deque[tuple[bytes, Endpoint]](maxlen=MAX_DATAGRAMS_WAITING)
        self._waiting: set[asyncio.Task[None]] = set()
        self._dropped = 0

    @property
    def everybody(self) -> Endpoint:
        """Return where broadcasts go."""
        return self._broadcast

    def add_listener(self, listener: FrameListener) -> None:
        """Offer every datagram to listener first; True means that it took it."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """Bind the sockets, or raise PortInUseError, InterfaceGoneError."""
        addr = self._own
        try:
            self._bind(addr, IPv4Address(addr), shared=False)
            if self._interface.network.prefixlen < 31:
                addr = self._broadcast
                self._bind(addr, LocalBroadcast(), shared=True)
        except OSError as err:
            self.close()
            raise await _bind_error(addr, err) from err

    def close(self) -> None:
        """Close the sockets; calling it twice does no harm."""
        for sock in self._sockets:
            loop = asyncio.get_running_loop()
            loop.remove_reader(sock)
            loop.remove_writer(sock)
            sock.close()
        self._sockets.clear()
        self._unsent.clear()
        for task in self._waiting:
            task.cancel()

    def send(self, data: bytes, addr: Endpoint) -> None:
        """Send a datagram, after a while when the system has no room for it now.

        One that cannot be sent at all is lost, as on any network.
        """
        if self._sockets and (self._unsent or not self._send_now(data, addr)):
            if not self._unsent:
                loop = asyncio.get_running_loop()
                loop.add_writer(self._sockets[0], self._send_unsent)
            self._unsent.append((data, addr))

    @override
    async def indication(self, pdu: PDU) -> None:
        destination = pdu.pduDestination
        if isinstance(destination, LocalBroadcast):
            endpoint = self._broadcast
        elif isinstance(destination, IPv4Address):
            endpoint = destination.addrTuple
        else:
            endpoint = IPv4Address(destination.addrAddr).addrTuple
        self.send(bytes(pdu.pduData), endpoint)

    def receive(self, data: bytes, addr: Endpoint, destination: object) -> None:
        """Hand a datagram to the first that wants it, else to bacpypes3."""
        if len(data) < 4 or data[0] != BVLL_TYPE:
            return
        if addr == self._own:
            return
        for listener in self._listeners:
            if listener(data, addr):
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

    def _send_now(self, data: bytes, addr: Endpoint) -> bool:
        """Send a datagram; return False when the system has no room for it."""
        try:
            self._sockets[0].sendto(data, addr)
        except BlockingIOError:
            return False
        except OSError as err:
            _LOGGER.debug("Nothing sent to %s: %s", addr, err)
        return True

    def _send_unsent(self) -> None:
        while self._unsent:
            if not self._send_now(*self._unsent[0]):
                return
            self._unsent.popleft()
        asyncio.get_running_loop().remove_writer(self._sockets[0])

    def _take_waiting(self, sock: socket.socket, destination: object) -> None:
        """Take several datagrams in one turn of the loop, which costs as much as one."""
        for _ in range(DATAGRAMS_AT_ONCE):
            try:
                data, addr = sock.recvfrom(LONGEST_DATAGRAM_OCTETS)
            except BlockingIOError:
                return
            except OSError as err:
                _LOGGER.debug("Socket error: %s", err)
                return
            self.receive(data, addr, destination)

    async def _pass_up(self, pdu: PDU) -> None:
        try:
            await self.response(pdu)
        except Exception:
            # Whatever a hostile datagram does to bacpypes3 ends here
            _LOGGER.debug("Undecodable datagram from %s", pdu.pduSource, exc_info=True)

    def _bind(self, addr: Endpoint, destination: object, *, shared: bool) -> None:
        sock = _bound_socket(addr, shared=shared)
        self._sockets.append(sock)
        loop = asyncio.get_running_loop()
        loop.add_reader(sock, self._take_waiting, sock, destination)


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
    host, port = addr
    octets = bytes(int(part) for part in host.split("."))
    mine = {
        f"{place}:{port:04X}"
        for place in (octets[::-1].hex().upper(), "0" * 8, "0" * 32)
    }
    for table in ("udp", "udp6"):
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[1] in mine:
                return fields[9]
    return None

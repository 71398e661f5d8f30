"""BACnet/SC as a carrier: NPDUs of a node, which its peers know by VMAC."""

import asyncio
import logging
import struct
from typing import Final, override

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU, LocalBroadcast, LocalStation

from ...secure_connect.port import BROADCAST_VMAC, SecureLink
from ..octets.network_layer import Endpoint
from .addresses import BacnetAddress, vmac_of, vmac_text
from .carrier import Carrier, FrameListener

_LOGGER = logging.getLogger(__name__)

MOST_WAITING: Final = 2048
_MOST_PEERS: Final = 65536
_HEADER_OCTETS: Final = 4
_ORIGINAL_UNICAST: Final = 0x0A
_ORIGINAL_BROADCAST: Final = 0x0B


class SecureCarrier(Carrier, Server[PDU]):
    """Lends each NPDU the BVLC header that it would have on BACnet/IP (J.2).

    An endpoint is the text of a VMAC and port 0. One carrier has one VMAC: a node that
    had to take another one (AB.1.5.2) gets a new carrier.
    """

    def __init__(self, link: SecureLink) -> None:
        """Take the node, which is connected."""
        super().__init__()
        self._link = link
        self._own = BacnetAddress(vmac_text(link.vmac), 0)
        self._listeners: list[FrameListener] = []
        self._endpoints: dict[bytes, Endpoint] = {}
        self._octets: dict[str, bytes] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        self._dropped = 0
        self._is_open = False

    @property
    @override
    def own(self) -> BacnetAddress:
        return self._own

    @property
    @override
    def stack(self) -> Server[PDU]:
        return self

    @property
    @override
    def registered(self) -> bool:
        return True

    @override
    def add_listener(self, listener: FrameListener) -> None:
        self._listeners.append(listener)

    @override
    async def open(self) -> None:
        self._is_open = True

    @override
    def send(self, data: bytes, addr: Endpoint) -> None:
        if not self._is_open:
            return
        vmac = self._octets.get(addr[0])
        if vmac is None:
            try:
                vmac = vmac_of(addr[0])
            except ValueError:
                _LOGGER.debug("%s is nobody's address on BACnet/SC", addr[0])
                return
            self._know(vmac, (addr[0], 0))
        self._link.send(data[_HEADER_OCTETS:], vmac)

    @override
    def forward(self, npdu: bytes, mac: bytes) -> None:
        if self._is_open:
            self._link.send(npdu, mac or BROADCAST_VMAC)

    @override
    async def registration_settled(self) -> None:
        return

    @override
    async def close(self) -> None:
        self._is_open = False
        for task in self._waiting:
            task.cancel()

    def take(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        """Hand an NPDU to the first that wants it, else to bacpypes3."""
        if not self._is_open or not npdu:
            return
        endpoint = self._endpoints.get(source) or self._know(
            source, (vmac_text(source), 0)
        )
        function = _ORIGINAL_BROADCAST if broadcast else _ORIGINAL_UNICAST
        data = struct.pack(">BBH", 0x81, function, len(npdu) + _HEADER_OCTETS) + npdu
        for listener in self._listeners:
            if listener(data, endpoint):
                return
        self._begin_to_pass_up(npdu, source, broadcast=broadcast)

    @override
    async def indication(self, pdu: PDU) -> None:
        destination = pdu.pduDestination
        vmac = (
            BROADCAST_VMAC
            if isinstance(destination, LocalBroadcast)
            else destination.addrAddr
        )
        if self._is_open:
            self._link.send(bytes(pdu.pduData), vmac)

    def _know(self, vmac: bytes, endpoint: Endpoint) -> Endpoint:
        """Remember how a peer is called both ways; peers may be any number."""
        if len(self._endpoints) >= _MOST_PEERS:
            self._endpoints.clear()
            self._octets.clear()
        self._endpoints[vmac] = endpoint
        self._octets[endpoint[0]] = vmac
        return endpoint

    def _begin_to_pass_up(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            if self._dropped == 1:
                _LOGGER.warning("Too many BACnet/SC messages at once: some are dropped")
            return
        pdu = PDU(
            npdu,
            source=LocalStation(source),
            destination=(
                LocalBroadcast() if broadcast else LocalStation(self._link.vmac)
            ),
        )
        task = asyncio.get_running_loop().create_task(self._pass_up(pdu))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _pass_up(self, pdu: PDU) -> None:
        try:
            await self.response(pdu)
        except Exception:
            # Whatever a hostile message does to bacpypes3 ends here
            _LOGGER.debug("Undecodable NPDU from %s", pdu.pduSource, exc_info=True)

"""BACnet/IP as a carrier: sockets, BVLL, and a registration where it has one."""

import asyncio
import socket
from ipaddress import IPv4Interface
from typing import override

from bacpypes3.comm import Server, bind
from bacpypes3.ipv4.bvll import BVLLCodec
from bacpypes3.ipv4.service import BIPNormal
from bacpypes3.pdu import PDU

from ...site_config import BacnetNetworkConfig
from ..octets.network_layer import (
    Endpoint,
    broadcast_frame,
    distributed_frame,
    unicast_frame,
)
from .addresses import BacnetAddress
from .carrier import Carrier, FrameListener
from .datagrams import DatagramLink
from .foreign_device import ForeignDevice, RegistrationListener


class IpCarrier(Carrier):
    """UDP datagrams; a foreign device has a BBMD broadcast for it."""

    def __init__(
        self, config: BacnetNetworkConfig, on_registration: RegistrationListener
    ) -> None:
        """Take what to open and who hears of the registration; open() does the work."""
        interface = IPv4Interface(config.address)
        self._own = BacnetAddress(str(interface.ip), config.port)
        self._datagrams = DatagramLink(interface, config.port)
        self._bvll: BIPNormal | ForeignDevice = (
            ForeignDevice(
                BacnetAddress.parse(config.bbmd, config.port),
                config.bbmd_ttl,
                on_registration,
            )
            if config.bbmd
            else BIPNormal()
        )
        bind(self._bvll, BVLLCodec(), self._datagrams)

    @property
    @override
    def own(self) -> BacnetAddress:
        return self._own

    @property
    @override
    def stack(self) -> Server[PDU]:
        return self._bvll

    @property
    @override
    def registered(self) -> bool:
        bvll = self._bvll
        return not isinstance(bvll, ForeignDevice) or bvll.bbmdRegistrationStatus == 0

    @override
    def add_listener(self, listener: FrameListener) -> None:
        self._datagrams.add_listener(listener)

    @override
    async def open(self) -> None:
        await self._datagrams.open()
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.start()

    @override
    def send(self, data: bytes, addr: Endpoint) -> None:
        self._datagrams.send(data, addr)

    @override
    def forward(self, npdu: bytes, mac: bytes) -> None:
        if mac:
            endpoint = socket.inet_ntoa(mac[:4]), int.from_bytes(mac[4:])
            self._datagrams.send(unicast_frame(npdu), endpoint)
        elif isinstance(self._bvll, ForeignDevice):
            self._datagrams.send(distributed_frame(npdu), self._bvll.bbmd.endpoint)
        else:
            self._datagrams.send(broadcast_frame(npdu), self._datagrams.everybody)

    @override
    async def registration_settled(self) -> None:
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.answered.wait()

    async def interface_is_there(self) -> bool:
        """Return whether this machine still has our address."""
        return await asyncio.to_thread(_has_address, self._own.host)

    @override
    async def close(self) -> None:
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.stop()
        self._datagrams.close()


def _has_address(host: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True

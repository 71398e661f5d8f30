"""An open BACnet/IP link: sockets, BVLL, our device, and the fast requests beside it."""

import asyncio
import logging
import socket
from collections.abc import Callable
from ipaddress import IPv4Interface

from bacpypes3.comm import bind
from bacpypes3.ipv4.bvll import BVLLCodec
from bacpypes3.ipv4.service import BIPNormal

from ...site_config import BacnetNetworkConfig
from ..local_objects.own_device import OwnDevice
from ..octets.encoding import ObjectId
from ..reading.confirmed_requests import ConfirmedRequests
from ..who_is import IAm
from .addresses import BacnetAddress
from .application import PlantroomApplication
from .datagrams import DatagramLink
from .foreign_device import ForeignDevice, RegistrationListener
from .notifications import (
    DEVICE_TYPE,
    CovNotification,
    EventTaker,
    Notifications,
    leave_event,
)

_LOGGER = logging.getLogger(__name__)


class Link:
    """Everything of a network that lives as long as its sockets."""

    def __init__(
        self,
        config: BacnetNetworkConfig,
        *,
        on_i_am: Callable[[IAm], None],
        on_change: Callable[[CovNotification], bool],
        on_registration: RegistrationListener,
        on_event: EventTaker = leave_event,
        own_device: OwnDevice | None = None,
    ) -> None:
        """Take what to open, who hears and who we are; open() does the work."""
        interface = IPv4Interface(config.address)
        self.port = config.port
        self.own = ObjectId(DEVICE_TYPE, config.instance)
        self._host = str(interface.ip)
        own = BacnetAddress(str(interface.ip), config.port)
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
        self.app = PlantroomApplication.on_link(
            self._bvll, own, config.instance, f"Plantroom {config.name}"
        )
        self.app.take_event = on_event
        self.requests = ConfirmedRequests(self._datagrams.send)
        notifications = Notifications(
            self._datagrams.send, on_i_am, on_change, on_event
        )
        self._datagrams.add_listener(self.requests.handle)
        self._datagrams.add_listener(notifications.take)
        self._own_device = own_device
        if own_device is not None:
            self._datagrams.add_listener(own_device.take)
            self.app.execute = own_device.execute

    @property
    def registered(self) -> bool:
        """Return whether broadcasts go out: always, but for a refused foreign device."""
        bvll = self._bvll
        return not isinstance(bvll, ForeignDevice) or bvll.bbmdRegistrationStatus == 0

    async def interface_is_there(self) -> bool:
        """Return whether this machine still has our address."""
        return await asyncio.to_thread(_has_address, self._host)

    async def open(self) -> None:
        """Bind the sockets and begin to register; raises NetworkError."""
        await self._datagrams.open()
        if self._own_device is not None:
            self._own_device.open(self._datagrams.send, self.requests, self.app)
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.start()

    async def send_who_is(
        self, low: int, high: int, destination: BacnetAddress | None = None
    ) -> None:
        """Ask everybody, or one address, who has an instance from low to high."""
        await self.app.send_who_is(low, high, destination)

    async def registration_settled(self) -> None:
        """Wait until the BBMD has answered or is known to be silent."""
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.answered.wait()

    async def close(self) -> None:
        """Give the registration back and close; calling it twice does no harm."""
        if self._own_device is not None:
            self._own_device.close()
        if isinstance(self._bvll, ForeignDevice):
            await self._bvll.stop()
        self.requests.close()
        self.app.close()
        self._datagrams.close()


def _has_address(host: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True

"""An open link: what carries it, our device, and the fast requests beside it."""

from collections.abc import Callable

from ...site_config import BacnetConfig
from ..local_objects.own_device import OwnDevice
from ..octets.encoding import ObjectId
from ..reading.confirmed_requests import ConfirmedRequests
from ..who_is import IAm
from .addresses import BacnetAddress
from .application import PlantroomApplication
from .carrier import Carrier
from .notifications import (
    DEVICE_TYPE,
    CovNotification,
    EventTaker,
    Notifications,
    leave_event,
)


class Link:
    """Everything of a network that lives as long as its carrier."""

    def __init__(
        self,
        carrier: Carrier,
        config: BacnetConfig,
        *,
        on_i_am: Callable[[IAm], None],
        on_change: Callable[[CovNotification], bool],
        on_event: EventTaker = leave_event,
        own_device: OwnDevice | None = None,
    ) -> None:
        """Take what to open, who hears and who we are; open() does the work."""
        self.carrier = carrier
        self.address = carrier.own
        self.own = ObjectId(DEVICE_TYPE, config.instance)
        self.app = PlantroomApplication.on_link(
            carrier.stack, carrier.own, config.instance, f"Plantroom {config.name}"
        )
        self.app.take_event = on_event
        self.requests = ConfirmedRequests(carrier.send)
        notifications = Notifications(carrier.send, on_i_am, on_change, on_event)
        carrier.add_listener(self.requests.handle)
        carrier.add_listener(notifications.take)
        self._own_device = own_device
        if own_device is not None:
            carrier.add_listener(own_device.take)
            self.app.execute = own_device.execute

    @property
    def port(self) -> int:
        """Return the UDP port of addresses that do not say theirs."""
        return self.address.port

    @property
    def registered(self) -> bool:
        """Return whether broadcasts go out: always, but for a refused foreign device."""
        return self.carrier.registered

    async def open(self) -> None:
        """Open what carries us and answer over it; raises NetworkError."""
        await self.carrier.open()
        self.introduce()

    def introduce(self) -> None:
        """Have our device answer, say that it is there, and tell all subscribers."""
        if self._own_device is not None:
            self._own_device.open(self.carrier.send, self.requests, self.app)

    async def send_who_is(
        self, low: int, high: int, destination: BacnetAddress | None = None
    ) -> None:
        """Ask everybody, or one address, who has an instance from low to high."""
        await self.app.send_who_is(low, high, destination)

    async def registration_settled(self) -> None:
        """Wait until the BBMD has answered or is known to be silent."""
        await self.carrier.registration_settled()

    async def close(self) -> None:
        """Give the registration back and close; calling it twice does no harm."""
        if self._own_device is not None:
            self._own_device.close()
        self.requests.close()
        self.app.close()
        await self.carrier.close()

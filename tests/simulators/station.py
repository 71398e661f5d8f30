"""A bacpypes3 client for tests: sits on the same port as the simulators, which bacpypes3's own link cannot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, override

from bacpypes3.apdu import SimpleAckPDU
from bacpypes3.app import Application
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import IPv4Address

from .building import BROADCAST_ADDRESS
from .link import BroadcastListener, Link


class StationApplication(Application):
    """A client that keeps every notification it receives."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notifications: list[Any] = []
        self.announcements: list[Any] = []

    @override
    async def do_ConfirmedCOVNotificationRequest(self, apdu: Any) -> None:
        self.notifications.append(apdu)
        await self.response(SimpleAckPDU(context=apdu))

    @override
    async def do_UnconfirmedCOVNotificationRequest(self, apdu: Any) -> None:
        self.notifications.append(apdu)

    @override
    async def do_IAmRequest(self, apdu: Any) -> None:
        self.announcements.append(apdu)
        await super().do_IAmRequest(apdu)


@asynccontextmanager
async def station(
    port: int, *, instance: int = 599, host: str = "127.0.0.1"
) -> AsyncIterator[Any]:
    """Run a client application at host:port that hears and sends broadcasts."""
    device = DeviceObject(
        objectIdentifier=("device", instance), objectName="Station", vendorIdentifier=999,
        maxApduLengthAccepted=1476, maxSegmentsAccepted=64,
    )  # fmt: skip
    app = StationApplication.from_object_list([device])
    link = Link((host, port), (BROADCAST_ADDRESS, port))
    listener = BroadcastListener((BROADCAST_ADDRESS, port))
    listener.add(link)
    app.nsap.bind(link, address=IPv4Address((host, port)))
    await link.start()
    await listener.start()
    try:
        yield app
    finally:
        listener.stop()
        link.stop()

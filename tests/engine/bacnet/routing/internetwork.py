"""Networks in memory that routers of ours join; everything sent is kept."""

from collections import deque
from typing import Any, override

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU

from custom_components.plantroom.engine.bacnet.routing.router import Router
from custom_components.plantroom.engine.bacnet.wire.addresses import (
    BacnetAddress,
    vmac_text,
)
from custom_components.plantroom.engine.bacnet.wire.carrier import Carrier
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
)

EVERYBODY = b""
MOST_FRAMES = 500


class Wire:
    """A network on which every station hears what is for it; delivery is by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taps: dict[bytes, Tap] = {}
        self.sent: list[tuple[bytes, bytes, bytes]] = []

    def send(self, npdu: bytes, source: bytes, mac: bytes) -> None:
        """Put an NPDU on the network, to be delivered in its turn."""
        self.sent.append((npdu, source, mac))
        for own, tap in self.taps.items():
            if own != source and mac in (EVERYBODY, own):
                self.world.waiting.append((tap, npdu, source, not mac))


class World:
    """All networks; settle() delivers until nothing is under way."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Tap, bytes, bytes, bool]] = deque()
        self.delivered = 0

    def settle(self) -> None:
        while self.waiting:
            tap, npdu, source, broadcast = self.waiting.popleft()
            self.delivered += 1
            assert self.delivered < MOST_FRAMES, "what is sent never ends"
            tap.take(npdu, source, broadcast=broadcast)


class Tap(Carrier):
    """A router's place on a network; local: what was left to its own stack."""

    def __init__(self, wire: Wire, mac: bytes) -> None:
        self._wire = wire
        self._mac = mac
        self._listeners: list[Any] = []
        self.local: list[bytes] = []
        wire.taps[mac] = self

    @property
    @override
    def own(self) -> BacnetAddress:
        return BacnetAddress(vmac_text(self._mac), 0)

    @property
    @override
    def stack(self) -> Server[PDU]:
        raise NotImplementedError

    @property
    @override
    def registered(self) -> bool:
        return True

    @override
    def add_listener(self, listener: Any) -> None:
        self._listeners.append(listener)

    @override
    async def open(self) -> None:
        raise NotImplementedError

    @override
    def send(self, data: bytes, addr: Any) -> None:
        raise NotImplementedError

    @override
    def forward(self, npdu: bytes, mac: bytes) -> None:
        self._wire.send(npdu, self._mac, mac)

    @override
    async def registration_settled(self) -> None:
        raise NotImplementedError

    @override
    async def close(self) -> None:
        raise NotImplementedError

    def take(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        function = b"\x0b" if broadcast else b"\x0a"
        frame = b"\x81" + function + (len(npdu) + 4).to_bytes(2) + npdu
        if not any(
            listener(frame, (vmac_text(source), 0)) for listener in self._listeners
        ):
            self.local.append(npdu)


def router_between(places: dict[int, tuple[Wire, bytes]], now: Any = None) -> Router:
    """Return a router with a MAC on each network, by number."""
    router = Router() if now is None else Router(now)
    router.configure(
        [
            RoutedNetworkConfig(network_id=str(number), number=number)
            for number in places
        ]
    )
    for number, (wire, mac) in places.items():
        router.attach(str(number), Tap(wire, mac))
        router.opened(str(number))
    return router

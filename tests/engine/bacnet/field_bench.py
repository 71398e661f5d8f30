"""A BACnet network of the engine on loopback, with all that it reports to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from custom_components.plantroom.engine.bacnet.ip_access import IpAccess
from custom_components.plantroom.engine.bacnet.network import BacnetNetwork
from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    EngineEvent,
    NumberedEvent,
)
from custom_components.plantroom.engine.health import HealthBoard
from custom_components.plantroom.engine.models import (
    DeviceStatus,
    NetworkStatus,
    Point,
    Problem,
    ProblemCode,
    Reading,
)
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.polling import Poller
from custom_components.plantroom.engine.problems import Problems
from custom_components.plantroom.engine.records import Records
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
)
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.devices import DeviceStore
from tests.engine.alarms.booked import Booked
from tests.simulators.building import Building

from .waiting import until

OWN_ADDRESS = "127.0.0.1/8"
NETWORK = "net"
WAIT_SECONDS = 30

type NetworkBuilder = Callable[[Records, Poller], BacnetNetwork]


@dataclass(kw_only=True)
class FieldBench:
    """Records, poller and network; events holds everything published."""

    port: int
    records: Records
    poller: Poller
    database: Database
    booked: Booked
    network: BacnetNetwork
    events: list[EngineEvent] = field(default_factory=list)

    def take(self, numbered: NumberedEvent) -> None:
        self.events.append(numbered.event)

    async def until[T](self, what: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
        """Return what() once it is true."""
        return await until(what, seconds)

    async def serve(self, *instances: int, **changes: Any) -> None:
        await self.network.serve(
            [
                BacnetDeviceConfig(
                    **{
                        "network_id": NETWORK,
                        "instance": instance,
                        "poll_seconds": 1,
                    }
                    | changes
                )
                for instance in instances
            ]
        )

    async def online(self, instance: int, seconds: float = WAIT_SECONDS) -> None:
        await self.until(
            lambda: (status := self.status(instance)) and status.online, seconds
        )

    async def no_poll(self, instance: int) -> None:
        """Wait until no poll of a device is under way, and all it asked is known."""
        entry = self.poller._entries[f"{NETWORK}:{instance}"]
        await self.until(lambda: entry.task is None)

    async def watch_all(self, *instances: int) -> None:
        """Watch every point of devices and wait until each has a reading."""
        for instance in instances:
            await self.online(instance)
        points = [p.point_id for i in instances for p in self.points(i)]
        self.network.watch(points)
        await self.until(lambda: all(self.records.points.reading(p) for p in points))

    def points(self, instance: int) -> tuple[Point, ...]:
        return self.records.points.of_device(f"{NETWORK}:{instance}")

    def point(self, instance: int, reference: str) -> Point:
        point = self.records.points.get(f"{NETWORK}:{instance}:{reference}")
        assert point is not None
        return point

    def reading(self, instance: int, reference: str) -> Reading:
        reading = self.records.points.reading(f"{NETWORK}:{instance}:{reference}")
        assert reading is not None
        return reading

    def value(self, instance: int, reference: str) -> Any:
        return self.reading(instance, reference).value

    def status(self, instance: int) -> DeviceStatus | None:
        found = [
            status
            for status in self.records.health.devices()
            if status.device_id == f"{NETWORK}:{instance}"
        ]
        return found[0] if found else None

    def statuses(self, instance: int) -> list[DeviceStatus]:
        """Return all that was told of a device."""
        return [
            event.status
            for event in self.events
            if isinstance(event, DeviceStatusChanged)
            and event.status.device_id == f"{NETWORK}:{instance}"
        ]

    def cov_points(self, instance: int) -> int:
        status = self.status(instance)
        return status.cov_points if status else 0

    @property
    def health(self) -> NetworkStatus:
        (status,) = self.records.health.networks()
        return status

    def problem(self, code: ProblemCode) -> Problem | None:
        found = [p for p in self.records.problems.all() if p.code is code]
        return found[0] if found else None

    def device(self, instance: int) -> Any:
        return self.network._devices[instance]

    async def poll(self, instance: int) -> None:
        """Poll a device now, past the poller."""
        await self.device(instance).poll()


@asynccontextmanager
async def field_bench(
    port: int,
    *,
    folder: Any = None,
    poll: bool = True,
    start: bool = True,
    build: NetworkBuilder | None = None,
    **config: Any,
) -> AsyncIterator[FieldBench]:
    """Run a network; poll=False: devices are read by poll() only.

    build: makes it; else it is one of BACnet/IP at OWN_ADDRESS, with this config.
    """
    booked = Booked(folder, timedelta())
    await booked.start()
    bus, database = booked.events, booked.database
    records = Records(
        events=bus,
        points=Points(bus),
        health=HealthBoard(bus),
        problems=Problems(bus),
        store=DeviceStore(database),
        alarms=booked.book,
    )
    poller = Poller()
    if poll:
        await poller.start()
    if build is None:
        asked = BacnetNetworkConfig(
            **{
                "network_id": NETWORK,
                "name": "Field",
                "address": OWN_ADDRESS,
                "port": port,
            }
            | config
        )
        network = BacnetNetwork(asked, IpAccess(asked, records), records, poller)
    else:
        network = build(records, poller)
    bench = FieldBench(
        port=port,
        records=records,
        poller=poller,
        database=database,
        booked=booked,
        network=network,
    )
    unlisten = bus.listen(bench.take)
    try:
        if start:
            await network.start()
        yield bench
    finally:
        await poller.stop()
        await network.stop()
        unlisten()
        await booked.stop()


@asynccontextmanager
async def building_and_bench(
    *only: int | str, profile: str = "all", **options: Any
) -> AsyncIterator[tuple[Building, FieldBench]]:
    """Run part of the building, its physics at rest, and a network beside it."""
    async with (
        Building(profile=profile, only=only, speed=0) as building,
        field_bench(building.port, **options) as bench,
    ):
        yield building, bench

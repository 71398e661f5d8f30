"""Points with their meters on a clock that tests move, and a file that stays."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.energy.local_time import LocalTime
from custom_components.plantroom.engine.energy.metering import TICK_SECONDS, Metering
from custom_components.plantroom.engine.energy.moment import Moment
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    EngineEvent,
    NetworkStatusChanged,
    PointsChanged,
    ReadingsChanged,
)
from custom_components.plantroom.engine.models import (
    Access,
    DeviceStatus,
    Health,
    NetworkStatus,
    Point,
    PointKind,
    PointRole,
    PointValue,
    Problem,
    Quantity,
    Reading,
    ReadingSource,
)
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.problems import Problems
from custom_components.plantroom.engine.site_config import BacnetDeviceConfig
from custom_components.plantroom.engine.storage.audit_log import AuditLog
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.meters import MeterStore
from tests.site import point

DEVICE = "n:1"
ENERGY = f"{DEVICE}:energy"
BEGIN = datetime(2026, 11, 21, 10, tzinfo=UTC)
POLL = 10.0


def power(reference: str = "power", **facts: Any) -> Point:
    """Return the main power of a meter, in kilowatts."""
    wanted = {"name": "Power", "unit": "kilowatts", "quantity": Quantity.POWER}
    return measured(reference, **wanted | facts)


def counter(reference: str = "energy", **facts: Any) -> Point:
    """Return a counter of imported energy, in kilowatt-hours."""
    wanted: dict[str, Any] = {
        "name": "Energy",
        "kind": PointKind.COUNTER,
        "unit": "kilowatt-hours",
        "quantity": Quantity.ENERGY_IMPORT,
    }
    return measured(reference, **wanted | facts)


def measured(reference: str, **facts: Any) -> Point:
    """Return an analog input."""
    wanted = {"role": PointRole.INPUT, "access": Access.READ_ONLY}
    return point(reference, DEVICE, **wanted | facts)


@dataclass
class MeteringBench:
    """The engine's part that meters; kill it by making another on the same folder."""

    folder: Path
    now: datetime = BEGIN
    steady: float = 5_000.0
    time_zone: str = "Europe/Berlin"
    heard: list[EngineEvent] = field(default_factory=list)
    rewatched: int = 0
    others: list[MeteringBench] = field(default_factory=list)

    async def start(self) -> None:
        self.database = Database(self.folder)
        await self.database.start()
        self.audit = AuditLog(self.database)
        self.events = EventBus()
        self.points = Points(self.events)
        self.problems = Problems(self.events)
        self.metering = Metering(
            self.points,
            self.problems,
            MeterStore(self.database),
            LocalTime(lambda: self.time_zone),
            rewatch=self._rewatch,
            clock=lambda: Moment(steady=self.steady, at=self.now),
        )
        self.points.derive_with(self.metering)
        self.events.listen(self.metering.hear)
        self.events.listen(lambda numbered: self.heard.append(numbered.event))
        await self.metering.start()

    async def stop(self) -> None:
        for other in self.others:
            await other.stop()
        await self.metering.stop()
        await self.database.stop()

    async def kill(self) -> MeteringBench:
        """Go on in another process that knows only what is on disk."""
        if self.metering._ticking is not None:
            self.metering._ticking.cancel()
            self.metering._ticking = None
        await self.database.stop()
        other = MeteringBench(
            self.folder, now=self.now, steady=17.0, time_zone=self.time_zone
        )
        await other.start()
        self.others.append(other)
        return other

    async def serve(self, *points: Point, **facts: Any) -> None:
        """Configure the device, define its points and watch all of them."""
        config = BacnetDeviceConfig(
            network_id="n", instance=1, **{"poll_seconds": POLL} | facts
        )
        await self.metering.configure([config])
        if points:
            self.points.define(DEVICE, points)
        self.watch(*(p.reference for p in self.points.all()))

    def watch(self, *references: str) -> frozenset[str]:
        return self.metering.watch(
            frozenset(f"{DEVICE}:{reference}" for reference in references)
        )

    def read(
        self,
        value: PointValue,
        reference: str = "power",
        source: ReadingSource = ReadingSource.POLL,
        **facts: Any,
    ) -> None:
        """Let a network have read a point."""
        reading = Reading(value=value, at=self.now, source=source, **facts)
        self.points.update([(f"{DEVICE}:{reference}", reading)])

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        while seconds > 0:
            step = min(seconds, TICK_SECONDS)
            self.pass_by(step)
            await self.metering.tick()
            seconds -= step

    def pass_by(self, seconds: float) -> None:
        """Let time pass in which nothing is done."""
        self.now += timedelta(seconds=seconds)
        self.steady += seconds

    def online(self, *, online: bool) -> None:
        self.events.publish(
            DeviceStatusChanged(
                status=DeviceStatus(device_id=DEVICE, online=online, since=self.now)
            )
        )

    def network(self, health: Health) -> None:
        self.events.publish(
            NetworkStatusChanged(
                status=NetworkStatus(network_id="n", health=health, since=self.now)
            )
        )

    def shown(self, reference: str) -> PointValue:
        found = self.reading(reference)
        return None if found is None else found.value

    def reading(self, reference: str) -> Reading | None:
        return self.points.reading(f"{DEVICE}:{reference}")

    def references(self) -> list[str]:
        return [p.reference for p in self.points.all()]

    def problem(self) -> Problem | None:
        return next(iter(self.problems.all()), None)

    def told(self, reference: str) -> list[PointValue]:
        """Return the values that a client was told of a point, in order."""
        return [
            reading.value
            for event in self.heard
            if isinstance(event, ReadingsChanged)
            for point_id, reading in event.readings
            if point_id == f"{DEVICE}:{reference}"
        ]

    def point_events(self) -> list[PointsChanged]:
        return [event for event in self.heard if isinstance(event, PointsChanged)]

    def _rewatch(self) -> None:
        self.rewatched += 1
        self.metering.watch(self.metering._asked)


async def kept(bench: MeteringBench) -> None:
    """Wait until what was written at once is written."""
    if bench.metering._keeping is not None:
        await bench.metering._keeping


async def replaced(bench: MeteringBench, new: float = 3.0) -> None:
    """Let a counter at 5000 be replaced."""
    bench.read(5000.0, "energy")
    bench.pass_by(60)
    for _ in range(8):
        bench.pass_by(10)
        bench.read(new, "energy")
    await kept(bench)

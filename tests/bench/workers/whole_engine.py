"""The engine as Home Assistant runs it, with a site of many devices."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.events import NumberedEvent, ReadingsChanged
from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.pymodbus_links import PymodbusLink
from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
)
from tests.bench.own_process import Window, resident_mib
from tests.simulators.client import SimulatorControl
from tests.simulators.fleet_device import FIRST_INSTANCE

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """An EngineHost."""

    data_folder: Path | None
    time_zone: str = "UTC"

    def modbus_link(self, config: ModbusLineConfig) -> ModbusLink:
        """Return a link of its own."""
        return PymodbusLink(config)


class Readings:
    """Counts what the engine tells its clients."""

    def __init__(self) -> None:
        self.count = 0
        self.seen: set[str] = set()

    def take(self, event: NumberedEvent) -> None:
        """Take an event of any kind."""
        if isinstance(event.event, ReadingsChanged):
            self.count += len(event.event.readings)
            self.seen.update(point_id for point_id, _ in event.event.readings)


def site(
    settings: dict[str, Any], poll_seconds: float, *, change_of_value: bool = False
) -> SiteConfig:
    """Return the configuration of all devices in the settings."""
    host, port = settings["own"].split(":")
    network = BacnetNetworkConfig(
        network_id="bench", name="bench", address=f"{host}/32", port=int(port)
    )
    devices = tuple(
        BacnetDeviceConfig(
            network_id="bench",
            instance=FIRST_INSTANCE + number,
            address=f"{host}:{port}",
            poll_seconds=poll_seconds,
            change_of_value=change_of_value,
        )
        for number, (host, port) in enumerate(settings["devices"])
    )
    return SiteConfig(networks=(network,), devices=devices)


@asynccontextmanager
async def running_engine(folder: str) -> AsyncIterator[Engine]:
    """Yield a started engine that keeps its files in the folder."""
    engine = Engine(Host(data_folder=Path(folder)))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def survey(engine: Engine, points: int) -> Snapshot:
    """Return the snapshot once the engine knows so many points."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            snapshot: Snapshot = await engine.call("snapshot")
            if len(snapshot.points) >= points:
                return snapshot
            await asyncio.sleep(0.2)


async def watch_all(engine: Engine, snapshot: Snapshot, readings: Readings) -> float:
    """Ask for all points; return the seconds until each has its first reading."""
    began = time.perf_counter()
    point_ids = tuple(point.point_id for point in snapshot.points)
    await engine.call("watch", WatchRequest(client_id="bench", point_ids=point_ids))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(readings.seen) < len(point_ids):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    return time.perf_counter() - began


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the cost of polling with some and with all values changing."""
    points = settings["points"] * len(settings["devices"])
    control = SimulatorControl(settings["control_port"])
    async with control, running_engine(settings["folder"]) as engine:
        empty_mib = resident_mib()
        readings = Readings()
        engine.events.listen(readings.take)
        began = time.perf_counter()
        await engine.call("configure", site(settings, settings["poll_seconds"]))
        snapshot = await survey(engine, points)
        surveyed = time.perf_counter() - began
        result: dict[str, Any] = {
            "points": points,
            "poll_seconds": settings["poll_seconds"],
            "empty_mib": empty_mib,
            "survey_seconds": surveyed,
            "first_readings_seconds": await watch_all(engine, snapshot, readings),
        }
        for name, share in settings["shares"].items():
            await control.command("share", share=share)
            result[name] = await _polled(readings, settings["seconds"])
        await control.command("share", share=1.0)
        await engine.call("configure", site(settings, settings["fast_poll_seconds"]))
        await asyncio.sleep(settings["fast_poll_seconds"] * 3)
        result["fast"] = await _polled(readings, settings["fast_seconds"])
        return result


async def _polled(readings: Readings, seconds: float) -> dict[str, Any]:
    before = readings.count
    async with Window() as window:
        await asyncio.sleep(seconds)
        # A machine that is busy may poll nothing in a short time
        async with asyncio.timeout(PATIENCE_SECONDS):
            while readings.count == before:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
    return window.result | {"readings": readings.count - before}

"""A site for tests: the engine's host, its configuration, and waiting for an effect."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.pymodbus_links import PymodbusLink
from custom_components.plantroom.engine.models import (
    Access,
    Device,
    Point,
    PointKind,
    PointRole,
    Reading,
    ReadingSource,
)
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
)
from tests.simulators.building import Building

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHost:
    """An EngineHost; without a folder nothing is kept."""

    data_folder: Path | None = None
    time_zone: str = "Europe/Berlin"

    def modbus_link(self, config: ModbusLineConfig) -> ModbusLink:
        """Return a link of its own."""
        return PymodbusLink(config)


def network_config(
    port: int, network_id: str = "n", **facts: Any
) -> BacnetNetworkConfig:
    """Return a network on loopback."""
    wanted = {"name": f"Network {network_id}", "address": "127.0.0.1/8"} | facts
    return BacnetNetworkConfig(network_id=network_id, port=port, **wanted)


def device_config(
    instance: int, network_id: str = "n", **facts: Any
) -> BacnetDeviceConfig:
    """Return a device that is found by Who-Is."""
    return BacnetDeviceConfig(network_id=network_id, instance=instance, **facts)


def site_of(building: Building, *instances: int, **facts: Any) -> SiteConfig:
    """Return a site of one network "n" with devices of a building; facts: theirs."""
    return SiteConfig(
        networks=(network_config(building.port),),
        devices=tuple(device_config(instance, **facts) for instance in instances),
    )


def device(device_id: str = "n:1", **facts: Any) -> Device:
    """Return a device."""
    network_id, _, instance = device_id.rpartition(":")
    wanted = {"name": f"Device {instance}", "address": "127.0.1.1"} | facts
    return Device(
        device_id=device_id, network_id=network_id, instance=int(instance), **wanted
    )


def point(
    reference: str = "analog-value,1", device_id: str = "n:1", **facts: Any
) -> Point:
    """Return a commandable analog value unless facts say otherwise."""
    wanted: dict[str, Any] = {
        "kind": PointKind.ANALOG,
        "role": PointRole.VALUE,
        "access": Access.COMMANDABLE,
        "name": reference,
    }
    return Point(
        point_id=f"{device_id}:{reference}",
        device_id=device_id,
        reference=reference,
        **wanted | facts,
    )


def reading(value: Any, **facts: Any) -> Reading:
    """Return a polled reading of a healthy point."""
    return Reading(value=value, **{"at": AT, "source": ReadingSource.POLL} | facts)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for what happens elsewhere, or raise TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)

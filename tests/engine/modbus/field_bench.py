"""An engine that serves scripted units on one line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.network import ModbusNetwork
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
)
from custom_components.plantroom.engine.modbus.unit.device import ModbusDevice
from custom_components.plantroom.engine.models import (
    Reading,
    WriteRequest,
    WriteResult,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.simulators.modbus.serial_line import SerialLine
from tests.simulators.modbus.socket_line import SocketLine
from tests.site import until

from .scripted_line import BackendLink, ScriptedUnit, serving

FAST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendHost:
    """A host whose links are over either backend."""

    backend: str = "pymodbus"
    data_folder: Path | None = None
    time_zone: str = "UTC"

    def modbus_link(self, config: ModbusLineConfig) -> ModbusLink:
        return BackendLink(self.backend, config)


def device_of(unit_id: int, *points: RegisterPoint, **facts: Any) -> ModbusDeviceConfig:
    """Return a device with a map of its own, read often."""
    wanted = {"registers": points, "poll_seconds": FAST} | facts
    return ModbusDeviceConfig(network_id="l", unit_id=unit_id, **wanted)


class Field(Running):
    """A running engine, the other end of its line, and shorthands."""

    def __init__(
        self, engine: Engine, line: ModbusLineConfig, served: SocketLine | SerialLine
    ) -> None:
        super().__init__(engine)
        self.line = line
        self.served = served

    async def serve(self, *devices: ModbusDeviceConfig, **line_facts: Any) -> None:
        line = replace(self.line, **line_facts)
        await self.configure(SiteConfig(modbus_lines=(line,), modbus_devices=devices))
        await self.watch_all()

    async def watch_all(self) -> None:
        points = (await self.snapshot()).points
        await self.watch(*(point.point_id for point in points))

    def value(self, point_id: str) -> Any:
        found = self.reading(point_id)
        return None if found is None else found.value

    def readings_of(self, point_id: str) -> list[Reading]:
        """Return all readings of a point that were told, oldest first."""
        return [
            reading
            for event in self.heard
            for each, reading in getattr(event, "readings", ())
            if each == point_id
        ]

    async def until_value(self, point_id: str, value: Any, seconds: float = 30) -> None:
        await until(lambda: self.value(point_id) == value, seconds)

    async def write(self, point_id: str, value: Any, **facts: Any) -> WriteResult:
        request = WriteRequest(point_id=point_id, value=value, **facts)
        result: WriteResult = await self.engine.call("write", request)
        return result

    @property
    def network_of_line(self) -> ModbusNetwork:
        network = self.engine._networks.find("l")
        assert isinstance(network, ModbusNetwork)
        return network

    def device(self, unit_id: int = 1) -> ModbusDevice:
        return self.network_of_line._devices[unit_id]


@asynccontextmanager
async def field(
    *units: ScriptedUnit,
    transport: ModbusTransport = ModbusTransport.TCP,
    backend: str = "pymodbus",
    folder: Path | None = None,
    keep: Path | None = None,
    **line_facts: Any,
) -> AsyncIterator[Field]:
    """Yield an engine with a line to the units; folder: of the serial port."""
    async with serving(transport, *units, folder=folder) as (served, reach):
        engine = Engine(BackendHost(backend=backend, data_folder=keep))
        await engine.start()
        try:
            yield Field(engine, replace(reach, **line_facts), served)
        finally:
            await engine.stop()

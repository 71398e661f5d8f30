"""The Modbus side of the building: starts its lines and lets time pass in what they measure."""

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
    ModbusTransport,
)

from ..physics import Surroundings
from . import difficult, office
from .bus import Bus
from .certificates import CertificateFiles
from .energy import ElectricityMeter, Energies
from .heat import HeatMeter
from .installation import Installation
from .serial_line import SerialLine
from .socket_line import HOST, SocketLine
from .solar import SolarPlant
from .tables import LineTable, UnitTable
from .unit import SimulatedUnit

TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Lines and units to start."""

    lines: tuple[LineTable, ...]
    units: tuple[UnitTable, ...]


PROFILES = {
    "office": Profile(lines=office.LINES, units=office.UNITS),
    "difficult": Profile(lines=difficult.LINES, units=difficult.UNITS),
    "all": Profile(
        lines=office.LINES + difficult.LINES, units=office.UNITS + difficult.UNITS
    ),
}


class UnknownUnitError(LookupError):
    """No such line or unit in the building."""


class ModbusSide:
    """Every line of a profile, in this process; the in-process API of the tests.

    With speed 0 time passes by pass_time() only. ports: of TCP lines by name, from an
    earlier run; others take a free one.
    """

    def __init__(
        self,
        *,
        profile: str = "office",
        speed: float = 1.0,
        seed: int = 1,
        only: Sequence[str] = (),
        ports: dict[str, int] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.speed = speed
        self.surroundings = Surroundings()
        self.installation = Installation(seed)
        self.lines: dict[str, SocketLine | SerialLine] = {}
        self.units: dict[str, SimulatedUnit] = {}
        self._profile = PROFILES[profile]
        self._only = tuple(only)
        self._ports = ports or {}
        self._folder = folder
        self._made_folder: tempfile.TemporaryDirectory[str] | None = None
        self._clock: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start every line; all units answer when this returns. A clock runs unless speed is 0."""
        folder = self._take_folder()
        certificates = CertificateFiles(folder=folder)
        for table in self._profile.units:
            model = self.installation.model(table.model)
            self.units[table.name] = SimulatedUnit(table, model)
        for line in self._profile.lines:
            if not self._only or line.name in self._only:
                self.lines[line.name] = self._make_line(line, certificates)
                await self.lines[line.name].start()
        if self.speed:
            self._clock = asyncio.create_task(self._run_clock())

    async def stop(self) -> None:
        """Stop every line; idempotent."""
        if self._clock:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
            self._clock = None
        for line in self.lines.values():
            await line.stop()
        self.lines.clear()
        self.units.clear()
        if self._made_folder:
            self._made_folder.cleanup()
            self._made_folder = None

    def unit(self, name: str) -> SimulatedUnit:
        """Return a unit by its name; raises UnknownUnitError."""
        if name not in self.units:
            raise UnknownUnitError(f"no unit {name}")
        return self.units[name]

    def line(self, name: str) -> SocketLine | SerialLine:
        """Return a line by its name; raises UnknownUnitError."""
        if name not in self.lines:
            raise UnknownUnitError(f"no line {name}")
        return self.lines[name]

    def line_config(self, name: str, **facts: Any) -> ModbusLineConfig:
        """Return how a client reaches a line; network_id is the line's name with _ for spaces."""
        line = self.line(name)
        table = next(each for each in self._profile.lines if each.name == name)
        wanted: dict[str, Any] = {
            "network_id": name.replace(" ", "_"),
            "name": name.capitalize(),
            "transport": table.transport,
        }
        if isinstance(line, SerialLine):
            wanted["device"] = str(line.path)
        else:
            wanted |= {"host": HOST, "port": line.port}
        if table.transport is ModbusTransport.TLS:
            wanted["ca_file"] = str(self.certificates.ca_file)
        return ModbusLineConfig(**wanted | facts)

    def device_config(self, name: str, **facts: Any) -> ModbusDeviceConfig:
        """Return how a client knows a unit: by its profile, or by its own register map."""
        table = self.unit(name).table
        wanted: dict[str, Any] = {
            "network_id": table.line.replace(" ", "_"),
            "unit_id": table.unit_id,
            "name": name.capitalize(),
            "profile": table.profile,
            "registers": () if table.profile else table.points,
        }
        return ModbusDeviceConfig(**wanted | facts)

    @property
    def certificates(self) -> CertificateFiles:
        """Return the certificates of this run."""
        return CertificateFiles(folder=self._take_folder())

    def truth(self, name: str) -> Energies:
        """Return what really flowed at a meter since the start, whatever it displays."""
        model = self.unit(name).model
        if not isinstance(model, ElectricityMeter | HeatMeter | SolarPlant):
            raise UnknownUnitError(f"{name} is not a meter")
        return model.truth

    def replace_meter(self, name: str, energy_kwh: float = 0.0) -> None:
        """Put another meter in a meter's place: its counters begin at energy_kwh."""
        unit = self.unit(name)
        if not isinstance(unit.model, ElectricityMeter | HeatMeter):
            raise UnknownUnitError(f"{name} is not a meter that can be replaced")
        unit.model.replace(energy_kwh)
        self.refresh()

    async def kill(self, line: str) -> None:
        """Let a line be dead: its port closed, its connections dropped, its adapter gone."""
        await self.line(line).stop()

    async def revive(self, line: str) -> None:
        """Let a killed line be as before, at the same place."""
        await self.line(line).start()

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return the requests seen, by unit and function code."""
        return {
            name: {str(code): count for code, count in unit.requests_seen.items()}
            for name, unit in self.units.items()
        }

    def step(self, shared: Surroundings, dt_seconds: float) -> None:
        """Let time pass among surroundings that others share."""
        self.installation.step(shared, dt_seconds)
        self.refresh()

    def pass_time(self, seconds: float) -> None:
        """Let simulated time pass at once, without waiting."""
        self.step(self.surroundings, seconds)

    def refresh(self) -> None:
        """Put what is true now into every register."""
        for unit in self.units.values():
            unit.refresh()

    def _make_line(
        self, line: LineTable, certificates: CertificateFiles
    ) -> SocketLine | SerialLine:
        owner = line.same_units_as or line.name
        units = [unit for unit in self.units.values() if unit.table.line == owner]
        bus = Bus(units, line.absent)
        if line.transport is ModbusTransport.SERIAL:
            return SerialLine(bus, certificates.folder / line.name)
        tls = None
        if line.transport is ModbusTransport.TLS:
            certificates.make()
            tls = certificates.server_context
        port = self._ports.get(line.name, 0)
        return SocketLine(bus, line.transport, port=port, tls=tls)

    def _take_folder(self) -> Path:
        """Return where certificates and serial paths are; made for this run if none was given."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._folder
        if self._made_folder is None:
            self._made_folder = tempfile.TemporaryDirectory(prefix="plantroom-modbus-")
        return Path(self._made_folder.name)

    async def _run_clock(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            self.pass_time((now - last) * self.speed)
            last = now

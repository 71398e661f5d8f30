"""The whole demo: simulated office, Home Assistant on top of it, Plantroom between the two."""

import asyncio
import json
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.home_assistant.accounts import log_in, onboard
from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.plantroom import (
    Entities,
    add_devices,
    find_devices,
    find_entry,
)
from tests.home_assistant.server import HomeAssistantServer
from tests.ports import free_port
from tests.simulators.client import SimulatorControl

from .alarm_rules import add_rules
from .engine_server import EngineServer
from .floors import make_floors
from .gateway_side import GatewaySide
from .metering import LINES, TIME_ZONE, add_modbus, fill_energy_dashboard
from .progress import Progress
from .secure_side import SecureSide

PORTS = "demo_ports.json"
SEEDED = "energy_history_is_seeded"
ENTITIES_SECONDS = 120.0
POLL_SECONDS = 0.25


@dataclass(slots=True, kw_only=True)
class DemoHouse:
    """Starts and stops everything in order; each step can be told to a person.

    with_server: the engine in a process of its own. device_answers: what is chosen for
    all BACnet devices when they are added, where it is not what the form proposes.
    """

    folder: Path
    profile: str = "office"
    speed: float = 20.0
    http_port: int | None = None
    with_server: bool = False
    device_answers: dict[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    building: SimulatorControl = field(init=False)
    engine: EngineServer | None = field(init=False, default=None)
    secure: SecureSide | None = field(init=False, default=None)
    gateway: GatewaySide | None = field(init=False, default=None)
    server: HomeAssistantServer = field(init=False)
    api: HomeAssistantApi = field(init=False)
    entry: dict[str, Any] | None = field(init=False, default=None)
    entered_at: float = field(init=False, default=0.0)
    _started: list[Any] = field(init=False, default_factory=list)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start building, server and Home Assistant and log in; Plantroom may be not set up."""
        kept = self._kept_ports()
        with self.progress.step("the simulated building starts"):
            self.building = await self._spawn_building(kept)
        if self.with_server:
            with self.progress.step("Plantroom's server starts"):
                self.engine = await self._start_engine(kept)
            self.secure = SecureSide(
                folder=self.folder / "secure",
                port=kept.get("hub") or free_port(),
                speed=self.speed,
            )
            self._started.append(self.secure.stop)
            self.gateway = GatewaySide(folder=self.folder)
            self._started.append(self.gateway.stop)
        self._keep_ports()
        self.server = HomeAssistantServer(self.folder, port=self.http_port)
        self._started.append(self.server.stop)
        with self.progress.step("Home Assistant starts"):
            await self.server.start()
        self.api = HomeAssistantApi(self.server.url)
        self._started.append(self.api.close)
        with self.progress.step("the person demo logs in"):
            await self._log_in()
            await self.api.wait_until_running()
        self.entry = await find_entry(self.api)

    async def set_up(self) -> None:
        """Add Plantroom by its own config flow, unless an earlier run did."""
        if self.entry is not None:
            self.progress.say("Plantroom is set up already")
            if self.secure is not None:
                await self.secure.start()
            if self.gateway is not None:
                self.gateway.start()
            return
        with self.progress.step("floors and rooms are made"):
            await make_floors(self.api)
        with self.progress.step("Plantroom searches the network"):
            login = None if self.engine is None else self.engine.login
            flow = await find_devices(self.api, self.building.port, login)
        found = flow.step["description_placeholders"]["count"]
        with self.progress.step(f"Plantroom adds {found} devices"):
            self.entered_at = time.monotonic()
            self.entry = await add_devices(flow, **self.device_answers)
        with self.progress.step("Plantroom adds meters, inverter and thermostats"):
            await add_modbus(self.api, self.entry["entry_id"], self.building)
        if self.gateway is not None:
            with self.progress.step("Plantroom takes the events of another maker"):
                await self.gateway.add(self.api, self.entry["entry_id"])
        if self.secure is not None:
            with self.progress.step("Plantroom gets a BACnet/SC hub with controllers"):
                await self.secure.add(
                    self.api, self.entry["entry_id"], self.device_answers
                )

    async def wait_for_entities(self) -> Entities:
        """Return our entities once there is one for every BACnet point and Modbus unit."""
        expected = self._expected_points()
        units = sum(len(line.units) for line in LINES)
        entities = Entities(())
        try:
            async with asyncio.timeout(ENTITIES_SECONDS):
                while len(entities.of_objects) < expected or units > len(
                    {e.device_id for e in entities.of_registers}
                ):
                    entities = await Entities.load(self.api)
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError as err:
            found = len(entities.of_objects), len(entities.of_registers)
            raise TimeoutError(
                f"of {expected} objects and {units} units there are {found}"
            ) from err
        return entities

    async def fill_energy_dashboard(self) -> None:
        """Seed the meters' statistics, once in the life of the folder."""
        done = self.folder / SEEDED
        if done.exists():
            return
        await fill_energy_dashboard(self.api)
        done.touch()

    async def restart_home_assistant(
        self, while_away: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Restart Home Assistant alone, as an update of it does; the token stays.

        while_away: called while it does not run.
        """
        await self.api.disconnect()
        await self.server.stop()
        if while_away is not None:
            await while_away()
        await self.server.start()

    async def add_alarm_rules(self, entities: Entities) -> None:
        """Add alarms of our own, once in the life of the folder."""
        assert self.entry is not None
        await add_rules(self.api, self.entry["entry_id"], entities)

    def trouble(self) -> list[str]:
        """Return what Plantroom complained about in Home Assistant's log and its own."""
        own = [] if self.engine is None else self.engine.trouble()
        return HomeAssistantServer(self.folder).trouble() + own

    async def stop(self) -> None:
        """Stop everything, last started first; idempotent."""
        while self._started:
            await self._started.pop()()

    async def _spawn_building(self, kept: dict[str, Any]) -> SimulatorControl:
        self.folder.mkdir(parents=True, exist_ok=True)
        building = await SimulatorControl.spawn(
            *("--profile", self.profile, "--speed", str(self.speed)),
            *("--port", str(kept["bacnet"]), "--modbus", "--modbus-real-time"),
            *("--modbus-ports", json.dumps(kept["modbus"])),
            *("--modbus-folder", str(self.folder / "modbus")),
        )
        self._started.append(building.stop)
        return building

    async def _start_engine(self, kept: dict[str, Any]) -> EngineServer:
        engine = EngineServer(
            self.folder / "server",
            port=kept.get("server", 0),
            health_port=kept.get("health", 0),
            time_zone=TIME_ZONE.key,
        )
        self._started.append(engine.stop)
        await engine.start()
        return engine

    def _keep_ports(self) -> None:
        lines = self.building.modbus["lines"]
        ports = {name: line["port"] for name, line in lines.items() if line["host"]}
        kept = {"bacnet": self.building.port, "modbus": ports}
        if self.engine is not None:
            kept |= {"server": self.engine.port, "health": self.engine.health_port}
        if self.secure is not None:
            kept["hub"] = self.secure.port
        (self.folder / PORTS).write_text(json.dumps(kept))

    def _expected_points(self) -> int:
        """Return the objects of the devices that are added: those with a number of their own."""
        devices = self.building.devices
        instances = Counter(device["instance"] for device in devices)
        secure = 0 if self.secure is None else self.secure.points
        own = (d["points"] for d in devices if instances[d["instance"]] == 1)
        total: int = secure + sum(own)
        return total

    def _kept_ports(self) -> dict[str, Any]:
        """Return the ports of the run before, which Plantroom is configured for; 0 for any."""
        kept = self.folder / PORTS
        if not kept.exists():
            return {"bacnet": 0, "modbus": {}}
        ports: dict[str, Any] = json.loads(kept.read_text())
        return ports

    async def _log_in(self) -> None:
        stored = self.folder / ".storage" / "auth_provider.homeassistant"
        await (log_in if stored.exists() else onboard)(self.api)


def forget(folder: Path) -> None:
    """Remove the folder of an earlier run, so that the next one starts from nothing."""
    shutil.rmtree(folder, ignore_errors=True)

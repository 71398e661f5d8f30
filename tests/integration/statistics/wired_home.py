"""A Home Assistant, a server and a controller that speak over sockets, on one clock.

The clock stands still while anybody speaks, and moves a step when all have said what
they had to say: hours pass in seconds, and every value is told when it was shown.
"""

import asyncio
import shutil
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant
from plantroom_server.options import Options
from plantroom_server.server import PlantroomServer
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN, TITLE
from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    NumberedEvent,
    ReadingsChanged,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.server_settings import (
    ServerSettings,
    Tls,
    settings_data,
)
from custom_components.plantroom.site_mirror import site_subentries
from tests.simulators.building import Building
from tests.simulators.points import DeviceTable, number
from tests.simulators.tables.air_handler import AIR_HANDLER as TABLE
from tests.site import device_config, network_config

from ..entries import AIR_HANDLER
from ..office import METER, TEMPERATURE, entity_id_of
from .home import POLL_SECONDS, Home
from .plant import DAILY, PRESSURE, WATCHED, Plant

TOKEN = "a token of a test"
PAUSE_SECONDS = 0.001
# What was asked is answered while the clock stands still; more takes time to pass
STILL_PAUSES = 300
PATIENCE_PAUSES = 8_000
TICK = timedelta(milliseconds=20)
# Statistics are made 10 s after every five minutes, filled in 10 s later
RECORDERS_MINUTES = (0, 1)


def metered_air_handler() -> DeviceTable:
    """Return an air handler with meters, that keeps no logs of its own."""
    meters = (
        number("accumulator", n, item.name, 0, "kilowatt-hours")
        for n, item in enumerate((METER, DAILY), start=1)
    )
    return replace(TABLE, points=(*TABLE.points, *meters), logs=(), events=())


class WiredPlant(Plant):
    """Shows what BACnet's REAL and Unsigned hold to the last bit."""

    @override
    def go_on(self, seconds: float, *, starts_anew: bool = False) -> None:
        self.at += timedelta(seconds=seconds)
        changes: dict[Any, float] = {
            TEMPERATURE: self.now(TEMPERATURE.point_id)
            + self.random.randint(-2, 2) / 4,
            PRESSURE: self.now(PRESSURE.point_id) + self.random.randint(-8, 8) / 2,
            METER: self.now(METER.point_id) + self.random.randint(0, 3),
            DAILY: self.now(DAILY.point_id) + self.random.randint(0, 5),
        }
        if starts_anew:
            changes[DAILY] = 0.0
        for item, value in changes.items():
            self.shown[item.point_id].append((self.at, value))


class WiredServer:
    """A server that can be killed: what it then has is what is on its disk."""

    def __init__(self, folder: Path) -> None:
        """Take where its folders are, one for each life."""
        self._folder = folder
        self._lives = 0
        self._port = 0
        self._server: PlantroomServer | None = None
        self.read: dict[str, Any] = {}
        self.online = False

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def port(self) -> int:
        return self._port

    @property
    def _life(self) -> Path:
        return self._folder / f"life{self._lives}"

    async def start(self) -> None:
        """Start on what there is, at the port of before."""
        self._life.mkdir(parents=True, exist_ok=True)
        options = Options(
            data_folder=self._life, host="127.0.0.1", port=self._port, token=TOKEN
        )
        self._server = PlantroomServer(options)
        self._server.engine.listen(self._hear)
        await self._server.start()
        self._port = self._server.port

    async def stop(self) -> None:
        server, self._server = self._server, None
        self.read.clear()
        if server is not None:
            await server.stop()

    async def kill(self) -> None:
        """End it with what is on its disk now; all that it writes at an end is lost."""
        before = self._life
        self._lives += 1
        await asyncio.to_thread(shutil.copytree, before, self._life)
        await self.stop()

    def _hear(self, numbered: NumberedEvent) -> None:
        event = numbered.event
        if isinstance(event, DeviceStatusChanged):
            self.online = event.status.online
        if isinstance(event, ReadingsChanged):
            for point_id, reading in event.readings:
                self.read[point_id] = reading.value


@dataclass(slots=True, kw_only=True)
class WiredHome(Home):
    """What Home is, over real sockets."""

    building: Building
    wired: WiredServer
    silent: bool = False

    @override
    async def start(self) -> HomeAssistant:
        """Start Home Assistant; it shows what the plant shows when this returns."""
        hass = await self.passing(Home.start(self))
        await self._until_told()
        await self.settle()
        return hass

    @override
    async def stop(self) -> None:
        await self.passing(Home.stop(self))

    async def start_server(self) -> None:
        self._show()
        await self.passing(self.wired.start())
        await self._until_told()

    async def stop_server(self) -> None:
        await self.passing(self.wired.stop())

    async def kill_server(self) -> None:
        await self.passing(self.wired.kill())

    async def unplug(self) -> None:
        """Let the device be silent; returns when the server notices."""
        self.silent = True
        self.building.unplug(AIR_HANDLER.instance)
        for _ in range(PATIENCE_PAUSES):
            if not self.wired.online:
                return
            self._move(TICK)
            await _pause()
        raise TimeoutError("nobody notices that the device is silent")

    async def plug(self) -> None:
        """Let the device answer; returns when that is noticed."""
        self.silent = False
        self._show()
        self.building.plug(AIR_HANDLER.instance)
        await self._until_told()

    @override
    async def open(self, hass: HomeAssistant) -> None:
        if self.kept is None:
            self.kept = self._entry()
        entry = MockConfigEntry(**self.kept)
        entry.add_to_hass(hass)
        # Made anew they would have other ids
        self.kept["subentries_data"] = [
            item.as_dict() | {"data": item.data} for item in entry.subentries.values()
        ]
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()

    async def passing[T](self, work: Coroutine[Any, Any, T], *, still: int = 0) -> T:
        """Return what some work returns, while a little time passes.

        still: for how many pauses the clock stands still before.
        """
        task = asyncio.create_task(work)
        for pause in count():
            if task.done():
                break
            if pause >= still:
                self._move(TICK)
            await _pause()
        return await task

    @override
    async def settle(self) -> None:
        await self.passing(Home.settle(self), still=STILL_PAUSES)

    @override
    async def _step(self, *, starts_anew: bool) -> None:
        self.plant.go_on(POLL_SECONDS, starts_anew=starts_anew)
        self.freezer.move_to(self.plant.at)
        self._show()
        await self._until_quiet()
        if not self.silent:
            await self._until_told()
        if self.hass is not None:
            await self.passing(self.hass.async_block_till_done(), still=STILL_PAUSES)
            if self.plant.at.minute % 5 in RECORDERS_MINUTES:
                await self.settle()

    @override
    def _furnish(self) -> None:
        """Nothing is made up here."""

    def _entry(self) -> dict[str, Any]:
        network_id = AIR_HANDLER.network_id
        site = SiteConfig(
            networks=(network_config(self.building.port, network_id),),
            devices=(
                device_config(
                    AIR_HANDLER.instance,
                    network_id,
                    poll_seconds=30.0,
                    # Every value is asked for anew when the device is back
                    change_of_value=False,
                    points=tuple(item.reference for item in WATCHED),
                ),
            ),
        )
        settings = ServerSettings(
            host="127.0.0.1",
            port=self.wired.port,
            token=TOKEN,
            client_id="home",
            tls=Tls.NONE,
        )
        return {
            "domain": DOMAIN,
            "title": TITLE,
            "data": settings_data(settings),
            "unique_id": "server",
            "entry_id": "home",
            "subentries_data": site_subentries(site, {}),
        }

    def _show(self) -> None:
        for item in WATCHED:
            now = self.plant.now(item.point_id)
            value = int(now) if item in (METER, DAILY) else now
            self.building.set(
                AIR_HANDLER.instance, item.reference, "presentValue", value
            )

    def _move(self, by: timedelta) -> None:
        self.plant.at += by
        self.freezer.move_to(self.plant.at)

    async def _until_quiet(self) -> None:
        """Return when nobody asks the device any more."""
        before = -1
        while before != (asked := self._asked()):
            before = asked
            await _pause()
            await _pause()

    def _asked(self) -> int:
        seen = self.building.statistics().values()
        return sum(sum(requests.values()) for requests in seen)

    async def _until_told(self) -> None:
        """Return when server and Home Assistant, those that run, show what is true."""
        if not self.wired.running or self.kept is None:
            return
        for pause in range(PATIENCE_PAUSES):
            if not (wrong := self._not_told()):
                return
            if pause >= STILL_PAUSES:
                self._move(TICK)
            await _pause()
        raise TimeoutError(f"nobody tells of {wrong}")

    def _not_told(self) -> list[str]:
        """Return the points of which somebody shows something else."""
        return [
            item.name
            for item in WATCHED
            if self.wired.read.get(item.point_id) != self.plant.now(item.point_id)
            or not self._shown(item.point_id)
        ]

    def _shown(self, point_id: str) -> bool:
        if self.hass is None:
            return True
        try:
            state = self.hass.states.get(entity_id_of(self.hass, point_id))
            return state is not None and float(state.state) == self.plant.now(point_id)
        except StopIteration, ValueError:
            return False


async def _pause() -> None:
    """Let sockets and threads have their turn in real time, whatever the clock says."""
    await asyncio.get_running_loop().run_in_executor(None, _sleep)


def _sleep() -> None:
    time.sleep(PAUSE_SECONDS)

"""A Home Assistant with its recorder on a clock of the test, to be ended and begun."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant import loader
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import Statistics, StatisticsMeta
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.core_config import DATA_CUSTOMIZE
from homeassistant.helpers.entity_values import EntityValues
from homeassistant.helpers.recorder import session_scope
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_test_home_assistant,
)
from sqlalchemy import select

import custom_components  # noqa: F401  # before Home Assistant looks for its own
from custom_components.plantroom.statistics.ledger import Ledger
from custom_components.plantroom.statistics.recorder_turn import recorder_is_through

from ..entries import AIR_HANDLER, plantroom_entry
from ..fake_engine import FakeConnection, World
from ..office import DEVICE, ONLINE, entity_id_of, reading
from .plant import HOUR, WATCHED, Plant, PlantServer, readings_of

POLL_SECONDS = 60
LOOK_SECONDS, FAILING_LOOKS = 0.05, 40
OURS = "plantroom statistics"
KEPT = "entry.json"


@dataclass(slots=True, kw_only=True)
class Home:
    """Time passes for plant, server and, while it runs, Home Assistant."""

    world: World
    plant: Plant
    server: PlantServer
    freezer: FrozenDateTimeFactory
    test_recorder: Any
    config: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] | None = None
    # What a person has set of entities in YAML
    customize: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Where what Home Assistant stores is really kept, None to keep it in memory
    folder: Path | None = None
    hass: HomeAssistant | None = None
    lines: list[str] = field(default_factory=list)
    # Whether the recorder may be unable to commit, so that nobody can wait for that
    disk_full: bool = False
    began: datetime = field(init=False)
    _running: AsyncExitStack | None = None

    def __post_init__(self) -> None:
        self.began = self.plant.at

    @property
    def first_hour(self) -> datetime:
        """Return the first whole hour that Home Assistant saw."""
        return self.began.replace(minute=0, second=0) + HOUR

    @property
    def wire(self) -> FakeConnection:
        return self.world.running[0]

    async def start(self) -> HomeAssistant:
        """Start Home Assistant on the database there is; the server must be up."""
        self._furnish()
        self._running = stack = AsyncExitStack()
        hass = await stack.enter_async_context(
            async_test_home_assistant(
                config_dir=None if self.folder is None else str(self.folder),
                initial_state=CoreState.not_running,
            )
        )
        self.hass = hass
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        await stack.enter_async_context(
            self.test_recorder(hass, self.config, wait_recorder=False)
        )
        hass.config.components.add("logbook")
        hass.bus.async_listen("logbook_entry", self._hear)
        hass.data[DATA_CUSTOMIZE] = EntityValues(self.customize)
        assert await async_setup_component(hass, "sensor", {})
        await self.open(hass)
        await hass.async_start()
        await self.settle()
        return hass

    async def open(self, hass: HomeAssistant) -> None:
        """Set up the entry, the same one after every start."""
        self._recall()
        if self.kept is None:
            entry = plantroom_entry(hass, devices=(AIR_HANDLER,), entry_id="home")
        else:
            entry = MockConfigEntry(**self.kept)
            entry.add_to_hass(hass)
        self.kept = {
            "domain": entry.domain,
            "title": entry.title,
            "data": entry.data,
            "unique_id": entry.unique_id,
            "entry_id": entry.entry_id,
            "subentries_data": [
                item.as_dict() | {"data": item.data}
                for item in entry.subentries.values()
            ],
        }
        self._keep()
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()

    def _recall(self) -> None:
        """Take the entry of a life before, in another process."""
        if self.folder is not None and (self.folder / KEPT).exists():
            self.kept = json.loads((self.folder / KEPT).read_text())

    def _keep(self) -> None:
        if self.folder is not None:
            (self.folder / KEPT).write_text(json.dumps(self.kept, default=dict))

    async def stop(self) -> None:
        """Stop Home Assistant as a person does who restarts it."""
        assert self.hass is not None
        assert self._running is not None
        await self.hass.async_stop(force=True)
        await self._running.aclose()
        self.hass = self._running = None

    def reconnect(self) -> None:
        """Bring the lost wire back, with what was shown meanwhile."""
        self._furnish()
        self.world.connections[-1]._set_connected(True)

    async def forget_repair(self, start: datetime, end: datetime) -> None:
        """Let Home Assistant believe that it filled in nothing of an outage."""
        ledger = Ledger(self.hass, self.kept["entry_id"])
        await ledger.load()
        await ledger.add(start, end)
        assert await self.hass.config_entries.async_reload(self.kept["entry_id"])
        await self.settle()

    async def settle(self) -> None:
        """Let Home Assistant, its recorder and what waits for that come to rest."""
        assert self.hass is not None
        if self.disk_full:
            # The loop's clock stands still, so nothing that waits is ever late
            waiting = asyncio.ensure_future(recorder_is_through(self.hass))
            for _ in range(FAILING_LOOKS):
                if not waiting.done():
                    await asyncio.to_thread(time.sleep, LOOK_SECONDS)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return
        await recorder_is_through(self.hass)
        while ours := [t for t in asyncio.all_tasks() if t.get_name() == OURS]:
            await asyncio.gather(*ours)
        await self.hass.async_block_till_done()

    async def run(self, duration: timedelta, *, starts_anew: bool = False) -> None:
        """Let time pass."""
        until = self.plant.at + duration
        while self.plant.at < until:
            await self._step(starts_anew=starts_anew)
            starts_anew = False

    async def run_to(self, minute: int, hour: int = 0) -> None:
        """Let time pass up to the next such minute, hours later if so wanted."""
        at = self.plant.at.replace(minute=minute) + timedelta(hours=hour)
        await self.run(at - self.plant.at + timedelta(hours=at <= self.plant.at))

    async def _step(self, *, starts_anew: bool) -> None:
        self.plant.go_on(POLL_SECONDS, starts_anew=starts_anew)
        self.freezer.move_to(self.plant.at)
        self.server.poll()
        await self.server.save()
        if self.hass is None:
            return
        if self.server.running and self.world.running:
            for point_id, value in readings_of(self.plant):
                self.wire.read(point_id, value, at=self.plant.at)
        async_fire_time_changed(self.hass, self.plant.at)
        await self.hass.async_block_till_done()
        if self.plant.at.minute % 5 == 0:
            await self.settle()

    def _furnish(self) -> None:
        self.world.devices = {DEVICE.device_id: DEVICE}
        self.world.statuses = {DEVICE.device_id: ONLINE}
        self.world.points = {item.point_id: item for item in WATCHED}
        self.world.hours = self.server.hours
        for item in WATCHED:
            now = self.plant.now(item.point_id)
            self.world.readings[item.point_id] = reading(now, at=self.plant.at)

    def _hear(self, event: Any) -> None:
        self.lines.append(event.data["message"])

    async def statistics(self, point_id: str) -> dict[datetime, Any]:
        """Return the hourly rows of a point's sensor, as they are on disk."""
        assert self.hass is not None
        entity_id = entity_id_of(self.hass, point_id)
        return await get_instance(self.hass).async_add_executor_job(
            self._rows, entity_id
        )

    def _rows(self, entity_id: str) -> dict[datetime, Any]:
        assert self.hass is not None
        query = (
            select(
                Statistics.start_ts,
                Statistics.mean,
                Statistics.min,
                Statistics.max,
                Statistics.state,
                Statistics.sum,
            )
            .join(StatisticsMeta, Statistics.metadata_id == StatisticsMeta.id)
            .where(StatisticsMeta.statistic_id == entity_id)
        )
        with session_scope(hass=self.hass, read_only=True) as session:
            rows = session.execute(query).all()
        return {datetime.fromtimestamp(row[0], UTC): row for row in rows}

"""Follows when we are away, and fills in what the recorder missed meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import SQLAlchemyError

from ..client import EngineClient
from ..device_adapter import DeviceAdapter
from ..engine.errors import PlantroomError
from .hours import HOUR, runs_of
from .ledger import Ledger, Outage
from .logbook_lines import tell_of_outage
from .recorder_rows import PERIOD, compiled_until, last_seen, runs_missed
from .recorder_turn import recorder_is_through
from .repair import GIVEN_UP_AFTER, HourRepair, Repaired
from .subjects import find_subjects

_LOGGER = logging.getLogger(__name__)

# The recorder makes its statistics 10 s after every five minutes
_AFTER_RECORDER: Final = 20


class Continuity:
    """Keeps one config entry's long-term statistics right.

    Hours are repaired as soon as the recorder has made them, the hour in which we come
    back when it is over. What is still due outlives the process.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: EngineClient,
        adapter: DeviceAdapter,
        then: Callable[[], Awaitable[None]],
    ) -> None:
        """Take a client that is started and an adapter whose platforms are set up.

        then: what is to be done next whenever the recorder made statistics.
        """
        self._hass = hass
        self._entry = entry
        self._client = client
        self._adapter = adapter
        self._then = then
        self._ledger = Ledger(hass, entry.entry_id)
        self._turn = asyncio.Lock()
        self._following = asyncio.Lock()
        self._followed_until: datetime | None = None
        self._off_since: datetime | None = None
        self._unsubscribes: list[Callable[[], None]] = []

    @property
    def outages(self) -> tuple[Outage, ...]:
        """Return the outages of which something is still to be filled in."""
        return self._ledger.outages

    async def start(self) -> None:
        """Take note of the outage that is over now, if any, and follow what comes."""
        now = dt_util.utcnow()
        await self._ledger.load()
        since = self._ledger.away_since
        if self._ledger.present:
            since = await self._seen_before_crash()
        if self._client.connected:
            await self._ledger.come_back(since, now)
        else:
            await self._ledger.leave(since or now)
        self._unsubscribes = [
            self._client.listen_connected(self._follow_connection),
            async_track_utc_time_change(
                self._hass,
                self._on_period,
                minute=range(0, 60, 5),
                second=_AFTER_RECORDER,
            ),
            self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop),
        ]
        self._run(self.repair())

    async def stop(self) -> None:
        """Keep that we are away from now on; calling it twice does no harm."""
        if not self._unsubscribes:
            return
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._unsubscribes = []
        await self._ledger.leave(dt_util.utcnow())

    async def repair(self) -> None:
        """Fill in all that is due and can be; what cannot stays due."""
        if self._turn.locked():
            return
        async with self._turn:
            if not self._ledger.outages or not self._client.connected:
                return
            recorder = get_instance(self._hass)
            await recorder.async_recorder_ready.wait()
            await recorder_is_through(self._hass)
            await self._repair_compiled(recorder)

    async def _repair_compiled(self, recorder: Recorder) -> None:
        until = await recorder.async_add_executor_job(compiled_until, self._hass)
        due = {hour for outage in self._ledger.outages for hour in outage.due}
        now = dt_util.utcnow()
        for run in runs_of(h for h in due if until is not None and h + HOUR <= until):
            subjects = await find_subjects(self._hass, self._adapter)
            repair = HourRepair(self._hass, self._ledger.outages, run, now)
            try:
                repaired = await repair.run(self._client, subjects)
            except PlantroomError as err:
                _LOGGER.debug("Hours from %s cannot be filled in yet: %s", run[0], err)
                repaired = Repaired(
                    unripe=frozenset(h for h in run if h > now - GIVEN_UP_AFTER)
                )
            await self._settle(run, repaired)

    async def _settle(self, run: tuple[datetime, ...], repaired: Repaired) -> None:
        done = [
            (hour, repaired.filled.get(hour, 0))
            for hour in run
            if hour not in repaired.unripe
        ]
        for outage in await self._ledger.fill(done):
            await tell_of_outage(self._hass, self._entry, outage)

    async def _seen_before_crash(self) -> datetime | None:
        """Return when this process's predecessor last recorded anything."""
        recorder = get_instance(self._hass)
        began = recorder.recorder_runs_manager.recording_start
        return await recorder.async_add_executor_job(last_seen, self._hass, began)

    @callback
    def _follow_connection(self, connected: bool) -> None:
        now = dt_util.utcnow()
        self._run(self._come_back(now) if connected else self._ledger.leave(now))

    async def _come_back(self, now: datetime) -> None:
        await self._ledger.come_back(self._ledger.away_since, now)
        await self.repair()

    @callback
    def _on_period(self, now: datetime) -> None:
        self._run(self._follow_recorder(now))

    async def _follow_recorder(self, now: datetime) -> None:
        """Take note of what the recorder missed while we ran, then repair."""
        if self._following.locked():
            return
        async with self._following:
            await self._follow_recorder_now(now)

    async def _follow_recorder_now(self, now: datetime) -> None:
        recorder = get_instance(self._hass)
        if not recorder.enabled:
            self._off_since = self._off_since or now - PERIOD
            return
        for start, end in await self._missed(recorder, now):
            await self._ledger.add(start, end)
        await self.repair()
        await self._then()

    async def _missed(
        self, recorder: Recorder, now: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return when the recorder was switched off or could not write."""
        await recorder_is_through(self._hass)
        since = self._followed_until
        self._followed_until = await recorder.async_add_executor_job(
            compiled_until, self._hass
        )
        off, self._off_since = self._off_since, None
        missed = [] if off is None else [(off, now)]
        if since is None:
            return missed
        return missed + await recorder.async_add_executor_job(
            runs_missed, self._hass, since - PERIOD
        )

    async def _on_stop(self, _: Event) -> None:
        self._unsubscribes.pop()
        await self.stop()

    @callback
    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._entry.async_create_background_task(
            self._hass, self._do(work), "plantroom statistics"
        )

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it; a database that fails now is asked again in five minutes."""
        try:
            await work
        except (SQLAlchemyError, TimeoutError) as err:
            if not self._hass.is_stopping:
                _LOGGER.warning("The recorder's statistics cannot be read: %r", err)

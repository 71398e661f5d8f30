"""Alarms as the engine serves them: rules, the devices' own, people's deeds, history."""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from ..errors import StorageError
from ..event_bus import EventBus
from ..points import Points
from ..storage.alarm_journal import AlarmJournal
from ..storage.alarm_silences import SilenceStore
from ..storage.audit_log import AuditLog
from ..storage.database import Database
from .alarm_book import AlarmBook
from .configuration import AlarmingConfig
from .device_values import DeviceValues
from .evaluator import Evaluator
from .floods import Floods
from .models import AlarmFlood, AlarmValues, Maintenance, Shelf
from .operator_actions import AskDevice, OperatorActions
from .requests import AlarmReplay, AlarmsSinceRequest
from .silences import Silences
from .silent_devices import SilentDevices

_LOGGER = logging.getLogger(__name__)

TRIM_SECONDS = 3600.0


class Alarming:
    """Everything about alarms of one engine; its parts know nothing of each other."""

    def __init__(
        self,
        events: EventBus,
        points: Points,
        database: Database,
        audit: AuditLog,
        ask_device: AskDevice,
    ) -> None:
        """Take the records; ask_device: has an alarm's device take note of it."""
        self._journal = AlarmJournal(database)
        self._floods = Floods(events)
        self._silences = Silences(
            SilenceStore(database),
            on_shelf_end=lambda shelf: self.book.take_shelf(shelf.alarm_id, None),
            on_maintenance_end=lambda _: self.operators.tell_maintenance(),
            note_end=self._note_end,
        )
        self.book = AlarmBook(
            events,
            self._journal,
            self._silences,
            self._floods,
            values_of=DeviceValues(points).take,
        )
        self.operators = OperatorActions(
            events, self.book, self._silences, audit, ask_device
        )
        self._evaluator = Evaluator(points, self.book)
        self._silent_devices = SilentDevices(self.book)
        self._config = AlarmingConfig()
        self._trimming: asyncio.Task[None] | None = None
        events.listen(self._evaluator.hear)
        events.listen(self._silent_devices.hear)

    @property
    def reads(self) -> Collection[str]:
        """Return the ids of all points that rules look at, which must be fresh."""
        return self._evaluator.reads

    @property
    def maintenance(self) -> tuple[Maintenance, ...]:
        """Return all maintenance that goes on."""
        return self._silences.maintenance()

    @property
    def flood(self) -> AlarmFlood | None:
        """Return the flood that goes on, if any."""
        return self._floods.flood

    async def start(self) -> None:
        """Go on with what was open; raises StorageError."""
        await self.book.start()
        await self._silences.start()
        self._trimming = asyncio.get_running_loop().create_task(
            self._trim(), name="plantroom alarm retention"
        )

    async def stop(self) -> None:
        """Keep what happened; calling it twice does no harm."""
        task, self._trimming = self._trimming, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._evaluator.stop()
        self._silent_devices.stop()
        self._floods.stop()
        await self._silences.stop()
        await self.book.stop()

    def configure(
        self,
        config: AlarmingConfig,
        device_ids: Collection[str],
        network_ids: Collection[str],
    ) -> None:
        """Follow this for these; alarms and maintenance of others are removed."""
        self._silences.keep_only({*device_ids, *network_ids})
        if config != self._config:
            self._config = config
            self._floods.configure(config)
            self.book.configure(config)
        self.book.remove(
            alarm.alarm_id
            for alarm in self.book.all_open()
            if alarm.device_id not in device_ids
        )
        self._evaluator.configure(config.rules, device_ids, config.words)
        self._silent_devices.configure(config, device_ids)

    async def since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        """Return transitions after a cursor; raises StorageError."""
        return await self._journal.since(request)

    async def values(self, number: int) -> AlarmValues | None:
        """Return what a transition's device showed then; raises StorageError."""
        return await self._journal.values(number)

    async def _note_end(self, over: Shelf | Maintenance) -> None:
        await self.operators.note_end(over)

    async def _trim(self) -> None:
        """Forget what is older than is asked, a little at a time."""
        while True:
            before = datetime.now(UTC) - timedelta(days=self._config.journal_days)
            try:
                more = await self._journal.trim(before)
            except StorageError as err:
                _LOGGER.warning("Old alarms are not forgotten: %s", err)
                more = False
            await asyncio.sleep(1.0 if more else TRIM_SECONDS)

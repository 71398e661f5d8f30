"""An alarm book on a database of its own, and what it told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from custom_components.plantroom.engine.alarms.alarm_book import AlarmBook
from custom_components.plantroom.engine.alarms.configuration import AlarmingConfig
from custom_components.plantroom.engine.alarms.floods import Floods
from custom_components.plantroom.engine.alarms.models import (
    AlarmFlood,
    AlarmTransition,
    AlarmValues,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.silences import Silences
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    AlarmFloodChanged,
    AlarmsChanged,
    NumberedEvent,
)
from custom_components.plantroom.engine.storage.alarm_journal import AlarmJournal
from custom_components.plantroom.engine.storage.alarm_silences import SilenceStore
from custom_components.plantroom.engine.storage.database import Database
from tests.site import AT, until


class Booked:
    """A book and all around it; ahead: how much later it is for its silences."""

    def __init__(self, folder: Path | None, ahead: timedelta) -> None:
        self.events = EventBus()
        self.database = Database(folder)
        self.journal = AlarmJournal(self.database)
        self.silences = Silences(
            SilenceStore(self.database),
            on_shelf_end=lambda shelf: self.book.take_shelf(shelf.alarm_id, None),
            on_maintenance_end=lambda _: self.book.take_maintenance("", ""),
            clock=lambda: datetime.now(UTC) + ahead,
        )
        self.floods = Floods(self.events)
        self.book = AlarmBook(
            self.events,
            self.journal,
            self.silences,
            self.floods,
            values_of=lambda device_id: AlarmValues(
                at=AT, values=((f"{device_id}:x", 1),)
            ),
        )
        self.told: list[AlarmTransition] = []
        self.floods_told: list[AlarmFlood | None] = []
        self.events.listen(self._hear)

    def _hear(self, numbered: NumberedEvent) -> None:
        match numbered.event:
            case AlarmsChanged(transitions=transitions):
                self.told += transitions
            case AlarmFloodChanged(flood=flood):
                self.floods_told.append(flood)

    async def start(self) -> None:
        await self.database.start()
        await self.book.start()
        await self.silences.start()

    async def stop(self) -> None:
        self.floods.stop()
        await self.silences.stop()
        await self.book.stop()
        await self.database.stop()

    def configure(self, config: AlarmingConfig) -> None:
        self.book.configure(config)
        self.floods.configure(config)

    @property
    def kinds(self) -> list[TransitionKind]:
        return [transition.kind for transition in self.told]

    async def until_told(self, count: int) -> list[AlarmTransition]:
        """Return all that was told, once it is so much."""
        await until(lambda: len(self.told) >= count)
        return self.told


@asynccontextmanager
async def booked(
    folder: Path | None = None, ahead: timedelta = timedelta()
) -> AsyncIterator[Booked]:
    """Lend a book that runs."""
    made = Booked(folder, ahead)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()

"""Which alarms call nobody for now: those on a shelf, and those under maintenance."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..errors import StorageError
from ..storage.alarm_silences import SilenceStore
from .models import Maintenance, Shelf

_LOGGER = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 30.0

type NoteEnd = Callable[[Shelf | Maintenance], Awaitable[None]]


class Silences:
    """Shelves and maintenance, each until its end, over restarts."""

    def __init__(
        self,
        store: SilenceStore,
        *,
        on_shelf_end: Callable[[Shelf], None],
        on_maintenance_end: Callable[[Maintenance], None],
        note_end: NoteEnd | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take where they are kept, and who hears that one came to its end.

        note_end: writes down that it did; raises nothing.
        """
        self._store = store
        self._on_shelf_end = on_shelf_end
        self._on_maintenance_end = on_maintenance_end
        self._note_end = note_end
        self._clock = clock
        self._shelves: dict[str, Shelf] = {}
        self._maintenance: dict[str, Maintenance] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on with what was kept; raises StorageError."""
        shelves, maintained = await self._store.load()
        self._shelves = {shelf.alarm_id: shelf for shelf in shelves}
        self._maintenance = {each.subject: each for each in maintained}
        self._task = asyncio.get_running_loop().create_task(
            self._run(), name="plantroom silences"
        )

    async def stop(self) -> None:
        """Stop watching for ends; calling it twice does no harm."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def shelf_of(self, alarm_id: str) -> Shelf | None:
        """Return an alarm's shelf, None when it is on none."""
        return self._shelves.get(alarm_id)

    def maintenance(self) -> tuple[Maintenance, ...]:
        """Return all maintenance that goes on."""
        return tuple(self._maintenance.values())

    def is_maintained(self, device_id: str) -> bool:
        """Return whether a device, its network or the whole site is in maintenance."""
        subjects = ("", device_id.rpartition(":")[0], device_id)
        return any(subject in self._maintenance for subject in subjects)

    async def shelve(self, shelf: Shelf) -> None:
        """Put an alarm on a shelf; raises StorageError."""
        await self._store.save_shelf(shelf)
        self._shelves[shelf.alarm_id] = shelf
        self._wake.set()

    async def unshelve(self, alarm_id: str) -> Shelf | None:
        """Take an alarm off its shelf and return that; raises StorageError."""
        if alarm_id not in self._shelves:
            return None
        await self._store.remove_shelf(alarm_id)
        return self._shelves.pop(alarm_id, None)

    async def begin(self, maintenance: Maintenance) -> None:
        """Begin or prolong maintenance; raises StorageError."""
        await self._store.save_maintenance(maintenance)
        self._maintenance[maintenance.subject] = maintenance
        self._wake.set()

    async def end(self, subject: str) -> Maintenance | None:
        """End maintenance and return it; raises StorageError."""
        if subject not in self._maintenance:
            return None
        await self._store.remove_maintenance(subject)
        return self._maintenance.pop(subject, None)

    def keep_only(self, subjects: Collection[str]) -> None:
        """End maintenance of what is not configured any more, but for the site's."""
        for each in self.maintenance():
            if each.subject and each.subject not in subjects:
                self._maintenance[each.subject] = replace(each, until=self._clock())
                self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            await self._end_what_is_over()
            try:
                # The clock may be set meanwhile: it is looked at now and then
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _end_what_is_over(self) -> None:
        now = self._clock()
        for shelf in [s for s in self._shelves.values() if s.until <= now]:
            if self._shelves.get(shelf.alarm_id) is not shelf:
                # Somebody took it down, or put it up anew, while another one ended
                continue
            del self._shelves[shelf.alarm_id]
            self._on_shelf_end(shelf)
            await self._forget(self._store.remove_shelf, shelf.alarm_id)
            await self._note(shelf)
        for each in [m for m in self._maintenance.values() if _is_over(m, now)]:
            if self._maintenance.get(each.subject) is not each:
                continue
            del self._maintenance[each.subject]
            self._on_maintenance_end(each)
            await self._forget(self._store.remove_maintenance, each.subject)
            await self._note(each)

    async def _note(self, over: Shelf | Maintenance) -> None:
        if self._note_end is not None:
            await self._note_end(over)

    @staticmethod
    async def _forget(remove: Callable[[str], Awaitable[None]], key: str) -> None:
        try:
            await remove(key)
        except StorageError as err:
            # It is over by its time alone, should it be there after a restart
            _LOGGER.warning("The end of a silence of %s is not kept: %s", key, err)

    def _seconds_to_next(self) -> float | None:
        ends = [shelf.until for shelf in self._shelves.values()]
        ends += [m.until for m in self._maintenance.values() if m.until is not None]
        if not ends:
            return None
        wait = min(ends) - self._clock()
        return min(max(wait, timedelta()).total_seconds(), LONGEST_WAIT_SECONDS)


def _is_over(maintenance: Maintenance, now: datetime) -> bool:
    return maintenance.until is not None and maintenance.until <= now

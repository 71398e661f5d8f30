"""Transitions on their way to the journal: kept first, then told; in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from ..errors import StorageError
from ..storage.alarm_journal import AlarmJournal, JournalEntry
from .models import AlarmTransition

_LOGGER = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
MOST_UNKEPT = 20_000
MOST_WAITING = 50_000
RETRY_SECONDS = 10.0

type Told = Callable[[Sequence[AlarmTransition]], None]


class JournalWriter:
    """Keeps what it is given in one transaction a batch, and says so afterwards.

    What cannot be kept is told all the same, since an alarm matters more than its
    journal, and tried again with what follows.
    """

    def __init__(self, journal: AlarmJournal, told: Told) -> None:
        """Take the journal; told hears of each batch."""
        self._journal = journal
        self._told = told
        self._waiting: deque[JournalEntry] = deque()
        self._unkept: deque[JournalEntry] = deque(maxlen=MOST_UNKEPT)
        self._promises: deque[tuple[int, Callable[[], None]]] = deque()
        self._taken = 0
        self._done = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._failed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Return whether more waits than can be kept up with: take no more then."""
        return max(len(self._waiting), len(self._promises)) >= MOST_WAITING

    async def start(self) -> None:
        """Begin to keep."""
        self._closing = False
        self._task = asyncio.get_running_loop().create_task(
            self._run(), name="plantroom alarm journal"
        )

    async def stop(self) -> None:
        """Keep what was taken and end; calling it twice does no harm."""
        task, self._task = self._task, None
        if task is None:
            return
        self._closing = True
        self._wake.set()
        await asyncio.gather(task, return_exceptions=True)

    def take(self, entry: JournalEntry) -> None:
        """Keep and tell an entry soon."""
        self._taken += 1
        self._waiting.append(entry)
        self._wake.set()

    def when_kept(self, promise: Callable[[], None]) -> None:
        """Call promise once all that was taken so far is kept, at once if it is."""
        if self._done == self._taken:
            promise()
            return
        self._promises.append((self._taken, promise))

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                await self._wait()
            batch = list(islice(self._waiting, MOST_AT_ONCE))
            await self._keep(batch)
            for _ in batch:
                self._waiting.popleft()
            self._tell(batch)

    async def _wait(self) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(RETRY_SECONDS if self._unkept else None):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _keep(self, batch: Sequence[JournalEntry]) -> None:
        entries = [*self._unkept, *batch]
        if not entries:
            return
        try:
            await self._journal.append(entries)
        except StorageError as err:
            self._unkept.extend(batch)
            if not self._failed:
                _LOGGER.error("Alarms cannot be kept: %s", err)  # noqa: TRY400
            self._failed = True
            return
        self._unkept.clear()
        if self._failed:
            _LOGGER.warning("Alarms are kept again")
        self._failed = False

    def _tell(self, batch: Sequence[JournalEntry]) -> None:
        self._done += len(batch)
        if batch:
            self._told([entry.transition for entry in batch])
        while self._promises and self._promises[0][0] <= self._done:
            self._promises.popleft()[1]()

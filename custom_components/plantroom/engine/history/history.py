"""The past of points as the engine saw it: counted while it runs, kept, told."""

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Final

from ..energy.moment import Moment, now
from ..event_bus import EventBus
from ..points import Points
from ..problems import Problems
from ..storage.hours import HourStore
from .answers import answer_of, best_of, summaries_of
from .clock import WatchedClock
from .hour_book import HourBook
from .hour_trace import PointHour
from .keeping import HourKeeper
from .log_reading import LogReading
from .models import MOST_HOURS, HoursAnswer, HourSource, HoursRequest

_LOGGER = logging.getLogger(__name__)

SAVE_SECONDS: Final = 60.0
COUNTED_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryState:
    """points: whose value is known now. octets: on disk. waiting: hours not yet there."""

    points: int
    octets: int
    waiting: int
    kept_since: datetime | None


class History:
    """Hours of every watched numeric point; a failing disk stops nothing else."""

    def __init__(
        self,
        events: EventBus,
        points: Points,
        problems: Problems,
        folder: Path | None,
        logs: LogReading,
        clock: Callable[[], Moment] = now,
    ) -> None:
        """Take the records, and what reads devices' logs.

        folder: of the file; None keeps all in memory.
        """
        self.logs = logs
        self._clock = WatchedClock(clock)
        self._book = HourBook(points, self._clock)
        self._keeper = HourKeeper(HourStore(folder), problems)
        self._saving = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        events.listen(self._book.hear)

    @property
    def state(self) -> HistoryState:
        """Return how much is known and kept."""
        return HistoryState(
            points=self._book.followed,
            octets=self._keeper.held.octets,
            waiting=self._keeper.waiting,
            kept_since=_moment(self._keeper.held.oldest),
        )

    async def start(self) -> None:
        """Go on with what was kept."""
        if self._task is None:
            self._book.restore(await self._keeper.load())
            self._task = asyncio.get_running_loop().create_task(
                self._run(), name="plantroom history"
            )

    async def stop(self) -> None:
        """Keep what was counted; calling it twice does no harm."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.save()
        self._book.clear()
        await self._keeper.stop()

    def watch(self, point_ids: Collection[str]) -> None:
        """Count these, which are kept fresh, and no others."""
        self._book.watch(point_ids)

    async def save(self) -> None:
        """Keep what was counted up to now."""
        async with self._saving:
            beat = self._count(())
            for some in batched(self._book.point_ids, COUNTED_AT_ONCE, strict=False):
                self._count(some)
                await asyncio.sleep(0)
            self._book.forget_idle()
            await self._keeper.save(beat)
            await self._keeper.trim(beat, self._clock.steady_for)

    async def hours(self, request: HoursRequest) -> HoursAnswer:
        """Return the hours that are known; raises StorageError."""
        sources = request.sources or (HourSource.ENGINE,)
        seen: list[PointHour] = []
        logged: list[PointHour] = []
        unread: list[tuple[str, str]] = []
        if HourSource.TREND_LOG in sources:
            logged, unread = await self.logs.hours(request)
        if HourSource.ENGINE in sources:
            seen = await self._seen(request)
        at = self._book.advance(())
        return answer_of(
            summaries_of(best_of(seen), best_of(logged), at),
            _moment(self._keeper.held.oldest),
            unread,
        )

    async def _seen(self, request: HoursRequest) -> list[PointHour]:
        """Return the hours that the engine saw."""
        self._count(request.point_ids)
        start, end = request.start.timestamp(), request.end.timestamp()
        found = await self._keeper.find(
            request.point_ids, math.ceil(start), math.ceil(end), MOST_HOURS + 1
        )
        going_on = self._book.open_hours(request.point_ids)
        found += [each for each in going_on if start <= each.facts.start < end]
        return found

    def _count(self, point_ids: Iterable[str]) -> float:
        """Count points up to now and return when that is, in seconds since 1970."""
        at = self._book.advance(point_ids)
        self._keeper.take(self._book.take_news())
        return at

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            try:
                await self.save()
            except Exception:
                _LOGGER.exception("The history of points could not be kept")


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

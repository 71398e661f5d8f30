"""Keeps hours in their file; what cannot be kept now waits, and a person is told."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..errors import StorageError
from ..models import ProblemCode
from ..problems import Problems
from ..storage.hours import HoursHeld, HourStore
from .hour_trace import PointHour

_LOGGER = logging.getLogger(__name__)

SUBJECT: Final = "history"
KEPT_DAYS: Final = 62
MOST_OCTETS: Final = 512 * 1024 * 1024
# Hours that wait for a full disk: a day of 10,000 points
MOST_WAITING: Final = 240_000
TRIM_SECONDS: Final = 3600.0
# Who set the clock wrong may notice: no history is dropped for its age so soon
TRUST_SECONDS: Final = 6 * 3600.0
_DAY_SECONDS: Final = 86_400


class HourKeeper:
    """Hours on their way to the file, and the file within its bounds."""

    def __init__(self, store: HourStore, problems: Problems) -> None:
        """Take the file and where it is told that it fails."""
        self.held = HoursHeld()
        self._store = store
        self._problems = problems
        self._open = False
        self._waiting: dict[tuple[str, int], PointHour] = {}
        self._units: dict[str, str] = {}
        self._failed = False
        self._crowded = False
        self._trim_due = float("-inf")

    @property
    def waiting(self) -> int:
        """Return how many hours are not in the file yet."""
        return len(self._waiting)

    async def load(self) -> Mapping[str, PointHour]:
        """Return the hours that go on by point, counted until we last lived."""
        return {hour.point_id: hour for hour in await self._opened() or ()}

    async def stop(self) -> None:
        """Close the file; calling it twice does no harm."""
        self._open = False
        await self._store.stop()

    def take(self, hours: Iterable[PointHour]) -> None:
        """Take hours to keep; of one hour, the later one unless it covers less."""
        for hour in hours:
            if self._units.setdefault(hour.point_id, hour.unit) != hour.unit:
                self._begin_anew(hour.point_id, hour.unit)
            key = hour.point_id, hour.facts.start
            known = self._waiting.get(key)
            if known is None or known.facts.covered <= hour.facts.covered:
                self._waiting[key] = hour

    async def save(self, beat: float) -> None:
        """Keep what was taken before returning; what fails is told and tried again."""
        if not self._open and await self._opened() is None:
            return
        waiting, self._waiting = self._waiting, {}
        try:
            await self._store.save([*waiting.values()], beat)
        except StorageError as err:
            newer, self._waiting = self._waiting, waiting
            self.take(newer.values())
            self._drop_oldest_waiting()
            self._tell_failure(err)
            return
        self._tell_kept()

    async def find(
        self, point_ids: Sequence[str], start: int, end: int, most: int
    ) -> list[PointHour]:
        """Return hours that begin in [start, end), `most` of those in the file."""
        kept: list[PointHour] = []
        if self._open:
            kept = await self._store.find(point_ids, start, end, most)
        wanted = frozenset(point_ids)
        kept += [
            hour
            for (point_id, begin), hour in self._waiting.items()
            if point_id in wanted and start <= begin < end
        ]
        return kept

    async def trim(self, at: float, steady_for: float) -> None:
        """Stay within days and octets, now and then; at: seconds since 1970."""
        if not self._open or at < self._trim_due:
            return
        self._trim_due = at + TRIM_SECONDS
        try:
            if steady_for > TRUST_SECONDS:
                await self._store.trim(int(at) - KEPT_DAYS * _DAY_SECONDS)
            await self._make_room()
        except StorageError as err:
            self._tell_failure(err)

    async def _make_room(self) -> None:
        held = self.held = await self._store.held()
        while held.octets > MOST_OCTETS and held.oldest is not None:
            if not self._crowded:
                self._crowded = True
                _LOGGER.warning(
                    "The history of points takes more than %d MB: its oldest hours are"
                    " dropped before they are %d days old",
                    MOST_OCTETS // 1024**2,
                    KEPT_DAYS,
                )
            await self._store.trim(held.oldest + _DAY_SECONDS)
            held = self.held = await self._store.held()

    def _begin_anew(self, point_id: str, unit: str) -> None:
        """Forget what waits of a point that is measured in something else now."""
        self._units[point_id] = unit
        for key in [key for key in self._waiting if key[0] == point_id]:
            del self._waiting[key]

    async def _opened(self) -> list[PointHour] | None:
        try:
            await self._store.start()
            kept = await self._store.load()
            self.held = await self._store.held()
        except StorageError as err:
            self._drop_oldest_waiting()
            self._tell_failure(err)
            return None
        self._open = True
        return kept

    def _drop_oldest_waiting(self) -> None:
        excess = len(self._waiting) - MOST_WAITING
        if excess > 0:
            for key in sorted(self._waiting, key=lambda key: key[1])[:excess]:
                del self._waiting[key]

    def _tell_failure(self, err: StorageError) -> None:
        if not self._failed:
            _LOGGER.warning("The history of points cannot be kept: %s", err)
        self._failed = True
        self._problems.report(
            ProblemCode.HISTORY_UNKEPT,
            SUBJECT,
            path=err.facts.get("path", ""),
            reason=err.facts.get("reason", ""),
        )

    def _tell_kept(self) -> None:
        if self._failed:
            self._failed = False
            _LOGGER.warning("The history of points is kept again")
        self._problems.solve(SUBJECT, ProblemCode.HISTORY_UNKEPT)

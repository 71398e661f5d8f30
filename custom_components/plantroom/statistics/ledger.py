"""What is known of outages, kept on disk: no end of the process may lose it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .hours import hours_touched, seconds_within

_VERSION: Final = 1
# A person hears of outages at least this long; shorter ones are filled in all the same
TOLD_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time that the recorder did not see, and what of it is still to be filled in.

    due: hours not filled in yet. statistics: how many were filled in of the hour that
    had most. filled: how many hours had any.
    """

    start: datetime
    end: datetime
    due: tuple[datetime, ...]
    filled: int = 0
    statistics: int = 0

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Outage:
        """Return an outage of which nothing is filled in yet."""
        start = min(start, end)
        return cls(start=start, end=end, due=hours_touched(start, end))

    def seconds_of(self, hour: datetime) -> float:
        """Return how much of an hour went unseen."""
        return seconds_within(hour, self.start, self.end)

    def with_filled(self, hour: datetime, statistics: int) -> Outage:
        """Return what is left when an hour is done with."""
        if hour not in self.due:
            return self
        return replace(
            self,
            due=tuple(item for item in self.due if item != hour),
            filled=self.filled + (1 if statistics else 0),
            statistics=max(self.statistics, statistics),
        )


class Ledger:
    """The outages of one config entry, and since when we are away if we are.

    present: whether the last that was written says that we saw everything, so that a
    start which finds it so follows a crash.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Take where it is kept; nothing is read yet."""
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.outages"
        )
        self.outages: tuple[Outage, ...] = ()
        self.away_since: datetime | None = None
        self.present = False

    async def load(self) -> None:
        """Read what an earlier run left; a first run finds nothing."""
        data = await self._store.async_load() or {}
        self.outages = tuple(_outage(item) for item in data.get("outages", ()))
        away = data.get("away_since")
        self.away_since = None if away is None else datetime.fromisoformat(away)
        self.present = bool(data) and away is None

    async def leave(self, at: datetime) -> None:
        """Keep that from now on nothing is seen."""
        self.away_since = self.away_since or at
        await self._save()

    async def come_back(self, since: datetime | None, at: datetime) -> None:
        """Keep that everything is seen again, and since when it was not."""
        self.away_since = None
        await self.add(since, at)

    async def add(self, since: datetime | None, at: datetime) -> None:
        """Keep an outage, None for none, that a former one may have told of in part."""
        if since is not None:
            self.outages += (Outage.between(since, at),)
        await self._save()

    async def fill(self, filled: Iterable[tuple[datetime, int]]) -> list[Outage]:
        """Keep how many statistics of each hour were filled in; return what is over."""
        done = [*filled]
        over: list[Outage] = []
        left: list[Outage] = []
        for outage in self.outages:
            for hour, statistics in done:
                outage = outage.with_filled(hour, statistics)  # noqa: PLW2901
            (left if outage.due else over).append(outage)
        self.outages = tuple(left)
        await self._save()
        return over

    async def remove(self) -> None:
        """Forget everything."""
        await self._store.async_remove()

    async def _save(self) -> None:
        away = self.away_since
        await self._store.async_save(
            {
                "away_since": None if away is None else away.isoformat(),
                "outages": [_kept(outage) for outage in self.outages],
            }
        )


def _kept(outage: Outage) -> dict[str, Any]:
    return {
        "start": outage.start.isoformat(),
        "end": outage.end.isoformat(),
        "due": [hour.isoformat() for hour in outage.due],
        "filled": outage.filled,
        "statistics": outage.statistics,
    }


def _outage(kept: dict[str, Any]) -> Outage:
    return Outage(
        start=datetime.fromisoformat(kept["start"]),
        end=datetime.fromisoformat(kept["end"]),
        due=tuple(datetime.fromisoformat(hour) for hour in kept["due"]),
        filled=kept["filled"],
        statistics=kept["statistics"],
    )

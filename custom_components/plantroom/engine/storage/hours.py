"""The hours of points, in a file of their own: damaged or full, it costs nothing else."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..history.hour_trace import HOUR_SECONDS, HourFacts, PointHour
from .database import Database

FILE_NAME: Final = "history.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE point (
        number INTEGER PRIMARY KEY,
        point_id TEXT NOT NULL UNIQUE,
        unit TEXT NOT NULL
    ) STRICT;
    CREATE TABLE hour (
        start INTEGER NOT NULL,
        point INTEGER NOT NULL,
        mean REAL NOT NULL,
        minimum REAL NOT NULL,
        maximum REAL NOT NULL,
        first REAL NOT NULL,
        last REAL NOT NULL,
        covered REAL NOT NULL,
        until REAL,
        PRIMARY KEY (start, point)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE beat (
        number INTEGER PRIMARY KEY CHECK (number = 1),
        at REAL NOT NULL
    ) STRICT;
    """,
)
# Looked up in one go: the database's thread has others to serve
MOST_LOOKED_UP: Final = 100_000

# Of two that saw an hour, as after the clock was set back, the one that saw more of it
_KEEP: Final = """
    INSERT INTO hour SELECT ?, number, ?, ?, ?, ?, ?, ?, ? FROM point WHERE point_id = ?
    ON CONFLICT (start, point) DO UPDATE SET
        mean = excluded.mean, minimum = excluded.minimum, maximum = excluded.maximum,
        first = excluded.first, last = excluded.last, covered = excluded.covered,
        until = excluded.until
    WHERE excluded.covered >= hour.covered
"""
_FIND: Final = """
    SELECT point_id, unit, hour.start, mean, minimum, maximum, first, last, covered
    FROM json_each(?) AS wanted_hour
    CROSS JOIN json_each(?) AS wanted_point
    CROSS JOIN hour ON hour.start = wanted_hour.value
        AND hour.point = wanted_point.value
    CROSS JOIN point ON point.number = hour.point
    LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHours:
    """What an earlier process left: when it last lived, and what it had not ended."""

    beat: float | None = None
    open_hours: tuple[PointHour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursHeld:
    """What the file holds: octets in use, and when the oldest hour began."""

    octets: int = 0
    oldest: int | None = None


class HourStore:
    """Hours by point; starts are seconds since 1970."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        self._database = Database(folder, FILE_NAME, MIGRATIONS)

    async def start(self) -> None:
        """Open the file, or raise StorageError; twice does no harm."""
        await self._database.start()

    async def stop(self) -> None:
        """Close the file; calling it twice does no harm."""
        await self._database.stop()

    async def load(self) -> KeptHours:
        """Return what goes on; raises StorageError."""
        return await self._database.run(_load)

    async def save(self, hours: Sequence[PointHour], beat: float) -> None:
        """Keep hours and that we lived until then, all or nothing.

        What is kept of a point in another unit is forgotten.
        """
        await self._database.run(lambda db: _save(db, hours, beat))

    async def find(
        self, point_ids: Sequence[str], start: int, end: int, most: int
    ) -> list[PointHour]:
        """Return hours that begin in [start, end), oldest first, `most` at most."""
        return await self._database.run(
            lambda db: _find(db, point_ids, start, end, most)
        )

    async def held(self) -> HoursHeld:
        """Return how much is kept, and since when."""
        return await self._database.run(_held)

    async def trim(self, before: int) -> int:
        """Forget what began before a moment; return how many hours that was."""
        return await self._database.run(lambda db: _trim(db, before))


def _load(db: sqlite3.Connection) -> KeptHours:
    beat = db.execute("SELECT at FROM beat").fetchone()
    if beat is None:
        return KeptHours()
    start = int(beat[0] // HOUR_SECONDS) * HOUR_SECONDS
    rows = db.execute(
        "SELECT point_id, unit, start, mean, minimum, maximum, first, last, covered, until"
        " FROM hour JOIN point ON point.number = hour.point WHERE start = ?",
        (start // HOUR_SECONDS,),
    )
    return KeptHours(beat=beat[0], open_hours=tuple(map(_point_hour, rows)))


def _save(db: sqlite3.Connection, hours: Sequence[PointHour], beat: float) -> None:
    _save_points(db, {hour.point_id: hour.unit for hour in hours})
    db.executemany(
        _KEEP,
        [
            (facts.start // HOUR_SECONDS, *facts[1:], point_id)
            for point_id, _, facts in hours
        ],
    )
    db.execute(
        "INSERT INTO beat VALUES (1, ?)"
        " ON CONFLICT (number) DO UPDATE SET at = excluded.at",
        (beat,),
    )


def _save_points(db: sqlite3.Connection, units: Mapping[str, str]) -> None:
    changed = [
        number
        for number, point_id, unit in db.execute(
            "SELECT number, point_id, unit FROM point"
            " WHERE point_id IN (SELECT value FROM json_each(?))",
            (json.dumps([*units]),),
        )
        if units[point_id] != unit
    ]
    if changed:
        db.execute(
            "DELETE FROM hour WHERE point IN (SELECT value FROM json_each(?))",
            (json.dumps(changed),),
        )
    db.executemany(
        "INSERT INTO point (point_id, unit) VALUES (?, ?)"
        " ON CONFLICT (point_id) DO UPDATE SET unit = excluded.unit"
        " WHERE unit != excluded.unit",
        [*units.items()],
    )


def _find(
    db: sqlite3.Connection, point_ids: Sequence[str], start: int, end: int, most: int
) -> list[PointHour]:
    numbers = [
        number
        for (number,) in db.execute(
            "SELECT number FROM point"
            " WHERE point_id IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(point_ids),),
        )
    ]
    oldest, newest = db.execute("SELECT MIN(start), MAX(start) FROM hour").fetchone()
    if not numbers or oldest is None:
        return []
    hours = range(
        max(-(-start // HOUR_SECONDS), oldest),
        min(-(-end // HOUR_SECONDS), newest + 1),
    )
    found: list[PointHour] = []
    together = max(1, MOST_LOOKED_UP // len(numbers))
    wanted = json.dumps(numbers)
    for some in (hours[i : i + together] for i in range(0, len(hours), together)):
        rows = db.execute(_FIND, (json.dumps([*some]), wanted, most - len(found)))
        found += map(_point_hour, rows)
        if len(found) >= most:
            break
    return found


def _held(db: sqlite3.Connection) -> HoursHeld:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    (oldest,) = db.execute("SELECT MIN(start) FROM hour").fetchone()
    return HoursHeld(
        octets=(pages - free) * size,
        oldest=None if oldest is None else oldest * HOUR_SECONDS,
    )


def _trim(db: sqlite3.Connection, before: int) -> int:
    return db.execute(
        "DELETE FROM hour WHERE start < ?", (-(-before // HOUR_SECONDS),)
    ).rowcount


def _point_hour(row: tuple[Any, ...]) -> PointHour:
    point_id, unit, start, *facts = row
    return PointHour(point_id, unit, HourFacts(start * HOUR_SECONDS, *facts))

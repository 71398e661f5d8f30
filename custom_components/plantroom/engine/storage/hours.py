"""The hours of points, in a file of their own: damaged or full, it costs nothing else.

Hours that are over have rows. Those that go on are appended to a journal, as often as
they change, which becomes rows when the next hour begins or the file is opened again.
"""

import json
import math
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..history.hour_trace import HOUR_SECONDS, HourFacts, PointHour, lived
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
        PRIMARY KEY (start, point)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE going_on (
        number INTEGER PRIMARY KEY,
        start INTEGER NOT NULL,
        data BLOB NOT NULL
    ) STRICT;
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
    INSERT INTO hour VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (start, point) DO UPDATE SET
        mean = excluded.mean, minimum = excluded.minimum, maximum = excluded.maximum,
        first = excluded.first, last = excluded.last, covered = excluded.covered
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
# Point, mean, minimum, maximum, first, last, covered, until (NaN for none)
_RECORD: Final = struct.Struct("<I7d")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursHeld:
    """What the file holds: octets in use, and when the oldest hour began."""

    octets: int = 0
    oldest: int | None = None


class HourStore:
    """Hours by point; starts are seconds since 1970."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        # To check 500 MB takes 20 s on a slow disk: nobody would be served so long
        self._database = Database(folder, FILE_NAME, MIGRATIONS, checked_at_start=False)

    async def start(self) -> None:
        """Open the file, or raise StorageError; twice does no harm."""
        await self._database.start()

    async def stop(self) -> None:
        """Close the file; calling it twice does no harm."""
        await self._database.stop()

    async def load(self) -> list[PointHour]:
        """Return what went on when we last lived, each with `until` then."""
        return await self._database.run(_end_journal)

    async def save(self, hours: Sequence[PointHour], beat: float) -> None:
        """Keep hours and that we live at a moment, all or nothing.

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


def _save(db: sqlite3.Connection, hours: Sequence[PointHour], beat: float) -> None:
    now = int(beat // HOUR_SECONDS) * HOUR_SECONDS
    before = db.execute("SELECT MAX(start) FROM going_on").fetchone()[0]
    if before is not None and before != now:
        _end_journal(db)
    numbers = _numbers(db, {hour.point_id: hour.unit for hour in hours})
    _keep(
        db,
        ((numbers[hour.point_id], hour.facts) for hour in hours if _start(hour) != now),
    )
    going_on = b"".join(
        _record(numbers[hour.point_id], hour.facts)
        for hour in hours
        if _start(hour) == now
    )
    if going_on:
        db.execute("INSERT INTO going_on (start, data) VALUES (?, ?)", (now, going_on))
    db.execute(
        "INSERT INTO beat VALUES (1, ?)"
        " ON CONFLICT (number) DO UPDATE SET at = excluded.at",
        (beat,),
    )


def _keep(db: sqlite3.Connection, hours: Iterable[tuple[int, HourFacts]]) -> None:
    rows = sorted((facts.start // HOUR_SECONDS, n, *facts[1:7]) for n, facts in hours)
    db.executemany(_KEEP, rows)


def _end_journal(db: sqlite3.Connection) -> list[PointHour]:
    """Make rows of what went on until the last beat, and return it."""
    beat = db.execute("SELECT at FROM beat").fetchone()
    latest: dict[int, HourFacts] = {}
    for start, data in db.execute("SELECT start, data FROM going_on ORDER BY number"):
        latest.update(_facts(record, start) for record in _RECORD.iter_unpack(data))
    going_on = {
        number: [*lived(facts, beat[0] if beat else 0.0)]
        for number, facts in latest.items()
    }
    _keep(db, ((n, facts) for n, all_facts in going_on.items() for facts in all_facts))
    db.execute("DELETE FROM going_on")
    names = {n: (point_id, unit) for n, point_id, unit in _all_points(db)}
    return [
        PointHour(*names[number], facts[-1]._replace(until=beat[0]))
        for number, facts in going_on.items()
        if number in names and beat
    ]


def _numbers(db: sqlite3.Connection, units: dict[str, str]) -> dict[str, int]:
    """Return the numbers of points, new ones and those in a new unit among them."""
    known = {point_id: (number, unit) for number, point_id, unit in _all_points(db)}
    changed = [p for p, unit in units.items() if known.get(p, (0, unit))[1] != unit]
    if changed:
        _forget(db, [known[point_id][0] for point_id in changed])
    db.executemany(
        "INSERT INTO point (point_id, unit) VALUES (?, ?)"
        " ON CONFLICT (point_id) DO UPDATE SET unit = excluded.unit",
        [(p, unit) for p, unit in units.items() if p not in known or p in changed],
    )
    return {point_id: number for number, point_id, _ in _all_points(db)}


def _all_points(db: sqlite3.Connection) -> list[tuple[int, str, str]]:
    return db.execute("SELECT number, point_id, unit FROM point").fetchall()


def _forget(db: sqlite3.Connection, numbers: list[int]) -> None:
    _end_journal(db)
    db.execute(
        "DELETE FROM hour WHERE point IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers),),
    )


def _find(
    db: sqlite3.Connection, point_ids: Sequence[str], start: int, end: int, most: int
) -> list[PointHour]:
    asked = frozenset(point_ids)
    numbers = sorted(n for n, point_id, _ in _all_points(db) if point_id in asked)
    # One each: SQLite looks up the ends of an index only when asked for a single one
    (oldest,) = db.execute("SELECT MIN(start) FROM hour").fetchone()
    (newest,) = db.execute("SELECT MAX(start) FROM hour").fetchone()
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


def _start(hour: PointHour) -> int:
    return hour.facts.start


def _point_hour(row: tuple[Any, ...]) -> PointHour:
    point_id, unit, start, *facts = row
    return PointHour(point_id, unit, HourFacts(start * HOUR_SECONDS, *facts))


def _record(number: int, facts: HourFacts) -> bytes:
    until = math.nan if facts.until is None else facts.until
    return _RECORD.pack(number, *facts[1:7], until)


def _facts(record: tuple[Any, ...], start: int) -> tuple[int, HourFacts]:
    number, until = record[0], record[7]
    facts = HourFacts(start, *record[1:7])
    return number, facts if math.isnan(until) else facts._replace(until=until)

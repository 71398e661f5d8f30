"""How much of the embedded log is waited for, and how old events make room."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig

from .log_schema import Filter, checkpoint_of, filter_of, group_of

TENTHS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A group and which events it has."""

    group: str
    wanted: Filter


def waiting_of(config: SubscriptionConfig) -> Waiting:
    """Return a subscription's group and events."""
    return Waiting(group=group_of(config), wanted=filter_of(config))


def make_room(
    db: sqlite3.Connection, most_octets: int, waiting: Sequence[Waiting]
) -> bool:
    """Forget old events when there are too many octets; return whether more fit.

    waiting: whose events stay until they are acknowledged, the latest of these
    longer, by which a log is known again; without any, all stay.
    """
    if _octets(db) < most_octets:
        return True
    count, last = db.execute("SELECT count(*), max(position) FROM event").fetchone()
    if not count or not waiting:
        return False
    needed = [at for each in waiting if (at := _first_needed(db, each)) is not None]
    kept = json.dumps([_last_done(db, each) for each in waiting])
    while _octets(db) >= most_octets:
        gone = db.execute(
            "DELETE FROM event WHERE position IN (SELECT position FROM event"
            " WHERE position < ? AND position NOT IN"
            " (SELECT position FROM parked UNION SELECT value FROM json_each(?))"
            " ORDER BY position LIMIT ?)",
            (min((*needed, last)), kept, max(count // TENTHS, 1)),
        )
        if not gone.rowcount:
            return False
    return True


def most_waiting(
    db: sqlite3.Connection, waiting: Sequence[Waiting], enough: int
) -> int:
    """Return how many events wait for the slowest group; no more than enough."""
    row = db.execute("SELECT max(position) FROM event").fetchone()
    last = row[0] or 0
    counts = [0]
    for each in waiting:
        behind = last - checkpoint_of(db, each.group)
        # What other streams have in between is counted out only when it matters
        counts.append(behind if behind < enough else _count(db, each, enough))
    return max(counts)


def _first_needed(db: sqlite3.Connection, waiting: Waiting) -> int | None:
    """Return the oldest event that a group has yet to acknowledge, None without."""
    row = db.execute(
        f"SELECT min(position) FROM event WHERE position > ? AND {waiting.wanted.sql}",  # noqa: S608
        (checkpoint_of(db, waiting.group), *waiting.wanted.arguments),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _last_done(db: sqlite3.Connection, waiting: Waiting) -> int:
    """Return the newest event that a group has acknowledged, 0 without."""
    row = db.execute(
        f"SELECT max(position) FROM event WHERE position <= ? AND {waiting.wanted.sql}",  # noqa: S608
        (checkpoint_of(db, waiting.group), *waiting.wanted.arguments),
    ).fetchone()
    return int(row[0] or 0)


def _count(db: sqlite3.Connection, waiting: Waiting, enough: int) -> int:
    row = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM event WHERE position > ?"  # noqa: S608
        f" AND {waiting.wanted.sql} LIMIT ?)",
        (checkpoint_of(db, waiting.group), *waiting.wanted.arguments, enough),
    ).fetchone()
    return int(row[0])


def _octets(db: sqlite3.Connection) -> int:
    """Return how much of the file is in use; what was deleted is used again."""
    sizes = ("page_count", "freelist_count", "page_size")
    pages, free, size = (db.execute(f"PRAGMA {n}").fetchone()[0] for n in sizes)
    return int((pages - free) * size)

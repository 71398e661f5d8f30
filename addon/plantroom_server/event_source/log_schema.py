"""The tables of the embedded log, and what is asked of them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from ..event_messages.decoding import KNOWN_TYPES
from ..gateway_errors import IdTakenError
from .arrivals import Arrival, Kept
from .port import NewEvent, StoredEvent

FILE_NAME: Final = "events.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE event (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        stream TEXT NOT NULL,
        event_type TEXT NOT NULL,
        at TEXT NOT NULL,
        data BLOB NOT NULL
    ) STRICT;
    CREATE INDEX event_by_stream ON event (stream, position);
    CREATE TABLE consumer_group (
        name TEXT PRIMARY KEY,
        checkpoint INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE parked (
        group_name TEXT NOT NULL,
        position INTEGER NOT NULL REFERENCES event ON DELETE CASCADE,
        reason TEXT NOT NULL,
        PRIMARY KEY (group_name, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parked_by_position ON parked (position);
    """,
)
# A category is what stands before the first hyphen, as in other event stores
CATEGORY_END: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events a subscription has, as SQL with its arguments."""

    sql: str
    arguments: tuple[str, ...]


def filter_of(config: SubscriptionConfig) -> Filter:
    """Return which events a subscription has."""
    match config.stream_kind:
        case StreamKind.STREAM:
            return Filter(sql="stream = ?", arguments=(config.stream,))
        case StreamKind.CATEGORY:
            first = config.stream + CATEGORY_END
            last = config.stream + chr(ord(CATEGORY_END) + 1)
            return Filter(sql="stream >= ? AND stream < ?", arguments=(first, last))
        case StreamKind.ALL:
            types = config.event_types or KNOWN_TYPES
            marks = ", ".join("?" * len(types))
            return Filter(sql=f"event_type IN ({marks})", arguments=tuple(types))


def group_of(config: SubscriptionConfig) -> str:
    """Return the name of a group, which is one of its stream's."""
    return f"{config.stream_kind}:{config.stream}::{config.group}"


def append(
    db: sqlite3.Connection, stream: str, events: Sequence[NewEvent], at: datetime
) -> int:
    """Keep events, those of a known id once; return how many are new."""
    before = db.total_changes
    db.executemany(
        "INSERT OR IGNORE INTO event (event_id, stream, event_type, at, data)"
        " VALUES (?, ?, ?, ?, ?)",
        [(e.event_id, stream, e.event_type, at.isoformat(), e.data) for e in events],
    )
    return db.total_changes - before


def keep(
    db: sqlite3.Connection, arrivals: Sequence[Arrival], at: datetime
) -> list[Kept]:
    """Keep events and say where each is; raises IdTakenError for another's id."""
    return [_keep(db, item, each, at) for item, each in enumerate(arrivals)]


def events_after(
    db: sqlite3.Connection, wanted: Filter, position: int, limit: int
) -> list[StoredEvent]:
    """Return the events after a position, oldest first."""
    rows = db.execute(
        "SELECT position, event_id, stream, event_type, data, at FROM event"  # noqa: S608
        f" WHERE position > ? AND {wanted.sql} ORDER BY position LIMIT ?",
        (position, *wanted.arguments, limit),
    )
    return [_event(row) for row in rows]


def join_group(db: sqlite3.Connection, group: str) -> int:
    """Return where a group stopped; a new one begins with the first event."""
    db.execute("INSERT OR IGNORE INTO consumer_group VALUES (?, 0)", (group,))
    return checkpoint_of(db, group)


def checkpoint_of(db: sqlite3.Connection, group: str) -> int:
    """Return the position up to which a group has acknowledged everything."""
    row = db.execute(
        "SELECT checkpoint FROM consumer_group WHERE name = ?", (group,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def acknowledge(
    db: sqlite3.Connection, group: str, checkpoint: int, unparked: Sequence[int]
) -> None:
    """Move a group on, and forget what was parked and is done now."""
    db.execute(
        "UPDATE consumer_group SET checkpoint = max(checkpoint, ?) WHERE name = ?",
        (checkpoint, group),
    )
    db.executemany(
        "DELETE FROM parked WHERE group_name = ? AND position = ?",
        [(group, position) for position in unparked],
    )


def park(db: sqlite3.Connection, group: str, position: int, reason: str) -> None:
    """Put an event aside for a group."""
    db.execute(
        "INSERT INTO parked VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET reason = excluded.reason",
        (group, position, reason),
    )


def parked_events(db: sqlite3.Connection, group: str, limit: int) -> list[StoredEvent]:
    """Return what a group put aside, oldest first."""
    rows = db.execute(
        "SELECT event.position, event_id, stream, event_type, data, at FROM event"
        " JOIN parked ON parked.position = event.position WHERE group_name = ?"
        " ORDER BY event.position LIMIT ?",
        (group, limit),
    )
    return [_event(row) for row in rows]


def count_parked(db: sqlite3.Connection, group: str) -> int:
    """Return how many events a group has put aside."""
    row = db.execute("SELECT count(*) FROM parked WHERE group_name = ?", (group,))
    return int(row.fetchone()[0])


def count_after(db: sqlite3.Connection, wanted: Filter, group: str) -> int:
    """Return how many events a group has not acknowledged."""
    row = db.execute(
        f"SELECT count(*) FROM event WHERE position > ? AND {wanted.sql}",  # noqa: S608
        (checkpoint_of(db, group), *wanted.arguments),
    )
    return int(row.fetchone()[0])


def last_position(db: sqlite3.Connection, wanted: Filter) -> int | None:
    """Return the position of the newest event, None before the first."""
    row = db.execute(
        f"SELECT max(position) FROM event WHERE {wanted.sql}",  # noqa: S608
        wanted.arguments,
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _keep(db: sqlite3.Connection, item: int, arrival: Arrival, at: datetime) -> Kept:
    event = arrival.event
    content = (arrival.stream, event.event_type, event.data)
    added = db.execute(
        "INSERT OR IGNORE INTO event (event_id, stream, event_type, data, at)"
        " VALUES (?, ?, ?, ?, ?)",
        (event.event_id, *content, at.isoformat()),
    )
    if added.rowcount and added.lastrowid is not None:
        return Kept(position=added.lastrowid, event_id=event.event_id, known=False)
    position, *found = db.execute(
        "SELECT position, stream, event_type, data FROM event WHERE event_id = ?",
        (event.event_id,),
    ).fetchone()
    if tuple(found) != content:
        raise IdTakenError(
            f"The id {event.event_id} is of another event", item=str(item)
        )
    return Kept(position=position, event_id=event.event_id, known=True)


def _event(row: tuple[int, str, str, str, bytes, str]) -> StoredEvent:
    position, event_id, stream, event_type, data, at = row
    return StoredEvent(
        position=position,
        event_id=event_id,
        stream=stream,
        event_type=event_type,
        data=data,
        recorded_at=datetime.fromisoformat(at),
    )

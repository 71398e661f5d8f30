"""What the gateway keeps on this machine: parked events, and commands not yet told."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from custom_components.plantroom.engine.gateway.models import ParkedEvent
from custom_components.plantroom.engine.storage.database import Database

from ..event_source.port import NewEvent

FILE_NAME: Final = "gateway.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE parked (
        subscription_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        event_type TEXT NOT NULL,
        reason TEXT NOT NULL,
        object TEXT NOT NULL,
        at TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (subscription_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE command (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription_id TEXT NOT NULL,
        stream TEXT NOT NULL,
        event_id TEXT NOT NULL,
        event_type TEXT NOT NULL,
        data BLOB NOT NULL
    ) STRICT;
    CREATE INDEX command_by_subscription ON command (subscription_id, number);
    """,
    """
    ALTER TABLE command ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE command ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE identity (id TEXT NOT NULL) STRICT;
    INSERT INTO identity VALUES (lower(hex(randomblob(8))));
    """,
)
MOST_PARKED: Final = 10_000
MOST_LISTED: Final = 1000
MOST_SHOWN_CHARACTERS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCommand:
    """A command that the event store or the recovery cache may not have yet.

    position: of the last event that was used before it.
    """

    number: int
    stream: str
    event: NewEvent
    position: int


class Ledger:
    """Survives a kill; what a client was told is done is in it."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        self._database = Database(folder, FILE_NAME, MIGRATIONS)
        self.ledger_id = ""

    async def start(self) -> None:
        """Open the file; raises StorageError."""
        await self._database.start()
        self.ledger_id = await self._database.run(
            lambda db: str(db.execute("SELECT id FROM identity").fetchone()[0])
        )

    async def stop(self) -> None:
        """Close the file; calling it twice does no harm."""
        await self._database.stop()

    async def park(self, event: ParkedEvent, object_key: str) -> None:
        """Note why an event was put aside; the oldest notes make room."""
        await self._database.run(lambda db: _park(db, event, object_key))

    async def unpark(self, subscription_id: str, position: int) -> None:
        """Forget that an event was put aside."""
        await self._database.run(
            lambda db: db.execute(
                "DELETE FROM parked WHERE subscription_id = ? AND position = ?",
                (subscription_id, position),
            )
        )

    async def parked_positions(self, subscription_id: str) -> dict[int, str]:
        """Return the object that each event put aside was for, "" for none."""
        return await self._database.run(
            lambda db: dict(
                db.execute(
                    "SELECT position, object FROM parked WHERE subscription_id = ?",
                    (subscription_id,),
                ).fetchall()
            )
        )

    async def parked(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return what was put aside, newest first, MOST_LISTED at most."""
        return await self._database.run(lambda db: _parked(db, subscription_id))

    async def add_command(
        self, subscription_id: str, stream: str, event: NewEvent, position: int
    ) -> int:
        """Keep a command until it is dropped; return its number; raises StorageError.

        position: of the last event that was used before it.
        """
        facts = (event.event_id, event.event_type, event.data, position)
        number = await self._database.run(
            lambda db: (
                db.execute(
                    "INSERT INTO command"
                    " (subscription_id, stream, event_id, event_type, data, position)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (subscription_id, stream, *facts),
                ).lastrowid
            )
        )
        return number or 0

    async def commands(
        self, subscription_id: str, limit: int
    ) -> tuple[WaitingCommand, ...]:
        """Return the commands that wait longest for the event store."""
        return await self._database.run(
            lambda db: _commands(db, subscription_id, "sent = 0", limit)
        )

    async def kept_commands(self, subscription_id: str) -> tuple[WaitingCommand, ...]:
        """Return all commands that are here, sent or not, oldest first."""
        return await self._database.run(
            lambda db: _commands(db, subscription_id, "true", -1)
        )

    async def sent_commands(self, subscription_id: str) -> tuple[WaitingCommand, ...]:
        """Return the commands that the event store has, oldest first."""
        return await self._database.run(
            lambda db: _commands(db, subscription_id, "sent = 1", -1)
        )

    async def note_sent(self, numbers: Sequence[int]) -> None:
        """Know that the event store has commands."""
        await self._database.run(
            lambda db: db.executemany(
                "UPDATE command SET sent = 1 WHERE number = ?",
                [(number,) for number in numbers],
            )
        )

    async def count_commands(self, subscription_id: str) -> int:
        """Return how many commands wait for the event store."""
        return await self._database.run(
            lambda db: db.execute(
                "SELECT count(*) FROM command WHERE subscription_id = ? AND sent = 0",
                (subscription_id,),
            ).fetchone()[0]
        )

    async def drop_commands(self, numbers: Sequence[int]) -> None:
        """Forget commands that the event store and the recovery cache have."""
        await self._database.run(
            lambda db: db.executemany(
                "DELETE FROM command WHERE number = ?",
                [(number,) for number in numbers],
            )
        )


def _park(db: sqlite3.Connection, event: ParkedEvent, object_key: str) -> None:
    db.execute(
        "INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.subscription_id,
            event.position,
            event.event_id,
            event.event_type,
            event.reason,
            object_key,
            event.at.isoformat(),
            event.data[:MOST_SHOWN_CHARACTERS],
        ),
    )
    db.execute(
        "DELETE FROM parked WHERE subscription_id = ?1 AND position <="
        " (SELECT position FROM parked WHERE subscription_id = ?1"
        " ORDER BY position DESC LIMIT 1 OFFSET ?2)",
        (event.subscription_id, MOST_PARKED),
    )


def _parked(db: sqlite3.Connection, subscription_id: str) -> tuple[ParkedEvent, ...]:
    rows = db.execute(
        "SELECT event_id, position, event_type, reason, at, data FROM parked"
        " WHERE subscription_id = ? ORDER BY position DESC LIMIT ?",
        (subscription_id, MOST_LISTED),
    )
    return tuple(
        ParkedEvent(
            subscription_id=subscription_id,
            event_id=event_id,
            position=position,
            event_type=event_type,
            reason=reason,
            at=datetime.fromisoformat(at),
            data=data,
        )
        for event_id, position, event_type, reason, at, data in rows
    )


def _commands(
    db: sqlite3.Connection, subscription_id: str, which: str, limit: int
) -> tuple[WaitingCommand, ...]:
    rows = db.execute(
        "SELECT number, stream, event_id, event_type, data, position FROM command"  # noqa: S608
        f" WHERE subscription_id = ? AND {which} ORDER BY number LIMIT ?",
        (subscription_id, limit),
    )
    return tuple(
        WaitingCommand(
            number=number,
            stream=stream,
            event=NewEvent(event_id=event_id, event_type=event_type, data=data),
            position=position,
        )
        for number, stream, event_id, event_type, data, position in rows
    )

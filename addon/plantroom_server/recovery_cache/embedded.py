"""The recovery cache on SQLite, for a server without a Redis."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final, override

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.storage.database import Database

from ..gateway_errors import CacheLostError, FencedError, RecoveryCacheError
from .port import CachedState, CacheFlush, RecoveryCache

FILE_NAME: Final = "recovery.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE subscription (
        subscription_id TEXT PRIMARY KEY,
        term INTEGER NOT NULL,
        position INTEGER,
        event_id TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE TABLE definition (
        subscription_id TEXT NOT NULL,
        object TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (subscription_id, object)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE value (
        subscription_id TEXT NOT NULL,
        object TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (subscription_id, object)
    ) STRICT, WITHOUT ROWID;
    """,
)
_TABLES: Final = ("definition", "value")


class EmbeddedCache(RecoveryCache):
    """Keeps everything of one flush in one transaction of one file."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        self._database = Database(folder, FILE_NAME, MIGRATIONS)

    @override
    async def start(self) -> None:
        try:
            await self._database.start()
        except StorageError as err:
            raise _translated(err) from err

    @override
    async def stop(self) -> None:
        await self._database.stop()

    @override
    async def take_term(self, subscription_id: str, holds_seconds: float = 0) -> int:
        # Nobody else has this file
        try:
            return await self._database.run(lambda db: _take_term(db, subscription_id))
        except StorageError as err:
            raise _translated(err) from err

    @override
    async def renew(
        self, subscription_id: str, fence: int, holds_seconds: float
    ) -> None:
        await self.flush(subscription_id, fence, CacheFlush())

    @override
    async def release(self, subscription_id: str, fence: int) -> None:
        """Do nothing: nobody else waits for this file."""

    @override
    async def load(self, subscription_id: str) -> CachedState:
        try:
            return await self._database.run(lambda db: _load(db, subscription_id))
        except StorageError as err:
            raise _translated(err) from err

    @override
    async def flush(
        self, subscription_id: str, fence: int, changes: CacheFlush
    ) -> None:
        try:
            await self._database.run(
                lambda db: _flush(db, subscription_id, fence, changes)
            )
        except StorageError as err:
            raise _translated(err) from err

    @override
    async def forget(self, subscription_id: str) -> None:
        try:
            await self._database.run(lambda db: _forget(db, subscription_id))
        except StorageError as err:
            raise _translated(err) from err


def _take_term(db: sqlite3.Connection, subscription_id: str) -> int:
    row = db.execute(
        "INSERT INTO subscription (subscription_id, term) VALUES (?, 1)"
        " ON CONFLICT DO UPDATE SET term = term + 1 RETURNING term",
        (subscription_id,),
    ).fetchone()
    term: int = row[0]
    return term


def _load(db: sqlite3.Connection, subscription_id: str) -> CachedState:
    row = db.execute(
        "SELECT position, event_id FROM subscription WHERE subscription_id = ?",
        (subscription_id,),
    ).fetchone()
    position, event_id = row or (None, "")
    definitions, values = (
        dict(
            db.execute(
                f"SELECT object, data FROM {table} WHERE subscription_id = ?",  # noqa: S608
                (subscription_id,),
            ).fetchall()
        )
        for table in _TABLES
    )
    return CachedState(
        definitions=definitions, values=values, position=position, event_id=event_id
    )


def _flush(
    db: sqlite3.Connection, subscription_id: str, fence: int, changes: CacheFlush
) -> None:
    row = db.execute(
        "SELECT term FROM subscription WHERE subscription_id = ?", (subscription_id,)
    ).fetchone()
    if row is None or row[0] < fence:
        raise CacheLostError("The recovery cache lost what it kept")
    if row[0] > fence:
        raise FencedError("Another one writes in our place", term=row[0])
    for table, entries in zip(
        _TABLES, (changes.definitions, changes.values), strict=True
    ):
        _put(db, table, subscription_id, entries)
    if changes.position is not None:
        db.execute(
            "UPDATE subscription SET position = ?, event_id = ?"
            " WHERE subscription_id = ?",
            (changes.position, changes.event_id, subscription_id),
        )


def _put(
    db: sqlite3.Connection,
    table: str,
    subscription_id: str,
    entries: Mapping[str, str | None],
) -> None:
    db.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)"  # noqa: S608
        " ON CONFLICT DO UPDATE SET data = excluded.data",
        [(subscription_id, key, text) for key, text in entries.items() if text],
    )
    db.executemany(
        f"DELETE FROM {table} WHERE subscription_id = ? AND object = ?",  # noqa: S608
        [(subscription_id, key) for key, text in entries.items() if text is None],
    )


def _forget(db: sqlite3.Connection, subscription_id: str) -> None:
    for table in (*_TABLES, "subscription"):
        db.execute(
            f"DELETE FROM {table} WHERE subscription_id = ?",  # noqa: S608
            (subscription_id,),
        )


def _translated(err: StorageError) -> RecoveryCacheError:
    return RecoveryCacheError(str(err), **err.facts)

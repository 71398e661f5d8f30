"""One SQLite file and the one thread that touches it."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import StorageError

_LOGGER = logging.getLogger(__name__)

FILE_NAME = "plantroom.db"
# An extended result code has the primary one in its lowest octet
_PRIMARY_CODE = 0xFF

# Each script brings the file from the version of its index to the next one
MIGRATIONS = (
    """
    CREATE TABLE device (
        device_id TEXT PRIMARY KEY,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE point (
        point_id TEXT PRIMARY KEY,
        device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
        data TEXT NOT NULL
    ) STRICT;
    CREATE INDEX point_by_device ON point (device_id);
    CREATE TABLE learned (
        device_id TEXT PRIMARY KEY REFERENCES device ON DELETE CASCADE,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        point_id TEXT NOT NULL,
        old TEXT NOT NULL,
        new TEXT NOT NULL,
        priority INTEGER,
        verdict TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_point ON audit (point_id, number);
    """,
    """
    CREATE TABLE meter (
        point_id TEXT PRIMARY KEY,
        device_id TEXT NOT NULL,
        data TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE alarm_transition (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        alarm_id TEXT NOT NULL,
        device_id TEXT NOT NULL,
        snapshot INTEGER,
        data TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alarm_transition_by_alarm ON alarm_transition (alarm_id, number);
    CREATE INDEX alarm_transition_by_device ON alarm_transition (device_id, number);
    CREATE TABLE alarm_values (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE alarm_open (
        alarm_id TEXT PRIMARY KEY,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE alarm_silence (
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (kind, subject)
    ) STRICT;
    """,
    """
    ALTER TABLE audit ADD COLUMN via TEXT NOT NULL DEFAULT '';
    ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
    CREATE TABLE audit_mark (
        name TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audited_site (
        name TEXT PRIMARY KEY,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE lease (
        lease_id TEXT PRIMARY KEY,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE client_seen (
        client TEXT PRIMARY KEY,
        at TEXT NOT NULL
    ) STRICT;
    """,
)


class Database:
    """Run functions on the connection, one after the other, off the loop."""

    def __init__(
        self,
        folder: Path | None,
        file_name: str = FILE_NAME,
        migrations: Sequence[str] | None = None,
        *,
        checked_at_start: bool = True,
    ) -> None:
        """Take the folder of the file; None keeps everything in memory.

        migrations: of another file than the engine's. checked_at_start: whether damage
        is looked for in the whole file; else it is set aside once damage shows.
        """
        self._path = None if folder is None else folder / file_name
        self._migrations = MIGRATIONS if migrations is None else migrations
        self._checked_at_start = checked_at_start
        self._executor: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    async def start(self) -> None:
        """Open and migrate the file, or raise StorageError; twice does no harm."""
        if self._executor is not None:
            return
        executor = ThreadPoolExecutor(1, thread_name_prefix="plantroom-database")
        loop = asyncio.get_running_loop()
        try:
            self._connection = await loop.run_in_executor(
                executor, self._open, self._checked_at_start
            )
            self._executor = executor
        except (OSError, sqlite3.Error, _NewerSchemaError) as err:
            executor.shutdown(wait=False)
            raise StorageError(
                f"Cannot open {self._path}: {err}",
                path=str(self._path),
                reason=str(err),
            ) from err

    async def stop(self) -> None:
        """Finish what was asked for and close; calling it twice does no harm."""
        executor, self._executor = self._executor, None
        connection, self._connection = self._connection, None
        if executor is None:
            return
        if connection is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(executor, connection.close)
        # The thread is idle by now: waiting for its end takes no time
        executor.shutdown()

    async def run[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work in one transaction and return its result, or raise StorageError."""
        connection = self._connection
        if connection is None or self._executor is None:
            raise StorageError(
                "The database is closed", path=str(self._path), reason="closed"
            )

        def transaction() -> T:
            try:
                with connection:
                    return work(connection)
            except sqlite3.DatabaseError as err:
                if not self._checked_at_start and _is_damage(err):
                    self._begin_anew(connection)
                raise

        try:
            return await self._submit(transaction)
        except (OSError, sqlite3.Error) as err:
            raise StorageError(
                f"{self._path}: {err}", path=str(self._path), reason=str(err)
            ) from err

    async def _submit[T](self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work)

    def _begin_anew(self, damaged: sqlite3.Connection) -> None:
        """Look at the whole file, and set it aside unless it is sound after all."""
        if self._connection is not damaged:
            return
        damaged.close()
        self._connection = None
        self._connection = self._open(checked=True)

    def _open(self, checked: bool) -> sqlite3.Connection:
        if self._path is None:
            return _prepare(":memory:", self._migrations, checked)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _prepare(str(self._path), self._migrations, checked)
        except sqlite3.DatabaseError as err:
            if isinstance(err, sqlite3.OperationalError):
                raise
            _set_aside(self._path, err)
            return _prepare(str(self._path), self._migrations, checked)


class _NewerSchemaError(Exception):
    """A later version of the engine has written the file."""


def _set_aside(path: Path, err: sqlite3.DatabaseError) -> None:
    aside = path.with_suffix(".broken")
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        # SQLite would replay a log that is left beside the new file
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    _LOGGER.warning("%s is damaged (%s): kept as %s, starting anew", path, err, aside)


def _is_damage(err: sqlite3.DatabaseError) -> bool:
    code = getattr(err, "sqlite_errorcode", 0) & _PRIMARY_CODE
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _prepare(path: str, migrations: Sequence[str], checked: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        if checked:
            _check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        # An audit row that was kept survives a power cut
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        _migrate(connection, version, migrations)
    except sqlite3.Error, _NewerSchemaError:
        connection.close()
        raise
    return connection


def _migrate(
    connection: sqlite3.Connection, version: int, migrations: Sequence[str]
) -> None:
    if version > len(migrations):
        raise _NewerSchemaError(f"schema {version} is of a newer version")
    for number, script in enumerate(migrations[version:], version + 1):
        connection.executescript(
            f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;"
        )


def _check(connection: sqlite3.Connection) -> None:
    """Raise DatabaseError for a file that is damaged anywhere."""
    (outcome,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if outcome != "ok":
        raise sqlite3.DatabaseError(outcome)

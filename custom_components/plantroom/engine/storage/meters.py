"""What meters have counted, so that a restart goes on from there."""

import sqlite3
from collections.abc import Collection, Mapping

from .database import Database


class MeterStore:
    """States by point id, as JSON that only the engine's energy part reads."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> dict[str, str]:
        """Return every state that was kept."""
        return await self._database.run(_load)

    async def save(self, states: Mapping[str, str]) -> None:
        """Keep these states before returning, all of them or none."""
        rows = [(key, key.rpartition(":")[0], data) for key, data in states.items()]
        await self._database.run(lambda db: _save(db, rows))

    async def keep_only(self, device_ids: Collection[str]) -> None:
        """Forget the states of every device but these."""
        wanted = frozenset(device_ids)
        await self._database.run(lambda db: _keep_only(db, wanted))


def _load(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT point_id, data FROM meter").fetchall())


def _save(db: sqlite3.Connection, rows: list[tuple[str, str, str]]) -> None:
    db.executemany(
        "INSERT INTO meter VALUES (?, ?, ?)"
        " ON CONFLICT (point_id) DO UPDATE SET data = excluded.data",
        rows,
    )


def _keep_only(db: sqlite3.Connection, wanted: frozenset[str]) -> None:
    kept = db.execute("SELECT DISTINCT device_id FROM meter").fetchall()
    gone = [(device_id,) for (device_id,) in kept if device_id not in wanted]
    db.executemany("DELETE FROM meter WHERE device_id = ?", gone)

"""Which alarms nobody wants to hear of: shelves, and what is in maintenance."""

import sqlite3

from ..alarms.models import Maintenance, Shelf
from .database import Database
from .forms import Form

_SHELVES = Form(Shelf, "A shelf")
_MAINTENANCE = Form(Maintenance, "Maintenance")


class SilenceStore:
    """Shelves by alarm, maintenance by subject."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> tuple[tuple[Shelf, ...], tuple[Maintenance, ...]]:
        """Return all that was kept and can still be understood."""
        return await self._database.run(_load)

    async def save_shelf(self, shelf: Shelf) -> None:
        """Keep a shelf in place of the alarm's earlier one."""
        data = _SHELVES.write(shelf)
        await self._database.run(lambda db: _save(db, "shelf", shelf.alarm_id, data))

    async def remove_shelf(self, alarm_id: str) -> None:
        """Forget an alarm's shelf."""
        await self._database.run(lambda db: _remove(db, "shelf", alarm_id))

    async def save_maintenance(self, maintenance: Maintenance) -> None:
        """Keep maintenance in place of the subject's earlier one."""
        subject, data = maintenance.subject, _MAINTENANCE.write(maintenance)
        await self._database.run(lambda db: _save(db, "maintenance", subject, data))

    async def remove_maintenance(self, subject: str) -> None:
        """Forget a subject's maintenance."""
        await self._database.run(lambda db: _remove(db, "maintenance", subject))


def _load(
    db: sqlite3.Connection,
) -> tuple[tuple[Shelf, ...], tuple[Maintenance, ...]]:
    rows = db.execute("SELECT kind, data FROM alarm_silence").fetchall()
    shelves = (_SHELVES.read(data) for kind, data in rows if kind == "shelf")
    maintained = (_MAINTENANCE.read(data) for kind, data in rows if kind != "shelf")
    return (
        tuple(each for each in shelves if each is not None),
        tuple(each for each in maintained if each is not None),
    )


def _save(db: sqlite3.Connection, kind: str, subject: str, data: str) -> None:
    db.execute(
        "INSERT INTO alarm_silence VALUES (?, ?, ?)"
        " ON CONFLICT (kind, subject) DO UPDATE SET data = excluded.data",
        (kind, subject, data),
    )


def _remove(db: sqlite3.Connection, kind: str, subject: str) -> None:
    db.execute(
        "DELETE FROM alarm_silence WHERE kind = ? AND subject = ?", (kind, subject)
    )

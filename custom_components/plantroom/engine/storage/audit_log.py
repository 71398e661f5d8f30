"""Who changed what, when, from what, to what, and with which verdict."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from ..models import PointValue
from ..requests import AuditQuery, AuditRow
from .database import Database

MAX_ROWS_RETURNED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A row to append; at is aware, action "write", "release" or "set_meter"."""

    at: datetime
    actor: str
    action: str
    point_id: str
    old: PointValue
    new: PointValue
    priority: int | None
    verdict: str
    detail: str = ""


class AuditLog:
    """Append rows, never change one."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Keep a row before returning."""
        await self._database.run(lambda db: _append(db, entry))

    async def rows(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return the rows asked for, newest first, 1,000 at most."""
        return await self._database.run(lambda db: _rows(db, query))


def _append(db: sqlite3.Connection, entry: AuditEntry) -> None:
    db.execute(
        "INSERT INTO audit"
        " (at, actor, action, point_id, old, new, priority, verdict, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.at.isoformat(),
            entry.actor,
            entry.action,
            entry.point_id,
            json.dumps(entry.old),
            json.dumps(entry.new),
            entry.priority,
            entry.verdict,
            entry.detail,
        ),
    )


def _rows(db: sqlite3.Connection, query: AuditQuery) -> tuple[AuditRow, ...]:
    limit = max(1, min(query.limit, MAX_ROWS_RETURNED))
    columns = "number, at, actor, action, point_id, old, new, priority, verdict, detail"
    chosen, values = (
        ("WHERE point_id = ?", [query.point_id]) if query.point_id else ("", [])
    )
    cursor = db.execute(
        f"SELECT {columns} FROM audit {chosen} ORDER BY number DESC LIMIT ?",  # noqa: S608
        (*values, limit),
    )
    return tuple(
        AuditRow(
            number=number,
            at=at,
            actor=actor,
            action=action,
            point_id=point_id,
            old=json.loads(old),
            new=json.loads(new),
            priority=priority,
            verdict=verdict,
            detail=detail,
        )
        for (
            number,
            at,
            actor,
            action,
            point_id,
            old,
            new,
            priority,
            verdict,
            detail,
        ) in cursor
    )

"""Open leases, and when clients that hold some were seen; over restarts and kills."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..leases.models import Lease
from .audit_chain import append_rows
from .audit_log import AuditEntry, content_of
from .database import Database
from .forms import Form

_LEASES = Form(Lease, "A lease")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLeases:
    """What a start finds."""

    leases: tuple[Lease, ...]
    seen: Mapping[str, datetime]


class LeaseStore:
    """Leases by id; each change is kept together with the audit row that tells it."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> KeptLeases:
        """Return all that was kept and can still be understood."""
        return await self._database.run(_load)

    async def save(self, lease: Lease, row: AuditEntry | None = None) -> None:
        """Keep a lease in place of its point's and priority's earlier one."""
        data = _LEASES.write(lease)
        await self._database.run(lambda db: _save(db, lease.lease_id, data, row))

    async def remove(self, lease_id: str, row: AuditEntry | None = None) -> None:
        """Forget a lease."""
        await self._database.run(lambda db: _remove(db, lease_id, row))

    async def see(self, client: str, at: datetime) -> None:
        """Keep when a client was there."""
        await self._database.run(lambda db: _see(db, client, at))

    async def forget_clients(self, but: frozenset[str]) -> None:
        """Forget when clients were there that hold nothing."""
        await self._database.run(lambda db: _forget(db, but))


def _load(db: sqlite3.Connection) -> KeptLeases:
    rows = db.execute("SELECT data FROM lease ORDER BY rowid").fetchall()
    seen = db.execute("SELECT client, at FROM client_seen").fetchall()
    found = (_LEASES.read(data) for (data,) in rows)
    return KeptLeases(
        leases=tuple(each for each in found if each is not None),
        seen={client: datetime.fromisoformat(at) for client, at in seen},
    )


def _save(
    db: sqlite3.Connection, lease_id: str, data: str, row: AuditEntry | None
) -> None:
    db.execute(
        "INSERT INTO lease VALUES (?, ?)"
        " ON CONFLICT (lease_id) DO UPDATE SET data = excluded.data",
        (lease_id, data),
    )
    if row is not None:
        append_rows(db, [content_of(row)])


def _remove(db: sqlite3.Connection, lease_id: str, row: AuditEntry | None) -> None:
    db.execute("DELETE FROM lease WHERE lease_id = ?", (lease_id,))
    if row is not None:
        append_rows(db, [content_of(row)])


def _see(db: sqlite3.Connection, client: str, at: datetime) -> None:
    db.execute(
        "INSERT INTO client_seen VALUES (?, ?)"
        " ON CONFLICT (client) DO UPDATE SET at = excluded.at",
        (client, at.isoformat()),
    )


def _forget(db: sqlite3.Connection, but: frozenset[str]) -> None:
    known = db.execute("SELECT client FROM client_seen").fetchall()
    gone = [each for each in known if each[0] not in but]
    db.executemany("DELETE FROM client_seen WHERE client = ?", gone)

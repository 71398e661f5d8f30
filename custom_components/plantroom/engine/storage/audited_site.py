"""The configuration that the audit log told last, so that a restart tells nothing twice."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .audit_chain import append_rows
from .audit_log import AuditEntry, content_of
from .database import Database

_NAME: Final = "site"


class AuditedSite:
    """A site as plain data, kept together with the rows that tell of it."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> Mapping[str, Any] | None:
        """Return what was told last, None for nothing that can be understood."""
        data = await self._database.run(_load)
        try:
            found = json.loads(data or "null")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    async def save(self, site: Mapping[str, Any], rows: Sequence[AuditEntry]) -> None:
        """Append rows and keep what they lead to, both or none."""
        data = json.dumps(site)
        contents = [content_of(row) for row in rows]

        def keep(db: sqlite3.Connection) -> None:
            append_rows(db, contents)
            db.execute(
                "INSERT INTO audited_site VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET data = excluded.data",
                (_NAME, data),
            )

        await self._database.run(keep)


def _load(db: sqlite3.Connection) -> str | None:
    found = db.execute(
        "SELECT data FROM audited_site WHERE name = ?", (_NAME,)
    ).fetchone()
    return None if found is None else str(found[0])

"""What the server knows without its clients: the site, who configures it, the watches."""

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.site_config import (
    SiteConfig,
    site_config_from_dict,
    site_config_to_dict,
)
from custom_components.plantroom.engine.storage.database import Database

_LOGGER = logging.getLogger(__name__)

FILE_NAME: Final = "server.db"
MIGRATIONS: Final = (
    """
    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        data TEXT NOT NULL
    ) STRICT;
    CREATE TABLE watch (
        client_id TEXT PRIMARY KEY,
        seen_at TEXT NOT NULL,
        point_ids TEXT NOT NULL
    ) STRICT;
    """,
)
# A client that did not come for so long will not come again
WATCH_LASTS: Final = timedelta(days=30)
MOST_WATCHES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptState:
    """What a start finds; owner: the client who configures, "" for nobody yet."""

    site: SiteConfig | None = None
    owner: str = ""
    watches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Kept:
    """Facts in a file of their own: a damaged one costs neither audit nor meters."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        self._database = Database(folder, FILE_NAME, MIGRATIONS)

    async def start(self) -> None:
        """Open the file, or raise StorageError; twice does no harm."""
        await self._database.start()

    async def stop(self) -> None:
        """Close the file; calling it twice does no harm."""
        await self._database.stop()

    async def load(self) -> KeptState:
        """Return what was kept and can still be understood."""
        return await self._database.run(_load)

    async def save_site(self, site: SiteConfig, owner: str) -> None:
        """Keep what is served and who said so."""
        data = json.dumps(site_config_to_dict(site))
        await self._database.run(lambda db: _save_facts(db, site=data, owner=owner))

    async def save_owner(self, owner: str) -> None:
        """Keep who configures."""
        await self._database.run(lambda db: _save_facts(db, owner=owner))

    async def save_watch(self, client_id: str, point_ids: tuple[str, ...]) -> None:
        """Keep what a client watches; those who stayed away longest are forgotten."""
        data = json.dumps(point_ids) if point_ids else None
        await self._database.run(lambda db: _save_watch(db, client_id, data))


def _load(db: sqlite3.Connection) -> KeptState:
    facts: dict[str, str] = dict(db.execute("SELECT name, data FROM fact").fetchall())
    long_ago = (datetime.now(UTC) - WATCH_LASTS).isoformat()
    db.execute("DELETE FROM watch WHERE seen_at < ?", (long_ago,))
    watches = db.execute("SELECT client_id, point_ids FROM watch").fetchall()
    return KeptState(
        site=_understood(facts.get("site")),
        owner=facts.get("owner", ""),
        watches={client: tuple(json.loads(data)) for client, data in watches},
    )


def _understood(data: str | None) -> SiteConfig | None:
    if data is None:
        return None
    try:
        return site_config_from_dict(json.loads(data))
    except ConfigurationError as err:
        _LOGGER.warning("The site that was kept is of another version: %s", err)
        return None


def _save_facts(db: sqlite3.Connection, **facts: str) -> None:
    db.executemany(
        "INSERT INTO fact VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET data = excluded.data",
        facts.items(),
    )


def _save_watch(db: sqlite3.Connection, client_id: str, point_ids: str | None) -> None:
    if point_ids is None:
        db.execute("DELETE FROM watch WHERE client_id = ?", (client_id,))
        return
    db.execute(
        "INSERT INTO watch VALUES (?, ?, ?) ON CONFLICT (client_id) DO UPDATE"
        " SET seen_at = excluded.seen_at, point_ids = excluded.point_ids",
        (client_id, datetime.now(UTC).isoformat(), point_ids),
    )
    db.execute(
        "DELETE FROM watch WHERE client_id NOT IN"
        " (SELECT client_id FROM watch ORDER BY seen_at DESC LIMIT ?)",
        (MOST_WATCHES,),
    )

"""Who changed what, when, from what, to what, and with which verdict."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from ..audit.chain import Break, Mark, RowContent
from ..audit.models import AuditVerification, VerifyRequest
from ..models import PointValue
from ..requests import AuditQuery, AuditRow
from .audit_chain import (
    CHAINED,
    ChainState,
    Trimmed,
    append_rows,
    follow_page,
    hash_of,
    state_of,
    trim_rows,
)
from .database import Database

MAX_ROWS_RETURNED = 1000
LONGEST_TEXT: Final = 1000
# A number of so many digits is none of SQLite's
_DIGITS: Final = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A row to append; at is aware.

    action: "write", "release", "set_meter", "acknowledge" and others. point_id: what
    it is about. via: what acted in the name of actor.
    """

    at: datetime
    actor: str
    action: str
    point_id: str
    old: PointValue
    new: PointValue
    priority: int | None
    verdict: str
    detail: str = ""
    via: str = ""


class AuditLog:
    """Append rows, never change one; each is chained to all before it."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database
        # Nothing is forgotten while the chain is followed
        self._whole = asyncio.Lock()

    async def append(self, *entries: AuditEntry) -> None:
        """Keep rows before returning, all or none."""
        contents = [content_of(entry) for entry in entries]
        await self._database.run(lambda db: append_rows(db, contents))

    async def rows(
        self, query: AuditQuery, also: Sequence[str] = ()
    ) -> tuple[AuditRow, ...]:
        """Return the rows asked for, newest first, 1,000 at most.

        also: what is the asked device's though its name does not say so.
        """
        return await self._database.run(lambda db: _rows(db, query, also))

    async def trim(self, before: datetime, most_rows: int) -> Trimmed:
        """Forget some of what is older or too much."""
        at = before.astimezone(UTC).isoformat()
        async with self._whole:
            return await self._database.run(lambda db: trim_rows(db, at, most_rows))

    async def verify(self, request: VerifyRequest) -> AuditVerification:
        """Follow the whole chain and return whether it holds; raises StorageError."""
        async with self._whole:
            state = await self._database.run(state_of)
            here = state.start
            while True:
                reached = await self._follow(here)
                if isinstance(reached, Break):
                    return _verification(state, reached)
                if reached == here:
                    break
                here = reached
            state = await self._database.run(state_of)
            return await self._compare(request.mark, _verification(state, None), state)

    async def _follow(self, here: Mark) -> Mark | Break:
        return await self._database.run(lambda db: follow_page(db, here))

    async def _compare(
        self, noted: str, found: AuditVerification, state: ChainState
    ) -> AuditVerification:
        """Hold an intact log against a mark that somebody noted of it."""
        if not noted:
            return found
        number, _, hash_noted = noted.partition(":")
        stored: str | None = None
        if number.isdecimal() and len(number) < _DIGITS:
            if int(number) < state.start.number:
                return replace(found, reason="mark_trimmed")
            stored = await self._database.run(lambda db: hash_of(db, int(number)))
            if int(number) == state.start.number:
                stored = state.start.hash
        if stored == hash_noted.strip().lower():
            return found
        return replace(found, intact=False, reason="mark")


def content_of(entry: AuditEntry) -> RowContent:
    """Return an entry as the columns of its row, without its number."""
    return (
        entry.at.astimezone(UTC).isoformat(),
        _text(entry.actor),
        entry.action,
        _text(entry.point_id),
        json.dumps(entry.old),
        json.dumps(entry.new),
        entry.priority,
        entry.verdict,
        _text(entry.detail),
        _text(entry.via),
    )


def _text(text: str) -> str:
    """Return what a column can hold of a text that a client made up."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def _verification(state: ChainState, broken: Break | None) -> AuditVerification:
    return AuditVerification(
        intact=broken is None,
        rows=state.rows,
        first=state.first,
        last=state.head.number,
        mark=f"{state.head.number}:{state.head.hash}",
        broken_at=None if broken is None else broken.number,
        reason="" if broken is None else broken.reason,
    )


def _rows(
    db: sqlite3.Connection, query: AuditQuery, also: Sequence[str]
) -> tuple[AuditRow, ...]:
    limit = max(1, min(query.limit, MAX_ROWS_RETURNED))
    chosen, values = _chosen(query, also)
    cursor = db.execute(
        f"SELECT {', '.join(CHAINED)}, hash FROM audit {chosen}"  # noqa: S608
        " ORDER BY number DESC LIMIT ?",
        (*values, limit),
    )
    return tuple(
        _row(dict(zip((*CHAINED, "hash"), row, strict=True))) for row in cursor
    )


def _row(columns: dict[str, Any]) -> AuditRow:
    old, new = json.loads(columns.pop("old")), json.loads(columns.pop("new"))
    return AuditRow(old=old, new=new, **columns)


def _chosen(query: AuditQuery, also: Sequence[str]) -> tuple[str, Sequence[str | int]]:
    terms: list[str] = []
    values: list[str | int] = []

    def choose(term: str, *facts: str | int) -> None:
        terms.append(term)
        values.extend(facts)

    if query.point_id:
        choose("point_id = ?", query.point_id)
    if query.device_id:
        # All that begins with the id and a colon, by the index
        device_id = query.device_id
        choose(
            "(point_id = ? OR (point_id > ? AND point_id < ?)"
            " OR point_id IN (SELECT value FROM json_each(?)))",
            device_id,
            f"{device_id}:",
            f"{device_id};",
            json.dumps(also),
        )
    if query.actor:
        choose("actor = ?", query.actor)
    if query.actions:
        marks = ", ".join("?" for _ in query.actions)
        choose(f"action IN ({marks})", *query.actions)
    if query.since is not None:
        choose("at >= ?", query.since.astimezone(UTC).isoformat())
    if query.until is not None:
        choose("at < ?", query.until.astimezone(UTC).isoformat())
    if query.before is not None:
        choose("number < ?", query.before)
    return (f"WHERE {' AND '.join(terms)}" if terms else ""), values

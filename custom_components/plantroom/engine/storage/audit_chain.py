"""The audit table as a chain: seal, append, check and trim, on the database's thread."""

import sqlite3
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..audit.chain import GENESIS, Break, Mark, RowContent, follow_chain, row_hash

# Every column that a row's hash answers for; never less, never in another order
CHAINED: Final = (
    "number", "at", "actor", "action", "point_id", "old", "new", "priority",
    "verdict", "detail", "via",
)  # fmt: skip
ROWS_AT_ONCE: Final = 2000

_HEAD: Final = "head"
_TRIMMED: Final = "trimmed"
_COLUMNS: Final = ", ".join(CHAINED)
_INSERT: Final = (
    f"INSERT INTO audit ({_COLUMNS}, hash)"  # noqa: S608
    f" VALUES ({', '.join('?' for _ in CHAINED)}, ?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """Where the kept rows begin and end; start: of the last row that was forgotten."""

    start: Mark
    head: Mark
    rows: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """How many rows were forgotten, up to which, and the first that was wrong."""

    rows: int = 0
    last: int = 0
    broken: Break | None = None


def append_rows(db: sqlite3.Connection, rows: Iterable[RowContent]) -> None:
    """Chain rows to what is there; content: as chained, without its number."""
    head = before = _sealed_head(db)
    for content in rows:
        numbered = (head.number + 1, *content)
        head = Mark(number=head.number + 1, hash=row_hash(head.hash, numbered))
        db.execute(_INSERT, (*numbered, head.hash))
    if head != before:
        _set_mark(db, _HEAD, head)


def state_of(db: sqlite3.Connection) -> ChainState:
    """Return where the chain begins and ends."""
    head = _sealed_head(db)
    rows, first = db.execute("SELECT COUNT(*), MIN(number) FROM audit").fetchone()
    return ChainState(start=_start(db), head=head, rows=rows, first=first or 0)


def follow_page(
    db: sqlite3.Connection, here: Mark, last: int = sys.maxsize
) -> Mark | Break:
    """Return how far some thousand rows lead from a mark, or the first that is wrong.

    That is the mark itself where no row follows, and wrong where the end is missing.
    last: the number of the last row to look at.
    """
    rows = db.execute(
        f"SELECT {_COLUMNS}, hash FROM audit"  # noqa: S608
        " WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
        (here.number, last, ROWS_AT_ONCE),
    )
    reached = follow_chain(here, ((row[:-1], row[-1]) for row in rows))
    if reached != here:
        return reached
    head = _sealed_head(db)
    if here.number < min(head.number, last):
        return Break(number=here.number + 1, reason="missing")
    if here.number > head.number or (here.number == head.number and here != head):
        return Break(number=head.number, reason="changed")
    return here


def trim_rows(db: sqlite3.Connection, before_at: str, most_rows: int) -> Trimmed:
    """Forget some of the oldest rows, in order: those before a time and those too many.

    The chain goes on from the last that is forgotten; the last of all stays.
    """
    head, start = _sealed_head(db), _start(db)
    last = min(
        max(_last_before(db, before_at, head.number), head.number - most_rows),
        head.number - 1,
        start.number + ROWS_AT_ONCE,
    )
    stored = hash_of(db, last)
    if last <= start.number or stored is None:
        return Trimmed()
    led = follow_page(db, start, last)
    _set_mark(db, _TRIMMED, Mark(number=last, hash=stored))
    gone = db.execute("DELETE FROM audit WHERE number <= ?", (last,)).rowcount
    return Trimmed(rows=gone, last=last, broken=led if isinstance(led, Break) else None)


def hash_of(db: sqlite3.Connection, number: int) -> str | None:
    """Return the hash that is stored with a row, None for a row that is not there."""
    found = db.execute("SELECT hash FROM audit WHERE number = ?", (number,)).fetchone()
    return None if found is None else str(found[0])


def _last_before(db: sqlite3.Connection, at: str, end: int) -> int:
    """Return the number that all rows up to it are older than a time."""
    found = db.execute(
        "SELECT number FROM audit WHERE at >= ? ORDER BY number LIMIT 1", (at,)
    ).fetchone()
    return end if found is None else int(found[0]) - 1


def _sealed_head(db: sqlite3.Connection) -> Mark:
    """Return where the chain ends; one of before there were hashes is sealed now."""
    head = _mark(db, _HEAD)
    if head is not None:
        return head
    head = Mark(number=0, hash=GENESIS)
    if _has_hashes(db):
        # Somebody took the mark away: a number above the last row's shows what is gone
        (stored,) = db.execute(
            "SELECT hash FROM audit ORDER BY number DESC LIMIT 1"
        ).fetchone()
        head = Mark(number=_highest_number(db), hash=stored)
    else:
        head = _seal(db, head)
    _set_mark(db, _HEAD, head)
    return head


def _seal(db: sqlite3.Connection, head: Mark) -> Mark:
    for content in _contents(db):
        number = int(content[0] or 0)
        head = Mark(number=number, hash=row_hash(head.hash, content))
        db.execute("UPDATE audit SET hash = ? WHERE number = ?", (head.hash, number))
    return head


def _has_hashes(db: sqlite3.Connection) -> bool:
    found = db.execute("SELECT 1 FROM audit WHERE hash != '' LIMIT 1").fetchone()
    return found is not None


def _contents(db: sqlite3.Connection) -> Sequence[RowContent]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY number")  # noqa: S608
    return rows.fetchall()


def _highest_number(db: sqlite3.Connection) -> int:
    found = db.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = 'audit'"
    ).fetchone()
    return int(found[0]) if found else 0


def _start(db: sqlite3.Connection) -> Mark:
    return _mark(db, _TRIMMED) or Mark(number=0, hash=GENESIS)


def _mark(db: sqlite3.Connection, name: str) -> Mark | None:
    found = db.execute(
        "SELECT number, hash FROM audit_mark WHERE name = ?", (name,)
    ).fetchone()
    return None if found is None else Mark(number=found[0], hash=found[1])


def _set_mark(db: sqlite3.Connection, name: str, mark: Mark) -> None:
    db.execute(
        "INSERT INTO audit_mark VALUES (?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET number = excluded.number, hash = excluded.hash",
        (name, mark.number, mark.hash),
    )

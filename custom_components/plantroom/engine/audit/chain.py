"""The hash chain: every row answers for all rows before it; pure."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

# What the first row of all is chained to
GENESIS = "0" * 64

type RowContent = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in the chain: a row's number and its hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first row that is not what was appended; reason: "changed" or "missing"."""

    number: int
    reason: str


def row_hash(previous: str, content: RowContent) -> str:
    """Return the hash of a row, SHA-256 in hex, over the hash before it and all it says.

    content: its number and every column as stored, in the order of the table.
    """
    text = json.dumps([previous, *content], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def follow_chain(start: Mark, rows: Iterable[tuple[RowContent, str]]) -> Mark | Break:
    """Return where rows lead from a mark, or the first that does not belong there.

    rows: each with the hash that is stored with it, by number; content begins with it.
    """
    here = start
    for content, stored in rows:
        number = int(content[0] or 0)
        if number > here.number + 1:
            return Break(number=here.number + 1, reason="missing")
        if row_hash(here.hash, content) != stored:
            return Break(number=number, reason="changed")
        here = Mark(number=number, hash=stored)
    return here

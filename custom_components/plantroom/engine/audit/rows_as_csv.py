"""Audit rows as CSV that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from ..requests import AuditRow

COLUMNS: Final = (
    "number", "at", "actor", "via", "action", "point", "old", "new", "priority",
    "verdict", "detail", "hash",
)  # fmt: skip
# A cell that begins so would be a formula
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def audit_csv(rows: Iterable[AuditRow]) -> str:
    """Return rows as CSV (RFC 4180) with a head line, in the order they come."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [
                row.number,
                row.at,
                _cell(row.actor),
                _cell(row.via),
                row.action,
                _cell(row.point_id),
                _cell(row.old),
                _cell(row.new),
                "" if row.priority is None else row.priority,
                row.verdict,
                _cell(row.detail),
                row.hash,
            ]
        )
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a value as a cell shows it; what would be a formula becomes a text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value

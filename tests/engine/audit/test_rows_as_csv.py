"""The audit log as a table that a spreadsheet opens and runs nothing of."""

import csv
import io
from typing import Any

import pytest

from custom_components.plantroom.engine.audit.rows_as_csv import COLUMNS, audit_csv
from custom_components.plantroom.engine.requests import AuditRow


def row(**facts: Any) -> AuditRow:
    wanted: dict[str, Any] = {
        "number": 1,
        "at": "2026-11-21T12:00:00+00:00",
        "actor": "Ada",
        "action": "write",
        "point_id": "n:1:analog-value,1",
        "old": 21.0,
        "new": None,
        "priority": 8,
        "verdict": "verified",
    }
    return AuditRow(**wanted | facts)


def read(*rows: AuditRow) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(audit_csv(rows), newline=""))]


def test_every_column_has_its_value():
    (cells,) = read(row(via="Night (automation.night)", detail='a, "b"\nc', hash="ff"))
    assert tuple(cells) == COLUMNS
    assert cells == {
        "number": "1", "at": "2026-11-21T12:00:00+00:00", "actor": "Ada",
        "via": "Night (automation.night)", "action": "write",
        "point": "n:1:analog-value,1", "old": "21.0", "new": "", "priority": "8",
        "verdict": "verified", "detail": 'a, "b"\nc', "hash": "ff",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_is_never_a_formula(text: str):
    (cells,) = read(row(actor=text, new=text, detail=text))
    assert {cells["actor"], cells["new"], cells["detail"]} == {f"'{text}"}


def test_number_below_zero_stays_a_number():
    (cells,) = read(row(old=-2.5))
    assert cells["old"] == "-2.5"

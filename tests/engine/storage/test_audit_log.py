"""Every row stays as it was written, newest first when asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.plantroom.engine.models import PointValue
from custom_components.plantroom.engine.requests import AuditQuery
from custom_components.plantroom.engine.storage.audit_log import (
    MAX_ROWS_RETURNED,
    AuditEntry,
    AuditLog,
)
from custom_components.plantroom.engine.storage.database import Database
from tests.site import AT

ENTRY = AuditEntry(
    at=AT,
    actor="Ada",
    action="write",
    point_id="n:1:analog-value,1",
    old=21.0,
    new=22.5,
    priority=8,
    verdict="requested",
)


async def test_row_says_who_changed_what_when_and_how_it_ended(database: Database):
    audit = AuditLog(database)
    await audit.append(replace(ENTRY, verdict="overridden", detail="why"))
    (row,) = await audit.rows(AuditQuery())
    assert (row.actor, row.action, row.point_id) == ("Ada", "write", ENTRY.point_id)
    assert (row.at, row.old, row.new, row.priority) == (AT.isoformat(), 21.0, 22.5, 8)
    assert (row.verdict, row.detail) == ("overridden", "why")


@pytest.mark.parametrize(
    "value", [None, True, False, 3, 21.5, "Tag/Nacht ☀", float("inf"), ""]
)
async def test_values_keep_their_type(database: Database, value: PointValue):
    audit = AuditLog(database)
    await audit.append(replace(ENTRY, old=value, new=value, priority=None))
    (row,) = await audit.rows(AuditQuery())
    assert (row.old, row.new, row.priority) == (value, value, None)
    assert type(row.new) is type(value)


async def test_rows_come_newest_first_of_one_point_or_of_all(database: Database):
    audit = AuditLog(database)
    for number, point_id in enumerate(("a", "b", "a", "b")):
        await audit.append(replace(ENTRY, point_id=point_id, new=number))
    assert [row.new for row in await audit.rows(AuditQuery())] == [3, 2, 1, 0]
    assert [row.new for row in await audit.rows(AuditQuery(point_id="a"))] == [2, 0]
    assert await audit.rows(AuditQuery(point_id="c")) == ()


@pytest.mark.parametrize(("limit", "expected"), [(2, 2), (0, 1), (-5, 1), (10**9, 3)])
async def test_limit_is_at_least_one_row(database: Database, limit: int, expected: int):
    audit = AuditLog(database)
    for _ in range(3):
        await audit.append(ENTRY)
    assert len(await audit.rows(AuditQuery(limit=limit))) == expected


async def test_nobody_gets_the_whole_log_at_once(database: Database):
    audit = AuditLog(database)
    row = ("", "", "", "", "1", "1", "", "")
    await database.run(
        lambda db: db.executemany(
            "INSERT INTO audit (at, actor, action, point_id, old, new, verdict, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [row] * (MAX_ROWS_RETURNED + 5),
        )
    )
    rows = await audit.rows(AuditQuery(limit=10**9))
    assert len(rows) == MAX_ROWS_RETURNED


async def test_numbers_are_never_used_twice_and_rows_survive_a_restart(tmp_path: Path):
    for _ in range(2):
        database = Database(tmp_path)
        await database.start()
        await AuditLog(database).append(ENTRY)
        await database.stop()
    database = Database(tmp_path)
    await database.start()
    await database.run(lambda db: db.execute("DELETE FROM audit WHERE number = 2"))
    await AuditLog(database).append(ENTRY)
    rows = await AuditLog(database).rows(AuditQuery())
    assert [row.number for row in rows] == [3, 1]
    await database.stop()


async def test_rows_of_a_point_are_found_by_an_index(database: Database):
    asked: list[str] = []
    await database.run(lambda db: db.set_trace_callback(asked.append))
    await AuditLog(database).rows(AuditQuery(point_id="a"))
    plan = await database.run(
        lambda db: db.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    )
    assert "audit_by_point" in plan[0][3]

"""Whoever changes a row, takes one away or puts one in is found out, and where."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.audit.chain import GENESIS, row_hash
from custom_components.plantroom.engine.audit.models import (
    AuditVerification,
    VerifyRequest,
)
from custom_components.plantroom.engine.requests import AuditQuery
from custom_components.plantroom.engine.storage import audit_chain
from custom_components.plantroom.engine.storage.audit_log import AuditEntry, AuditLog
from custom_components.plantroom.engine.storage.database import MIGRATIONS, Database
from tests.simulators.client import ROOT
from tests.site import AT

ENTRY = AuditEntry(
    at=AT,
    actor="Ada",
    action="write",
    point_id="n:1:analog-value,1",
    old=21.0,
    new=22.5,
    priority=8,
    verdict="verified",
)
BEFORE_CHAINS = 3
INSERTED = (
    "INSERT INTO audit (at, actor, action, point_id, old, new, verdict, detail)"
    " VALUES ('', 'Eve', 'write', '', '1', '2', 'verified', '')"
)
SWAP = (
    "UPDATE audit SET number = -1 WHERE number = 3;"
    "UPDATE audit SET number = 3 WHERE number = 4;"
    "UPDATE audit SET number = 4 WHERE number = -1;"
)


async def filled(database: Database, rows: int = 6) -> AuditLog:
    audit = AuditLog(database)
    for number in range(rows):
        await audit.append(replace(ENTRY, new=float(number)))
    return audit


async def verified(audit: AuditLog, mark: str = "") -> AuditVerification:
    return await audit.verify(VerifyRequest(mark=mark))


async def tamper(database: Database, script: str) -> None:
    await database.run(lambda db: db.executescript(script))


async def test_log_that_nobody_touched_is_intact(database: Database):
    audit = await filled(database)
    found = await verified(audit)
    assert (found.intact, found.rows, found.first, found.last) == (True, 6, 1, 6)
    assert found.mark == f"6:{(await audit.rows(AuditQuery()))[0].hash}"


async def test_empty_log_is_intact(database: Database):
    found = await verified(AuditLog(database))
    assert (found.intact, found.rows, found.mark) == (True, 0, f"0:{GENESIS}")


@pytest.mark.parametrize(
    ("script", "number", "reason"),
    [
        ("UPDATE audit SET actor = 'Eve' WHERE number = 3", 3, "changed"),
        ("UPDATE audit SET new = '99.0' WHERE number = 1", 1, "changed"),
        ("UPDATE audit SET priority = NULL WHERE number = 6", 6, "changed"),
        ("UPDATE audit SET via = 'an automation' WHERE number = 2", 2, "changed"),
        ("UPDATE audit SET hash = '' WHERE number = 4", 4, "changed"),
        ("DELETE FROM audit WHERE number = 1", 1, "missing"),
        ("DELETE FROM audit WHERE number = 4", 4, "missing"),
        ("DELETE FROM audit WHERE number = 6", 6, "missing"),
        ("DELETE FROM audit WHERE number >= 3", 3, "missing"),
        ("DELETE FROM audit", 1, "missing"),
        (SWAP, 3, "changed"),
        ("DELETE FROM audit_mark; DELETE FROM audit WHERE number = 6", 6, "missing"),
        ("UPDATE audit_mark SET number = 9", 7, "missing"),
        ("UPDATE audit_mark SET hash = 'f'", 6, "changed"),
        (
            INSERTED,
            7,
            "changed",
        ),
    ],
)
async def test_first_row_that_is_wrong_is_named(
    database: Database, script: str, number: int, reason: str
):
    audit = await filled(database)
    await tamper(database, script)
    found = await verified(audit)
    assert (found.intact, found.broken_at, found.reason) == (False, number, reason)


async def test_what_comes_after_does_not_heal_what_is_missing(database: Database):
    audit = await filled(database)
    await tamper(database, "DELETE FROM audit WHERE number >= 5")
    await audit.append(ENTRY)
    found = await verified(audit)
    assert (found.broken_at, found.reason) == (5, "missing")


async def test_log_that_was_computed_anew_is_told_by_a_mark_noted_before(
    database: Database,
):
    audit = await filled(database)
    noted = (await verified(audit)).mark

    def forge(db: sqlite3.Connection) -> None:
        rows = db.execute(
            f"SELECT {', '.join(audit_chain.CHAINED)} FROM audit ORDER BY number"  # noqa: S608
        ).fetchall()
        here = GENESIS
        for row in rows:
            forged = (row[0], row[1], "Eve", *row[3:])
            here = row_hash(here, forged)
            db.execute(
                "UPDATE audit SET actor = 'Eve', hash = ? WHERE number = ?",
                (here, row[0]),
            )
        db.execute("UPDATE audit_mark SET hash = ?", (here,))

    await database.run(forge)
    assert (await verified(audit)).intact
    found = await verified(audit, noted)
    assert (found.intact, found.reason) == (False, "mark")


@pytest.mark.parametrize("mark", ["6", "6:", "x:y", f"{10**30}:0", "-1:0", "99:0"])
async def test_mark_that_leads_nowhere_is_wrong(database: Database, mark: str):
    found = await verified(await filled(database), mark)
    assert (found.intact, found.reason) == (False, "mark")


async def test_forgotten_rows_leave_a_chain_that_holds(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_chain, "ROWS_AT_ONCE", 2)
    audit = await filled(database)
    noted = (await verified(audit)).mark
    old = (await audit.rows(AuditQuery()))[-1]
    for number in range(3):
        await audit.append(replace(ENTRY, at=AT + timedelta(days=9), new=number))
    gone = await audit.trim(AT + timedelta(days=1), 1000)
    assert (gone.rows, gone.last, gone.broken) == (2, 2, None)
    while (await audit.trim(AT + timedelta(days=1), 1000)).rows:
        assert (await verified(audit)).intact
    found = await verified(audit, noted)
    assert (found.intact, found.first, found.rows, found.reason) == (True, 7, 3, "")
    assert (await verified(audit, f"1:{old.hash}")).reason == "mark_trimmed"
    await tamper(database, "DELETE FROM audit WHERE number = 7")
    assert (await verified(audit)).broken_at == 7


async def test_rows_beyond_those_wanted_are_forgotten_but_never_the_last(
    database: Database,
):
    audit = await filled(database, 10)
    await audit.trim(AT - timedelta(days=1), 4)
    assert (await verified(audit)).rows == 4
    await audit.trim(AT + timedelta(days=1), 4)
    found = await verified(audit)
    assert (found.intact, found.rows, found.last) == (True, 1, 10)
    await audit.append(ENTRY)
    assert (await verified(audit)).last == 11


async def test_row_that_was_wrong_is_told_before_it_is_forgotten(database: Database):
    audit = await filled(database)
    await tamper(database, "UPDATE audit SET actor = 'Eve' WHERE number = 2")
    gone = await audit.trim(AT + timedelta(days=1), 1000)
    assert gone.broken is not None
    assert (gone.broken.number, gone.broken.reason) == (2, "changed")
    assert (await verified(audit)).intact


async def test_log_of_before_there_were_chains_is_sealed_as_it_is(tmp_path: Path):
    old = Database(tmp_path, migrations=MIGRATIONS[:BEFORE_CHAINS])
    await old.start()
    await old.run(
        lambda db: db.executemany(
            "INSERT INTO audit (at, actor, action, point_id, old, new, verdict, detail)"
            " VALUES (?, 'Ada', 'write', 'p', '1', '2', 'verified', '')",
            [(AT.isoformat(),)] * 5,
        )
    )
    await old.stop()
    database = Database(tmp_path)
    await database.start()
    audit = AuditLog(database)
    await audit.append(ENTRY)
    found = await verified(audit)
    assert (found.intact, found.rows) == (True, 6)
    await tamper(database, "UPDATE audit SET new = '3' WHERE number = 2")
    assert (await verified(audit)).broken_at == 2
    await database.stop()


async def test_rows_are_kept_all_or_none(database: Database):
    audit = await filled(database, 1)
    await tamper(
        database,
        "CREATE TRIGGER no BEFORE INSERT ON audit WHEN NEW.actor = 'Bob'"
        " BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    with pytest.raises(Exception, match="no"):
        await audit.append(ENTRY, replace(ENTRY, actor="Bob"))
    await audit.append(ENTRY)
    found = await verified(audit)
    assert (found.intact, found.rows, found.last) == (True, 2, 2)


async def test_text_that_no_file_can_hold_is_kept_as_far_as_it_can_be(
    database: Database,
):
    audit = AuditLog(database)
    await audit.append(replace(ENTRY, actor="\ud800Ada", detail="x" * 5000))
    (row,) = await audit.rows(AuditQuery())
    assert (row.actor, len(row.detail)) == ("?Ada", 1000)
    assert (await verified(audit)).intact


texts = st.text(max_size=8)
entries = st.builds(
    AuditEntry,
    at=st.just(AT),
    actor=texts,
    action=st.sampled_from(["write", "release"]),
    point_id=texts,
    old=st.none() | st.booleans() | st.integers() | st.floats() | texts,
    new=st.none() | texts,
    priority=st.none() | st.integers(1, 16),
    verdict=texts,
    detail=texts,
    via=texts,
)
COLUMN_CHANGES: dict[str, Callable[[str], str]] = {
    name: lambda column: f"UPDATE audit SET {column} = {column} || 'x'"  # noqa: S608
    for name in ("at", "actor", "action", "point_id", "old", "new", "verdict", "detail")
} | {"via": lambda _: "UPDATE audit SET via = via || ' '"}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(entries, min_size=1, max_size=8),
    at=st.integers(0, 7),
    column=st.sampled_from([*COLUMN_CHANGES, ""]),
)
def test_any_change_of_any_row_is_found_at_that_row(
    rows: list[AuditEntry], at: int, column: str
):
    number = at % len(rows) + 1
    deed = COLUMN_CHANGES[column](column) if column else "DELETE FROM audit"

    async def run() -> tuple[AuditVerification, AuditVerification]:
        database = Database(None)
        await database.start()
        audit = AuditLog(database)
        await audit.append(*rows)
        before = await verified(audit)
        await tamper(database, f"{deed} WHERE number = {number}")
        after = await verified(audit)
        await database.stop()
        return before, after

    before, after = asyncio.run(run())
    assert before.intact
    assert (after.intact, after.broken_at) == (False, number)


async def test_log_of_a_process_that_is_killed_holds_and_has_all_it_said(
    tmp_path: Path,
):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.engine.storage.auditing", str(tmp_path),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    said = 0
    async with asyncio.timeout(100):
        while said < 200:
            said = int(await process.stdout.readline())
        process.kill()
        await process.wait()
    database = Database(tmp_path)
    await database.start()
    found = await verified(AuditLog(database))
    assert found.intact
    assert found.last >= said
    await AuditLog(database).append(ENTRY)
    assert (await verified(AuditLog(database))).intact
    await database.stop()

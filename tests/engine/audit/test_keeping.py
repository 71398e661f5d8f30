"""Configurations are told once; rows are forgotten when asked, and that is told too."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custom_components.plantroom.engine.audit.configuration import AuditConfig
from custom_components.plantroom.engine.audit.keeping import AuditKeeping
from custom_components.plantroom.engine.audit.models import VerifyRequest
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.requests import AuditQuery
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.engine.storage.audit_log import AuditEntry, AuditLog
from custom_components.plantroom.engine.storage.audited_site import AuditedSite
from custom_components.plantroom.engine.storage.database import Database
from tests.site import AT, device_config, network_config

SITE = SiteConfig(
    networks=(network_config(47808),),
    devices=(device_config(1),),
    changed_by="Ada",
)
ENTRY = AuditEntry(
    at=AT, actor="Bea", action="write", point_id="p", old=1, new=2, priority=None,
    verdict="verified",
)  # fmt: skip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(tmp_path)
    await made.start()
    yield made
    await made.stop()


def keeping(database: Database, now: datetime = AT) -> AuditKeeping:
    return AuditKeeping(AuditLog(database), AuditedSite(database), lambda: now)


async def told(audit: AuditKeeping) -> list[tuple[str, str, str]]:
    rows = await audit.log.rows(AuditQuery())
    return [(row.actor, row.action, row.point_id) for row in reversed(rows)]


async def test_site_is_told_once_over_restarts(database: Database):
    for _ in range(2):
        audit = keeping(database)
        await audit.configure(SITE)
        await audit.configure(SITE)
    assert await told(audit) == [
        ("Ada", "add_network", "n"),
        ("Ada", "add_device", "n:1"),
    ]


async def test_change_by_nobody_in_particular_is_plantrooms(database: Database):
    audit = keeping(database)
    await audit.configure(replace(SITE, devices=(), changed_by=""))
    assert (await told(audit))[-1] == ("Plantroom", "add_network", "n")


async def test_option_that_came_with_a_new_version_is_no_change(database: Database):
    audit = keeping(database)
    await audit.configure(SITE)
    store = AuditedSite(database)
    before = dict(await store.load() or {})
    del before["leases"]
    await store.save(before, [])
    await audit.configure(SITE)
    assert len(await told(audit)) == 2


async def test_site_that_nobody_can_read_any_more_is_told_anew(database: Database):
    audit = keeping(database)
    await audit.configure(SITE)
    await database.run(lambda db: db.execute("UPDATE audited_site SET data = '['"))
    await audit.configure(SITE)
    assert len(await told(audit)) == 4


async def test_building_is_served_though_the_log_takes_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
):
    await database.run(lambda db: db.execute("DROP TABLE audit"))
    with caplog.at_level(logging.ERROR):
        await keeping(database).configure(SITE)
    assert "does not keep what was configured" in caplog.text


async def test_old_rows_are_forgotten_at_the_start_and_that_is_told(database: Database):
    audit = keeping(database, AT + timedelta(days=731))
    await audit.log.append(ENTRY, ENTRY)
    await audit.log.append(replace(ENTRY, at=AT + timedelta(days=730)))
    await audit.start()
    rows: list[str] = []
    async with asyncio.timeout(30):
        while "trim_audit_log" not in rows:
            rows = [row.action for row in await audit.log.rows(AuditQuery())]
    await audit.stop()
    assert rows == ["trim_audit_log", "write"]
    assert (await audit.log.verify(VerifyRequest())).intact


async def test_retention_follows_the_site(database: Database):
    audit = keeping(database, AT + timedelta(days=40))
    await audit.log.append(ENTRY, ENTRY)
    await audit.configure(replace(SITE, audit=AuditConfig(keep_days=30)))
    await audit.trim()
    actions = [row.action for row in await audit.log.rows(AuditQuery())]
    assert actions == ["trim_audit_log", "configure", "add_device", "add_network"]


async def test_row_that_was_changed_is_told_when_it_is_forgotten(
    database: Database, caplog: pytest.LogCaptureFixture
):
    audit = keeping(database, AT + timedelta(days=800))
    await audit.log.append(ENTRY, ENTRY, ENTRY)
    await database.run(
        lambda db: db.execute("UPDATE audit SET actor = 'Eve' WHERE number = 1")
    )
    with caplog.at_level(logging.ERROR):
        await audit.trim()
    assert "Row 1 of the audit log was changed" in caplog.text
    rows = await audit.log.rows(AuditQuery(actions=("audit_broken",)))
    assert [row.detail for row in rows] == ["1"]


@pytest.mark.parametrize(
    "facts", [{"keep_days": 0}, {"keep_days": 4000}, {"most_rows": 10}]
)
def test_retention_that_makes_no_sense_is_refused(facts: dict[str, int]):
    with pytest.raises(ConfigurationError, match=next(iter(facts))):
        AuditConfig(**facts)

"""Certificates on a disk, and the audit log of what is done to them."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from plantroom_server.secure_connect.kept_certificates import KeptCertificates

from custom_components.plantroom.engine.requests import AuditQuery, AuditRow
from custom_components.plantroom.engine.secure_connect.certificate_audit import (
    CertificateAudit,
)
from custom_components.plantroom.engine.storage.audit_log import AuditLog
from custom_components.plantroom.engine.storage.database import Database

PASSPHRASE = "correct horse battery"


class CertificateAuditBench:
    """What a server has of it, at a time that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.folder = folder
        self.database = Database(folder)
        self.log = AuditLog(self.database)
        self.kept = KeptCertificates(folder, lambda: self.now)
        self.audited = CertificateAudit(self.kept, self.log)
        self.kept.audit_renewals(self.audited.renew_unasked)

    async def rows(self) -> list[AuditRow]:
        """Return all rows, oldest first."""
        return [*reversed(await self.log.rows(AuditQuery(limit=1000)))]

    async def verdicts(self) -> list[tuple[str, str]]:
        """Return what was done with which verdict, oldest first."""
        return [(row.action, row.verdict) for row in await self.rows()]

    async def refuse_rows(self) -> None:
        """Have the log take nothing from now on, as a full disk does."""
        await self._when("1")

    async def refuse_verdicts(self) -> None:
        """Have it take orders and nothing else."""
        await self._when("NEW.verdict != 'requested'")

    async def take_rows(self) -> None:
        """Have it take everything again."""
        await self.database.run(lambda db: db.execute("DROP TRIGGER full"))

    async def _when(self, condition: str) -> None:
        def refuse(db: sqlite3.Connection) -> None:
            db.execute(
                f"CREATE TRIGGER full BEFORE INSERT ON audit WHEN {condition}"
                " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )

        await self.database.run(refuse)

    def secrets(self) -> set[str]:
        """Return the lines of all that is kept in PEM, keys among it."""
        texts = [each.read_text() for each in self.folder.rglob("*.key")]
        assert texts
        return {line for text in texts for line in text.splitlines() if len(line) > 8}


@asynccontextmanager
async def certificate_audit(folder: Path) -> AsyncIterator[CertificateAuditBench]:
    """Return a bench that runs."""
    bench = CertificateAuditBench(folder)
    await bench.database.start()
    await bench.kept.start()
    try:
        yield bench
    finally:
        await bench.audited.stop()
        await bench.kept.stop()
        await bench.database.stop()

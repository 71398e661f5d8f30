"""Who did what to a server's certificates is in its audit log: over real sockets."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
    StorageError,
)
from custom_components.plantroom.engine.requests import AuditQuery
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
    ExportOrder,
    RemoveOrder,
    RenewOrder,
)
from custom_components.plantroom.engine.storage.database import FILE_NAME

from ..running import running_server, wire_to

PASSPHRASE = "correct horse battery"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[EngineClient]:
    """Return a client of a server with an authority and credentials."""
    async with running_server(tmp_path) as server, wire_to(server.port) as wire:
        connected = EngineClient(wire)
        await connected.start(None)
        try:
            await connected.make_authority(AuthorityOrder(name="Tower", actor="Ada"))
            await connected.issue_credentials(
                CredentialsOrder(name="Hub", actor="Ada", via="Night setback")
            )
            yield connected
        finally:
            await connected.stop()


async def test_person_who_takes_a_key_is_in_the_log_and_the_passphrase_is_not(
    client: EngineClient,
):
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE, actor="Ada")
    exported = await client.export_credentials(order)
    await client.renew_credentials(RenewOrder(credentials_id="hub", actor="Bob"))
    await client.remove_credentials(RemoveOrder(credentials_id="hub"))
    rows = (await client.audit_log(AuditQuery()))[::-1]
    assert [(row.action, row.actor, row.via) for row in rows[1::2]] == [
        ("make_authority", "Ada", ""),
        ("issue_credentials", "Ada", "Night setback"),
        ("export_key", "Ada", ""),
        ("renew_credentials", "Bob", ""),
        # Whom nobody named
        ("remove_credentials", "client test", ""),
    ]
    assert [row.verdict for row in rows] == ["requested", "verified"] * 5
    assert {row.point_id for row in rows[4:]} == {"credentials:hub"}
    said = repr(rows)
    assert exported.pkcs12
    assert [e for e in (PASSPHRASE, exported.pkcs12[:24], "BEGIN") if e in said] == []


async def test_refused_export_is_in_the_log(client: EngineClient):
    with pytest.raises(CertificateRefusedError):
        await client.export_credentials(
            ExportOrder(credentials_id="hub", passphrase="short", actor="Eve")
        )
    last = (await client.audit_log(AuditQuery(actor="Eve")))[0]
    assert (last.action, last.verdict, last.detail) == (
        "export_key",
        "failed",
        "too_short",
    )


async def test_key_stays_where_the_log_takes_nothing(
    client: EngineClient, tmp_path: Path
):
    with closing(sqlite3.connect(tmp_path / FILE_NAME, timeout=60)) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        db.commit()
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE, actor="Ada")
    with pytest.raises(StorageError, match="full"):
        await client.export_credentials(order)
    before = client.mirror.certificates
    with pytest.raises(StorageError, match="full"):
        await client.issue_credentials(CredentialsOrder(name="Node", actor="Ada"))
    assert client.mirror.certificates == before

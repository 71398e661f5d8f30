"""Whatever is done to certificates leaves its rows, or is not done; no secret is said."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from plantroom_server.secure_connect.kept_certificates import KeptCertificates

from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
    StorageError,
)
from custom_components.plantroom.engine.requests import AuditRow
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportOrder,
    ForeignRequest,
    RemoveOrder,
    RenewOrder,
    TrustOrder,
)
from tests.server.secure_connect.certificates import make_authority

from .certificate_audit_bench import (
    PASSPHRASE,
    CertificateAuditBench,
    certificate_audit,
)

NOBODY: frozenset[str] = frozenset()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[CertificateAuditBench]:
    async with certificate_audit(tmp_path) as running:
        yield running


@pytest.fixture
async def hub(bench: CertificateAuditBench) -> CertificateAuditBench:
    """Return a bench with an authority and credentials that nobody's row is about."""
    await bench.kept.make_authority(AuthorityOrder(name="Tower"))
    await bench.kept.issue(CredentialsOrder(name="Hub"))
    return bench


async def foreign_request() -> str:
    """Return the request of another maker's device."""
    asked = await KeptCertificates(None).request(CredentialsOrder(name="AHU 3"))
    return asked.request


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What came of every order, and what no row may say."""

    issued: CredentialsSummary
    renewed: CredentialsSummary
    added: str
    rows: list[AuditRow]
    secrets: set[str]

    def done(self, action: str) -> AuditRow:
        """Return the row that says what became of an order."""
        [row] = [each for each in self.rows if each.action == action][1:]
        return row


async def everything(bench: CertificateAuditBench) -> Everything:
    """Carry out every order there is, in the name of Ada."""
    audited, ada = bench.audited, {"actor": "Ada", "via": "Night"}
    await audited.make_authority(AuthorityOrder(name="Tower", **ada))
    order = CredentialsOrder(name="Hub", host_names=("hub.example",), days=400, **ada)
    issued = await audited.issue(order)
    renewed = await audited.renew(RenewOrder(credentials_id="hub", **ada))
    asked = await audited.request(CredentialsOrder(name="Node", **ada))
    request, keys = await foreign_request(), bench.secrets()
    foreign = ForeignRequest(request=request, host_names=("ahu.example",), **ada)
    signed = await audited.sign(foreign)
    await audited.export(ExportOrder(credentials_id="hub", **ada))
    packed = await audited.export(
        ExportOrder(credentials_id="hub", passphrase=PASSPHRASE, **ada)
    )
    await audited.remove(RemoveOrder(credentials_id="hub", **ada), NOBODY)
    await audited.import_credentials(
        CredentialsImport(pkcs12=packed.pkcs12, passphrase=PASSPHRASE, **ada)
    )
    other = make_authority("Other maker")
    await audited.trust(TrustOrder(credentials_id="hub", authorities=other.pem, **ada))
    added = other.certificate.fingerprint(SHA256()).hex()
    await audited.distrust(
        DistrustOrder(credentials_id="hub", fingerprint=added, **ada)
    )
    texts = [request, asked.request, signed.certificate, packed.pkcs12, other.pem]
    lines = {line for text in texts for line in text.splitlines() if len(line) > 8}
    return Everything(
        issued=issued,
        renewed=renewed,
        added=added,
        rows=await bench.rows(),
        secrets={*keys, *lines, PASSPHRASE, "BEGIN"},
    )


async def test_each_order_leaves_a_row_before_and_one_after_it_and_no_secret(
    bench: CertificateAuditBench,
):
    found = await everything(bench)
    assert [row.verdict for row in found.rows] == ["requested", "verified"] * 11
    assert {(row.actor, row.via) for row in found.rows} == {("Ada", "Night")}
    assert [row.action for row in found.rows[1::2]] == [
        "make_authority", "issue_credentials", "renew_credentials",
        "request_credentials", "sign_request", "export_credentials", "export_key",
        "remove_credentials", "import_credentials", "trust_authority",
        "distrust_authority",
    ]  # fmt: skip
    assert len(found.secrets) > 20
    said = json.dumps([asdict(row) for row in found.rows])
    assert [each for each in found.secrets if each in said] == []


async def test_rows_say_which_certificate_it_was_and_which_it_is(
    bench: CertificateAuditBench,
):
    found = await everything(bench)
    [authority] = bench.kept.stock().authorities
    about = f"authority:{authority.fingerprint}"
    for action in ("make_authority", "sign_request"):
        assert found.done(action).point_id == about
    row = found.done("issue_credentials")
    assert (row.point_id, row.old, row.new) == (
        "credentials:hub", None, found.issued.fingerprint,
    )  # fmt: skip
    assert row.detail == "CN=Hub; issued by CN=Tower; hub.example; until 2027-12-26"
    row = found.done("renew_credentials")
    assert (row.old, row.new) == (found.issued.fingerprint, found.renewed.fingerprint)
    assert found.done("request_credentials").point_id == "credentials:node"
    row = found.done("sign_request")
    assert row.detail == "CN=AHU 3; ahu.example; 1825 days; until 2031-11-20"
    for action in ("export_credentials", "export_key", "import_credentials"):
        row = found.done(action)
        assert (row.point_id, row.new) == (
            "credentials:hub", found.renewed.fingerprint,
        )  # fmt: skip
    assert found.done("remove_credentials").old == found.renewed.fingerprint
    assert found.done("trust_authority").new == found.added
    assert found.done("distrust_authority").old == found.added


async def test_authority_that_leaves_and_comes_back_is_told_by_its_fingerprint(
    hub: CertificateAuditBench,
):
    order = ExportOrder(credentials_id="authority", passphrase=PASSPHRASE, actor="Ada")
    exported = await hub.audited.export(order)
    await hub.audited.import_credentials(
        CredentialsImport(
            credentials_id="authority", pkcs12=exported.pkcs12, passphrase=PASSPHRASE
        )
    )
    [authority] = hub.kept.stock().authorities
    rows = await hub.rows()
    done = [(row.action, row.point_id) for row in rows if row.verdict == "verified"]
    about = f"authority:{authority.fingerprint}"
    assert done == [("export_key", about), ("import_credentials", about)]


async def test_refusal_leaves_its_reason_and_nothing_that_was_given(
    hub: CertificateAuditBench,
):
    audited = hub.audited
    for order, reason in (
        (
            audited.export(ExportOrder(credentials_id="hub", passphrase="my own")),
            "too_short",
        ),
        (
            audited.remove(RemoveOrder(credentials_id="hub"), frozenset({"hub"})),
            "in_use",
        ),
        (audited.renew(RenewOrder(credentials_id="nobody")), "unknown"),
        (audited.sign(ForeignRequest(request="my own key")), "unreadable"),
        (
            audited.import_credentials(CredentialsImport(certificate="my own key")),
            "unreadable",
        ),
        (audited.distrust(DistrustOrder(fingerprint="00" * 90)), "unknown"),
    ):
        with pytest.raises(CertificateRefusedError):
            await order
        before, last = (await hub.rows())[-2:]
        assert (before.verdict, last.verdict) == ("requested", "failed")
        assert (last.detail, last.new) == (reason, None)
    said = json.dumps([asdict(row) for row in await hub.rows()])
    assert [each for each in ("my own", "00" * 33) if each in said] == []


async def test_what_cannot_be_audited_is_not_done(hub: CertificateAuditBench):
    before, keys = hub.kept.stock(), hub.secrets()
    await hub.refuse_rows()
    audited, request = hub.audited, await foreign_request()
    for order in (
        audited.make_authority(AuthorityOrder(name="Mine")),
        audited.issue(CredentialsOrder(name="Mine")),
        audited.request(CredentialsOrder(name="Mine")),
        audited.sign(ForeignRequest(request=request)),
        audited.export(ExportOrder(credentials_id="hub", passphrase=PASSPHRASE)),
        audited.export(ExportOrder(credentials_id="hub")),
        audited.renew(RenewOrder(credentials_id="hub")),
        audited.remove(RemoveOrder(credentials_id="hub"), NOBODY),
    ):
        with pytest.raises(StorageError, match="full"):
            await order
    assert (hub.kept.stock(), hub.secrets()) == (before, keys)
    await hub.take_rows()
    assert await hub.rows() == []


async def test_key_and_signature_stay_when_their_verdict_is_not_kept(
    hub: CertificateAuditBench,
):
    await hub.refuse_verdicts()
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE, actor="Ada")
    with pytest.raises(StorageError, match="full"):
        await hub.audited.export(order)
    with pytest.raises(StorageError, match="full"):
        await hub.audited.sign(ForeignRequest(request=await foreign_request()))
    assert await hub.verdicts() == [
        ("export_key", "requested"),
        ("sign_request", "requested"),
    ]


async def test_what_was_done_is_answered_even_when_its_verdict_is_not_kept(
    hub: CertificateAuditBench, caplog: pytest.LogCaptureFixture
):
    await hub.refuse_verdicts()
    issued = await hub.audited.issue(CredentialsOrder(name="Node"))
    assert issued in hub.kept.stock().credentials
    assert "does not keep the end of issue_credentials of credentials:node" in (
        caplog.text
    )


async def test_renewal_that_nobody_asked_for_is_ours(hub: CertificateAuditBench):
    [before] = hub.kept.stock().credentials
    hub.now += timedelta(days=701)
    await hub.kept.look()
    [after] = hub.kept.stock().credentials
    rows = await hub.rows()
    assert [row.verdict for row in rows] == ["requested", "verified"]
    assert {(row.action, row.actor) for row in rows} == {
        ("renew_credentials", "Plantroom")
    }
    assert (rows[1].old, rows[1].new) == (before.fingerprint, after.fingerprint)
    await hub.kept.look()
    assert len(await hub.rows()) == 2


async def test_renewal_that_cannot_be_audited_waits_until_it_can(
    hub: CertificateAuditBench,
):
    before = hub.kept.stock()
    hub.now += timedelta(days=701)
    await hub.refuse_rows()
    with pytest.raises(StorageError):
        await hub.kept.look()
    assert hub.kept.stock() == before
    await hub.take_rows()
    await hub.kept.look()
    assert hub.kept.stock() != before
    assert [verdict for _, verdict in await hub.verdicts()] == ["requested", "verified"]


async def test_renewal_that_fails_again_and_again_is_told_once(
    hub: CertificateAuditBench, monkeypatch: pytest.MonkeyPatch
):
    hub.now += timedelta(days=701)
    with monkeypatch.context() as patch:

        def full(_key: object) -> None:
            raise StorageError("no room", path="", reason="full")

        patch.setattr(hub.kept._book, "write_key", full)
        for _ in range(3):
            with pytest.raises(StorageError):
                await hub.kept.look()
    await hub.kept.look()
    verdicts = [verdict for _, verdict in await hub.verdicts()]
    assert verdicts == ["requested", "failed", "verified"]


async def test_order_of_a_caller_that_goes_is_audited_to_its_end(
    hub: CertificateAuditBench,
):
    order = RenewOrder(credentials_id="hub", actor="Ada")
    call = asyncio.ensure_future(hub.audited.renew(order))
    await asyncio.sleep(0)
    call.cancel()
    await hub.audited.stop()
    assert [verdict for _, verdict in await hub.verdicts()] == ["requested", "verified"]
    assert call.cancelled()

"""Who uses credentials hears of a change at once, whoever made it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plantroom_server.certificates import main
from plantroom_server.secure_connect.kept_certificates import KeptCertificates

from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
    ConfigurationError,
)
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CertificateStock,
    CredentialsImport,
    CredentialsOrder,
    DistrustOrder,
    ExportOrder,
    ForeignRequest,
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def kept(tmp_path: Path, clock: Clock):
    certificates = KeptCertificates(tmp_path, clock)
    await certificates.start()
    await certificates.make_authority(AuthorityOrder(name="Tower"))
    await certificates.issue(CredentialsOrder(name="Hub"))
    yield certificates
    await certificates.stop()
    await certificates.stop()


async def test_replaced_identity_is_told_by_its_id(kept: KeptCertificates):
    replaced: list[str] = []
    unlisten = kept.listen_replaced(replaced.append)
    before = kept.identity("hub")
    await kept.renew("hub")
    assert replaced == ["hub"]
    assert kept.identity("hub") != before
    await kept.make_authority(AuthorityOrder(name="Next"))
    assert replaced == ["hub", "hub"]
    unlisten()
    await kept.renew("hub")
    assert len(replaced) == 2


async def test_every_change_is_told_with_what_there_is_then(kept: KeptCertificates):
    stocks: list[CertificateStock] = []
    kept.listen(stocks.append)
    request = await kept.request(CredentialsOrder(name="Node"))
    await kept.sign(ForeignRequest(request=request.request))
    await kept.export(ExportOrder(credentials_id="hub"))
    assert len(stocks) == 2
    assert stocks[-1] == kept.stock()
    assert [each.subject for each in kept.stock().issued] == ["CN=Node"]


async def test_refusal_changes_nothing(kept: KeptCertificates):
    before = kept.stock()
    with pytest.raises(CertificateRefusedError):
        await kept.distrust(DistrustOrder(fingerprint="00"))
    with pytest.raises(CertificateRefusedError):
        await kept.remove("hub", frozenset({"hub"}))
    assert kept.stock() == before


async def test_unknown_credentials_are_a_wrong_configuration(kept: KeptCertificates):
    with pytest.raises(ConfigurationError):
        kept.identity("nobody")


async def test_command_line_changes_what_a_running_server_uses(
    kept: KeptCertificates, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    replaced: list[str] = []
    kept.listen_replaced(replaced.append)
    data = ["--data", str(tmp_path)]
    assert await asyncio.to_thread(main, [*data, "renew", "hub"]) == 0
    assert "credentials  hub  Hub  until" in capsys.readouterr().out
    await kept.look()
    assert replaced == ["hub"]


async def test_expiring_certificate_is_renewed_without_being_asked(
    kept: KeptCertificates, clock: Clock
):
    before = kept.identity("hub")
    await kept.look()
    assert kept.identity("hub") == before
    clock.now += timedelta(days=701)
    await kept.look()
    assert kept.identity("hub") != before
    [hub] = kept.stock().credentials
    assert hub.expires_at == clock.now + timedelta(days=730)


async def test_log_says_what_was_done_and_shows_no_key(
    kept: KeptCertificates, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    await kept.renew("hub")
    await kept.export(ExportOrder(credentials_id="hub", passphrase="correct horse"))
    assert "Renewed CN=Hub" in caplog.text
    assert "The key of hub left as PKCS#12" in caplog.text
    assert "PRIVATE" not in caplog.text
    assert "correct horse" not in caplog.text


async def test_authority_is_exported_and_taken_under_its_own_id(
    kept: KeptCertificates,
):
    order = ExportOrder(credentials_id="authority", passphrase="correct horse")
    exported = await kept.export(order)
    other = KeptCertificates(None)
    wanted = CredentialsImport(
        credentials_id="authority", pkcs12=exported.pkcs12, passphrase="correct horse"
    )
    assert (await other.import_credentials(wanted)).name == "Tower"
    assert other.stock().authorities == kept.stock().authorities


async def test_caller_that_goes_leaves_nobody_uninformed(kept: KeptCertificates):
    told = asyncio.Event()
    kept.listen(lambda _: told.set())
    call = asyncio.ensure_future(kept.renew("hub"))
    await asyncio.sleep(0)
    call.cancel()
    async with asyncio.timeout(60):
        await told.wait()

"""Credentials are made, renewed, exchanged and let go; openssl is the judge."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from plantroom_server.secure_connect.credential_book import CredentialBook
from plantroom_server.secure_connect.credential_files import FOLDER, CredentialFiles
from plantroom_server.secure_connect.credential_store import CredentialStore
from plantroom_server.secure_connect.pem import certificates_in
from plantroom_server.secure_connect.site_authority import SiteAuthority

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    DistrustOrder,
    ExportOrder,
    ForeignRequest,
    TrustOrder,
)

from .certificates import make_authority
from .openssl import foreign_request, needs_openssl, openssl

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSPHRASE = "correct horse"


class Desk:
    """A store and its authority on a folder, at a time that a test sets."""

    def __init__(self, folder: Path | None) -> None:
        self.now = NOW
        self.book = CredentialBook(CredentialFiles(folder), lambda: self.now)
        self.store = CredentialStore(self.book)
        self.authority = SiteAuthority(self.book)
        self.book.load()

    def with_authority(self, name: str = "Tower") -> Desk:
        self.authority.make(AuthorityOrder(name=name))
        return self


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data").with_authority()


def refused(reason: str):
    """Expect a refusal whose sentence says what to do after a colon."""
    return pytest.raises(
        CertificateRefusedError, check=lambda err: err.reason == reason, match=r": \w"
    )


def files_of(tmp_path: Path, suffix: str) -> set[str]:
    return {each.name for each in (tmp_path / "data" / FOLDER).glob(f"*{suffix}")}


@needs_openssl
@pytest.mark.parametrize("purpose", ["sslserver", "sslclient"])
def test_issued_certificate_serves_as_client_and_server(
    desk: Desk, tmp_path: Path, purpose: str
):
    desk.store.issue(
        CredentialsOrder(name="Hub", host_names=("hub.example", "127.0.0.1"))
    )
    identity = desk.store.identity("hub")
    own, authorities = tmp_path / "own.pem", tmp_path / "authorities.pem"
    own.write_text(identity.certificate)
    authorities.write_text(identity.authorities)
    shown = openssl(
        "verify", "-x509_strict", "-attime", str(int(NOW.timestamp())),
        "-purpose", purpose, "-verify_hostname", "hub.example",
        "-CAfile", authorities, own,
    )  # fmt: skip
    assert "OK" in shown


@needs_openssl
def test_request_is_signed_with_a_key_that_stays_here(desk: Desk, tmp_path: Path):
    order = CredentialsOrder(name="Node 2", host_names=("192.0.2.7",))
    summary = desk.store.request(order)
    shown = openssl("req", "-verify", "-noout", "-text", text=summary.request)
    assert "verify OK" in shown
    assert "IP Address:192.0.2.7" in shown
    assert summary.expires_at is None
    assert "PRIVATE" not in summary.request
    with refused("no_certificate"):
        desk.store.identity("node-2")


@needs_openssl
def test_answer_to_a_request_needs_no_key(desk: Desk, tmp_path: Path):
    other = Desk(tmp_path / "other").with_authority("Elsewhere")
    request = desk.store.request(CredentialsOrder(name="Node 2")).request
    answer = other.authority.sign(ForeignRequest(request=request))
    summary = desk.store.import_credentials(
        CredentialsImport(
            certificate=answer.certificate, authorities=answer.authorities
        )
    )
    assert summary.credentials_id == "node-2"
    assert (summary.request, summary.issuer) == ("", "CN=Elsewhere")
    assert not summary.issued_here
    with refused("not_ours"):
        desk.store.renew("node-2")


@needs_openssl
def test_signing_takes_name_and_key_of_a_request_and_nothing_else(
    desk: Desk, tmp_path: Path
):
    request = foreign_request(
        tmp_path,
        "/O=Maker/CN=AHU 3",
        "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "subjectAltName=DNS:hub.example",
        "-addext", "1.2.3.4=ASN1:UTF8String:odd",
        key="rsa",
    )  # fmt: skip
    contents = desk.authority.read_request(ForeignRequest(request=request))
    assert contents.subject == "O=Maker,CN=AHU 3"
    assert (contents.key, contents.host_names) == ("RSA 2048", ("hub.example",))
    signed = desk.authority.sign(
        ForeignRequest(request=request, host_names=("ahu3.example",), days=100)
    )
    [made] = certificates_in(signed.certificate, "certificate")
    extensions = {each.oid.dotted_string: each.value for each in made.extensions}
    assert "1.2.3.4" not in extensions
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ahu3.example"]
    assert made.not_valid_after_utc == NOW + timedelta(days=100)
    assert desk.store.stock().issued[0].subject == "O=Maker,CN=AHU 3"


@needs_openssl
def test_request_that_was_changed_on_its_way_is_refused(desk: Desk, tmp_path: Path):
    path = tmp_path / "device.der"
    foreign_request(tmp_path, "/CN=AHU 3")
    openssl("req", "-in", tmp_path / "device.csr", "-outform", "DER", "-out", path)
    path.write_bytes(path.read_bytes().replace(b"AHU 3", b"AHU 4"))
    changed = openssl("req", "-in", path, "-inform", "DER")
    with refused("bad_signature"):
        desk.authority.sign(ForeignRequest(request=changed))


@needs_openssl
def test_weak_key_of_a_request_is_refused(desk: Desk, tmp_path: Path):
    with refused("weak_key"):
        desk.authority.sign(
            ForeignRequest(request=foreign_request(tmp_path, "/CN=Old", key="weak"))
        )


@needs_openssl
def test_request_without_a_name_is_refused(desk: Desk, tmp_path: Path):
    with refused("bad_name"):
        desk.authority.sign(
            ForeignRequest(request=foreign_request(tmp_path, "/O=Maker"))
        )


@pytest.mark.parametrize("name", ["hub example", "ü.example", "a..b", "-x", "http://a"])
def test_host_name_that_is_none_is_refused(desk: Desk, name: str):
    with refused("bad_name"):
        desk.store.issue(CredentialsOrder(name="Hub", host_names=(name,)))


def test_nobody_signs_without_an_authority(tmp_path: Path):
    with refused("no_authority"):
        Desk(tmp_path).store.issue(CredentialsOrder(name="Hub"))


def test_certificate_never_outlives_its_authority(desk: Desk):
    order = CredentialsOrder(name="Hub", days=20000)
    [authority] = desk.store.stock().authorities
    assert desk.store.issue(order).expires_at == authority.expires_at


@needs_openssl
def test_exported_pkcs12_opens_with_its_passphrase_alone(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    with refused("too_short"):
        desk.store.export(ExportOrder(credentials_id="hub", passphrase="short"))
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE)
    path = tmp_path / "hub.p12"
    path.write_bytes(b64decode(desk.store.export(order).pkcs12))
    shown = openssl("pkcs12", "-info", "-in", path, "-passin", f"pass:{PASSPHRASE}",
                    "-passout", "pass:other-one")  # fmt: skip
    assert "AES-256-CBC" in shown
    assert shown.count("BEGIN CERTIFICATE") == 2
    assert "BEGIN ENCRYPTED PRIVATE KEY" in shown
    with pytest.raises(AssertionError):
        openssl("pkcs12", "-in", path, "-passin", "pass:wrong", "-nokeys")


def test_export_without_a_passphrase_has_no_key(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    exported = desk.store.export(ExportOrder(credentials_id="hub"))
    assert exported.pkcs12 == ""
    assert "PRIVATE" not in exported.certificate + exported.authorities


def test_pkcs12_of_one_server_is_taken_by_another(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Spare hub"))
    order = ExportOrder(credentials_id="spare-hub", passphrase=PASSPHRASE)
    packed = desk.store.export(order).pkcs12
    second = Desk(tmp_path / "second")
    with refused("locked"):
        second.store.import_credentials(
            CredentialsImport(pkcs12=packed, passphrase="another one")
        )
    taken = second.store.import_credentials(
        CredentialsImport(pkcs12=packed, passphrase=PASSPHRASE)
    )
    assert (taken.credentials_id, taken.name) == ("spare-hub", "Spare hub")
    assert second.store.identity("spare-hub") == desk.store.identity("spare-hub")


def test_renewal_has_a_new_key_and_leaves_no_old_one(desk: Desk, tmp_path: Path):
    first = desk.store.issue(CredentialsOrder(name="Hub", host_names=("hub.example",)))
    keys = files_of(tmp_path, ".key")
    desk.now += timedelta(days=400)
    second = desk.store.renew("hub")
    assert second.expires_at == first.expires_at + timedelta(days=400)
    assert second.host_names == ("hub.example",)
    assert second.fingerprint != first.fingerprint
    assert len(files_of(tmp_path, ".key")) == len(keys) == 2
    assert files_of(tmp_path, ".key") != keys


def test_what_expires_soon_is_renewed_and_nothing_else(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub", days=100))
    desk.store.issue(CredentialsOrder(name="Node", days=200))
    desk.now += timedelta(days=69)
    assert desk.store.renew_due() == ()
    desk.now += timedelta(days=2)
    assert desk.store.renew_due() == ("hub",)
    assert desk.store.renew_due() == ()


def test_next_authority_is_trusted_before_it_names_anybody(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    before = desk.store.identity("hub")
    desk.authority.make(AuthorityOrder(name="Tower, next"))
    between = desk.store.identity("hub")
    assert between.certificate == before.certificate
    assert before.authorities in between.authorities
    assert between.authorities.count("BEGIN") == 2
    old = desk.store.stock().authorities[1].fingerprint
    with refused("in_use"):
        desk.authority.drop(old)
    desk.store.renew("hub")
    desk.authority.drop(old)
    after = desk.store.identity("hub")
    assert after.authorities.count("BEGIN") == 1
    assert before.authorities != after.authorities


def test_authority_that_signs_is_not_let_go(desk: Desk):
    [authority] = desk.store.stock().authorities
    with refused("in_use"):
        desk.authority.drop(authority.fingerprint)


def test_trust_in_another_authority_comes_and_goes(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    other = make_authority("Other maker")
    order = TrustOrder(credentials_id="hub", authorities=other.pem)
    summary = desk.store.trust(order)
    assert other.pem in desk.store.identity("hub").authorities
    added = summary.authorities[-1].fingerprint
    desk.store.distrust(DistrustOrder(credentials_id="hub", fingerprint=added))
    assert other.pem not in desk.store.identity("hub").authorities


def test_authority_of_the_own_certificate_stays_trusted(desk: Desk, tmp_path: Path):
    other = make_authority("Elsewhere")
    identity = other.identity("Hub")
    taken = desk.store.import_credentials(
        CredentialsImport(
            certificate=identity.certificate,
            key=identity.key,
            authorities=other.pem,
        )
    )
    [root] = taken.authorities
    with refused("in_use"):
        desk.store.distrust(
            DistrustOrder(credentials_id="hub", fingerprint=root.fingerprint)
        )


def test_credentials_in_use_are_not_removed(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    with refused("in_use"):
        desk.store.remove("hub", frozenset({"hub"}))
    desk.store.remove("hub", frozenset())
    assert desk.store.stock().credentials == ()
    assert len(files_of(tmp_path, ".key")) == 1  # the authority's


def test_taken_id_is_refused_and_a_name_finds_a_free_one(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    with refused("taken"):
        desk.store.issue(CredentialsOrder(name="Hub", credentials_id="hub"))
    assert desk.store.issue(CredentialsOrder(name="Hub")).credentials_id == "hub-2"


def test_restart_finds_what_was_made(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    again = Desk(tmp_path / "data")
    assert again.store.stock() == desk.store.stock()
    assert again.store.identity("hub") == desk.store.identity("hub")


def test_files_are_ours_alone_and_no_record_has_a_key(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    desk.store.request(CredentialsOrder(name="Node"))
    folder = tmp_path / "data" / FOLDER
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        if path.suffix != ".key":
            assert b"PRIVATE" not in path.read_bytes()
    assert not any(each.name.startswith(".site") for each in folder.iterdir())


def test_restored_backup_says_that_its_keys_are_gone(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    for path in (tmp_path / "data" / FOLDER).glob("*.key"):
        path.unlink()
    again = Desk(tmp_path / "data")
    [summary] = again.store.stock().credentials
    assert not summary.has_key
    with refused("no_key"):
        again.store.identity("hub")
    with refused("no_authority"):
        again.store.renew("hub")


def test_damaged_record_costs_neither_the_others_nor_its_key(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    desk.store.issue(CredentialsOrder(name="Node"))
    path = tmp_path / "data" / FOLDER / "hub.json"
    whole, keys = path.read_bytes(), files_of(tmp_path, ".key")
    path.write_text("{")
    again = Desk(tmp_path / "data")
    assert [each.name for each in again.store.stock().credentials] == ["Node"]
    again.store.issue(CredentialsOrder(name="Third"))
    assert keys < files_of(tmp_path, ".key")
    path.write_bytes(whole)
    assert Desk(tmp_path / "data").store.identity("hub")
    caplog.clear()


def test_no_summary_and_no_log_shows_a_key(
    desk: Desk, caplog: pytest.LogCaptureFixture
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    shown = repr(desk.store.stock()) + repr(desk.store.identity("hub")) + caplog.text
    assert "PRIVATE" not in shown
    assert PASSPHRASE not in repr(
        CredentialsImport(certificate="x", passphrase=PASSPHRASE, key="PRIVATE")
    )


def test_without_a_folder_credentials_live_as_long_as_the_process():
    desk = Desk(None).with_authority()
    desk.store.issue(CredentialsOrder(name="Hub"))
    assert "PRIVATE" in desk.store.identity("hub").key


def test_authority_is_restored_from_its_pkcs12_after_a_backup(
    desk: Desk, tmp_path: Path
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    order = ExportOrder(credentials_id="authority", passphrase=PASSPHRASE)
    exported = desk.authority.export(order)
    assert "PRIVATE" not in exported.certificate
    for path in (tmp_path / "data" / FOLDER).glob("*.key"):
        path.unlink()
    again = Desk(tmp_path / "data")
    wanted = CredentialsImport(
        credentials_id="authority", pkcs12=exported.pkcs12, passphrase=PASSPHRASE
    )
    again.authority.restore(wanted)
    [authority] = again.store.stock().authorities
    assert authority.signs
    again.store.renew("hub")
    assert again.store.identity("hub").authorities == exported.certificate


def test_device_is_no_authority_to_restore(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE)
    packed = desk.store.export(order).pkcs12
    with refused("not_an_authority"):
        desk.authority.restore(CredentialsImport(pkcs12=packed, passphrase=PASSPHRASE))
    with refused("taken"):
        desk.store.issue(CredentialsOrder(name="A", credentials_id="authority"))

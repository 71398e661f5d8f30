"""What is imported passes every check, and a refusal says which one failed."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from plantroom_server.secure_connect.checks import utc_now
from plantroom_server.secure_connect.credential_book import CredentialBook
from plantroom_server.secure_connect.credential_files import CredentialFiles
from plantroom_server.secure_connect.credential_store import CredentialStore

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CredentialsImport,
)

from .certificates import Site
from .openssl import foreign_request, needs_openssl, openssl


@pytest.fixture
def store() -> CredentialStore:
    return CredentialStore(CredentialBook(CredentialFiles(None)))


def refusal(store: CredentialStore, wanted: CredentialsImport) -> str:
    """Return the reason of a refusal whose sentence says what to do."""
    with pytest.raises(CertificateRefusedError, match=r": \w") as caught:
        store.import_credentials(wanted)
    body = [each for each in wanted.key.splitlines() if "-----" not in each]
    assert not any(each in str(caught.value) for each in body if len(each) > 9)
    return caught.value.reason


@pytest.fixture
def good(site: Site) -> CredentialsImport:
    return CredentialsImport(
        certificate=site.hub.certificate,
        key=site.hub.key,
        authorities=site.authority.pem,
    )


def test_good_credentials_are_taken(store: CredentialStore, good: CredentialsImport):
    summary = store.import_credentials(good)
    assert (summary.credentials_id, summary.can_serve) == ("hub", True)
    assert store.identity("hub").key == good.key


def test_key_of_another_certificate(
    store: CredentialStore, good: CredentialsImport, site: Site
):
    assert refusal(store, replace(good, key=site.node.key)) == "key_mismatch"


def test_no_key_at_all(store: CredentialStore, good: CredentialsImport):
    assert refusal(store, replace(good, key="")) == "no_key"


def test_chain_to_another_authority(
    store: CredentialStore, good: CredentialsImport, site: Site
):
    wanted = replace(good, authorities=site.stranger.pem)
    assert refusal(store, wanted) == "untrusted"


def test_no_authority(store: CredentialStore, good: CredentialsImport):
    assert refusal(store, replace(good, authorities="")) == "no_authorities"


def test_device_as_an_authority(
    store: CredentialStore, good: CredentialsImport, site: Site
):
    wanted = replace(good, authorities=site.node.certificate)
    assert refusal(store, wanted) == "not_an_authority"


def test_expired(store: CredentialStore, good: CredentialsImport, site: Site):
    wanted = replace(good, certificate=site.expired.certificate, key=site.expired.key)
    assert refusal(store, wanted) == "expired"


def test_not_yet_valid(good: CredentialsImport):
    book = CredentialBook(CredentialFiles(None), lambda: utc_now() - timedelta(days=90))
    assert refusal(CredentialStore(book), good) == "not_yet_valid"


@pytest.mark.parametrize("text", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_unreadable(store: CredentialStore, good: CredentialsImport, text: str):
    assert refusal(store, replace(good, key=text or "x")) == "unreadable"
    if text:
        assert refusal(store, replace(good, certificate=text)) == "unreadable"


def test_text_without_end(store: CredentialStore, good: CredentialsImport):
    endless = good.certificate * 2000
    assert refusal(store, replace(good, certificate=endless)) == "unreadable"


def test_pkcs12_that_is_none(store: CredentialStore):
    for text in ("%%%", "AAAA"):
        wanted = CredentialsImport(pkcs12=text, passphrase="whatever it is")
        assert refusal(store, wanted) == "locked"


@needs_openssl
def test_chain_over_an_authority_between(
    store: CredentialStore, site: Site, tmp_path: Path
):
    between = _signed_by_an_authority_between(tmp_path, site)
    assert refusal(store, replace(between, certificate=_first(between))) == "untrusted"
    assert store.import_credentials(between).issuer == "CN=Between"
    assert store.identity("leaf").certificate.count("BEGIN") == 2


@needs_openssl
def test_authority_between_may_be_all_that_is_trusted(
    store: CredentialStore, site: Site, tmp_path: Path
):
    between = _signed_by_an_authority_between(tmp_path, site)
    alone = between.certificate.removeprefix(_first(between))
    wanted = replace(between, certificate=_first(between), authorities=alone)
    assert store.import_credentials(wanted).authorities[0].name == "CN=Between"


def _first(wanted: CredentialsImport) -> str:
    end = "-----END CERTIFICATE-----\n"
    return wanted.certificate[: wanted.certificate.index(end) + len(end)]


def _signed_by_an_authority_between(folder: Path, site: Site) -> CredentialsImport:
    """Return a leaf of CN=Between, which the site's authority signed, by openssl."""
    root = folder / "root.pem"
    key = site.authority.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    root.write_bytes(site.authority.pem.encode() + key)
    _sign(folder, "Between", root, "basicConstraints=critical,CA:TRUE")
    _sign(folder, "Leaf", folder / "Between.both", "basicConstraints=CA:FALSE")
    return CredentialsImport(
        certificate=(folder / "Leaf.pem").read_text()
        + (folder / "Between.pem").read_text(),
        key=(folder / "Leaf.key").read_text(),
        authorities=site.authority.pem,
    )


def _sign(folder: Path, name: str, issuer: Path, extension: str) -> None:
    foreign_request(folder, f"/CN={name}")
    own, key = folder / f"{name}.pem", folder / f"{name}.key"
    key.write_text((folder / "device.key").read_text())
    extensions = folder / "extensions"
    extensions.write_text(f"{extension}\nsubjectKeyIdentifier=hash\n")
    openssl(
        "x509", "-req", "-in", folder / "device.csr", "-CA", issuer, "-CAkey", issuer,
        "-set_serial", "7", "-days", "30", "-extfile", extensions, "-out", own,
    )  # fmt: skip
    (folder / f"{name}.both").write_text(own.read_text() + key.read_text())


def test_root_after_the_certificate_is_trusted_where_no_authority_is_named(
    store: CredentialStore, good: CredentialsImport, site: Site
):
    wanted = replace(
        good, certificate=good.certificate + site.authority.pem, authorities=""
    )
    assert store.import_credentials(wanted).authorities[0].name == "CN=Site authority"


def _self_signed(folder: Path, *extensions: str) -> CredentialsImport:
    options = [each for text in extensions for each in ("-addext", text)]
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-subj", "/CN=Odd", "-days", "30", *options,
        "-keyout", folder / "odd.key", "-out", folder / "odd.pem",
    )  # fmt: skip
    text = (folder / "odd.pem").read_text()
    return CredentialsImport(certificate=text, key=(folder / "odd.key").read_text())


@needs_openssl
def test_self_signed(store: CredentialStore, site: Site, tmp_path: Path):
    wanted = _self_signed(tmp_path, "basicConstraints=critical,CA:FALSE")
    wanted = replace(wanted, authorities=site.authority.pem)
    assert refusal(store, wanted) == "self_signed"


@needs_openssl
def test_certificate_of_an_authority(
    store: CredentialStore, site: Site, tmp_path: Path
):
    wanted = _self_signed(tmp_path)
    wanted = replace(wanted, authorities=site.authority.pem)
    assert refusal(store, wanted) == "is_an_authority"


@needs_openssl
@pytest.mark.parametrize(
    "use", ["extendedKeyUsage=emailProtection", "keyUsage=critical,keyAgreement"]
)
def test_certificate_for_something_else(
    store: CredentialStore, site: Site, tmp_path: Path, use: str
):
    wanted = _self_signed(tmp_path, "basicConstraints=critical,CA:FALSE", use)
    wanted = replace(wanted, authorities=site.authority.pem)
    assert refusal(store, wanted) == "wrong_use"


@needs_openssl
def test_encrypted_key_opens_with_its_passphrase(
    store: CredentialStore, good: CredentialsImport, tmp_path: Path
):
    locked = openssl("pkcs8", "-topk8", "-passout", "pass:correct horse", text=good.key)
    wrong = replace(good, key=locked, passphrase="battery staple")
    assert refusal(store, wrong) == "locked"
    assert refusal(store, replace(good, key=locked)) == "locked"
    store.import_credentials(replace(wrong, passphrase="correct horse"))
    assert store.identity("hub").key == good.key


@needs_openssl
def test_pkcs12_of_openssl_is_taken(store: CredentialStore, site: Site, tmp_path: Path):
    own, roots = tmp_path / "own.pem", tmp_path / "roots.pem"
    own.write_text(site.hub.certificate + site.hub.key)
    roots.write_text(site.authority.pem)
    packed = tmp_path / "hub.p12"
    openssl("pkcs12", "-export", "-in", own, "-certfile", roots, "-out", packed,
            "-passout", "pass:correct horse")  # fmt: skip
    summary = store.import_credentials(
        CredentialsImport(
            pkcs12=b64encode(packed.read_bytes()).decode(), passphrase="correct horse"
        )
    )
    assert [each.name for each in summary.authorities] == ["CN=Site authority"]

"""Credentials are made, signed and exchanged; openssl is the judge."""

from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from plantroom_server.secure_connect.pem import certificates_in

from custom_components.plantroom.engine.secure_connect.certificates import (
    CredentialsImport,
    CredentialsOrder,
    ExportOrder,
    ForeignRequest,
)

from .desk import NOW, PASSPHRASE, Desk, refused
from .openssl import foreign_request, needs_openssl, openssl


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

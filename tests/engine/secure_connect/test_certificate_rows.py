"""Rows name certificates by what everybody may know of them."""

from cryptography.hazmat.primitives.hashes import SHA256

from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
    StorageError,
)
from custom_components.plantroom.engine.secure_connect.certificate_rows import (
    failed_row,
    fingerprint_of,
    joined,
    subject_of,
    wanted_row,
)
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateOrder,
)
from tests.server.secure_connect.certificates import make_authority


def test_fingerprint_is_of_the_first_certificate():
    one, other = make_authority("One"), make_authority("Other")
    expected = one.certificate.fingerprint(SHA256()).hex()
    assert fingerprint_of(one.pem) == fingerprint_of(one.pem + other.pem) == expected


def test_authority_and_credentials_cannot_be_mistaken():
    assert subject_of("authority", "ab") == "authority:ab"
    assert subject_of("authority") == "authority:"
    assert subject_of("hub", "ab") == "credentials:hub"


def test_failure_says_the_reason_as_a_word_and_nothing_new():
    row = wanted_row("export_key", CertificateOrder(actor="Ada"), new="ab", detail="x")
    refused = CertificateRefusedError("A sentence", reason="locked")
    assert failed_row(row, refused).detail == "locked"
    broken = failed_row(row, StorageError("A sentence", path="", reason=""))
    assert (broken.actor, broken.new, broken.verdict) == ("Ada", None, "failed")
    assert broken.detail == "storage"


def test_what_is_not_known_is_not_said():
    assert joined("CN=Hub", "", "until 2027-01-01") == "CN=Hub; until 2027-01-01"

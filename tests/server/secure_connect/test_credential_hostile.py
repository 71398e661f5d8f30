"""Whatever is uploaded or sent to be signed is refused in our own words, or fits."""

import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from plantroom_server.secure_connect.credential_book import CredentialBook
from plantroom_server.secure_connect.credential_files import CredentialFiles
from plantroom_server.secure_connect.credential_store import CredentialStore
from plantroom_server.secure_connect.site_authority import SiteAuthority

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    ExportOrder,
    ForeignRequest,
)

from .certificates import Site

ROUNDS = 400
# Numbers that RFC 5280 forbids and devices have all the same: a warning, no refusal
pytestmark = pytest.mark.filterwarnings(
    "ignore::cryptography.utils.CryptographyDeprecationWarning"
)


def mutated(octets: bytes, chance: random.Random) -> bytes:
    """Return octets with some changed, left out or put in."""
    made = bytearray(octets)
    # What is put in may be what was there
    while made == octets:
        _mutate(made, chance)
    return bytes(made)


def _mutate(made: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        match chance.randrange(3):
            case 0:
                made[at] = chance.randrange(256)
            case 1:
                del made[at : at + chance.randint(1, 8)]
            case _:
                made[at:at] = chance.randbytes(chance.randint(1, 8))


def as_pem(octets: bytes, label: str) -> str:
    body = b64encode(octets).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def is_refused(act: Callable[[], object]) -> bool:
    """Return whether something is refused; raises what is no refusal."""
    try:
        act()
    except CertificateRefusedError:
        return True
    return False


@pytest.fixture
def book() -> CredentialBook:
    return CredentialBook(CredentialFiles(None))


@pytest.fixture
def store(book: CredentialBook) -> CredentialStore:
    SiteAuthority(book).make(AuthorityOrder(name="Tower"))
    return CredentialStore(book)


def test_mutated_certificates_and_authorities(store: CredentialStore, site: Site):
    chance = random.Random(1)
    good = CredentialsImport(
        certificate=site.hub.certificate,
        key=site.hub.key,
        authorities=site.authority.pem,
    )
    own = x509.load_pem_x509_certificate(good.certificate.encode())
    root = site.authority.certificate
    refused = 0
    for number in range(ROUNDS):
        which, octets = (
            ("certificate", own.public_bytes(Encoding.DER))
            if number % 2
            else ("authorities", root.public_bytes(Encoding.DER))
        )
        wrong = {which: as_pem(mutated(octets, chance), "CERTIFICATE")}
        refused += is_refused(partial(store.import_credentials, replace(good, **wrong)))
    assert refused > ROUNDS // 2
    assert store.stock().authorities


def test_mutated_requests(store: CredentialStore, book: CredentialBook):
    chance = random.Random(2)
    authority = SiteAuthority(book)
    text = store.request(CredentialsOrder(name="Node", host_names=("a.b",))).request
    octets = x509.load_pem_x509_csr(text.encode()).public_bytes(Encoding.DER)
    refused = 0
    for _ in range(ROUNDS):
        wrong = as_pem(mutated(octets, chance), "CERTIFICATE REQUEST")
        refused += is_refused(partial(authority.sign, ForeignRequest(request=wrong)))
    assert refused == ROUNDS  # nobody can sign what was changed


def test_mutated_pkcs12(store: CredentialStore):
    chance = random.Random(3)
    store.issue(CredentialsOrder(name="Hub"))
    order = ExportOrder(credentials_id="hub", passphrase="correct horse")
    octets = b64decode(store.export(order).pkcs12)
    for _ in range(60):  # each derives a key
        wrong = b64encode(mutated(octets, chance)).decode()
        order = CredentialsImport(pkcs12=wrong, passphrase="correct horse")
        is_refused(partial(store.import_credentials, order))
    assert store.identity("hub")

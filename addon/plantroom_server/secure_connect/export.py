"""What leaves this machine: certificates as PEM, keys only under a passphrase."""

from base64 import b64encode
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    pkcs12,
)

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    SHORTEST_PASSPHRASE,
    CertificateFault,
)

from .pem import Key


def pkcs12_of(
    name: str,
    key: Key,
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    passphrase: str,
) -> str:
    """Return key, certificate, chain and authorities as a PKCS#12 in Base64."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise CertificateRefusedError(
            f"A key leaves only under a passphrase: type {SHORTEST_PASSPHRASE} "
            "characters or more",
            reason=CertificateFault.TOO_SHORT,
            characters=SHORTEST_PASSPHRASE,
        )
    data = pkcs12.serialize_key_and_certificates(
        name.encode(),
        key,
        certificate,
        [*others],
        BestAvailableEncryption(passphrase.encode()),
    )
    return b64encode(data).decode("ascii")

"""Reads and writes certificates, keys and requests; what comes in is hostile."""

from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateFault,
)

LONGEST_TEXT: Final = 256 * 1024
MOST_CERTIFICATES: Final = 32
SHORTEST_RSA: Final = 2048
CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

type Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_CANNOT_READ: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def certificates_in(text: str, what: str) -> list[x509.Certificate]:
    """Return the certificates in a PEM text, none for an empty one."""
    _check_length(text, what)
    if not text.strip():
        return []
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        _read_through(found)
    except _CANNOT_READ:
        raise _unreadable(what, "-----BEGIN CERTIFICATE-----") from None
    if len(found) > MOST_CERTIFICATES:
        raise CertificateRefusedError(
            f"The {what} holds {len(found)} certificates: give {MOST_CERTIFICATES} "
            "at most, those of this site",
            reason=CertificateFault.UNREADABLE,
            what=what,
        )
    return found


def request_in(text: str) -> x509.CertificateSigningRequest:
    """Return the request in a PEM text."""
    _check_length(text, "request")
    try:
        request = x509.load_pem_x509_csr(text.encode())
        _ = request.subject, request.public_key(), request.extensions
    except _CANNOT_READ:
        raise _unreadable("request", "-----BEGIN CERTIFICATE REQUEST-----") from None
    return request


def key_in(text: str, passphrase: str) -> Key:
    """Return the private key in a PEM text; passphrase: "" for one without."""
    _check_length(text, "key")
    is_locked = "ENCRYPTED" in text
    try:
        key = load_pem_private_key(
            text.encode(), passphrase.encode() if is_locked and passphrase else None
        )
    except _CANNOT_READ:
        # Without its cause: a parser's message may quote what it could not read
        if is_locked:
            raise locked("key") from None
        raise _unreadable("key", "-----BEGIN PRIVATE KEY-----") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise weak_key("The key")
    return key


def pkcs12_in(
    data: bytes, passphrase: str
) -> tuple[Key | None, list[x509.Certificate]]:
    """Return the key and the certificates of a PKCS#12, the key's own one first."""
    if len(data) > LONGEST_TEXT:
        raise _unreadable("PKCS#12 file", "")
    try:
        found = pkcs12.load_pkcs12(data, passphrase.encode() if passphrase else None)
        own = [found.cert.certificate] if found.cert is not None else []
        others = [each.certificate for each in found.additional_certs]
        _read_through([*own, *others])
    except _CANNOT_READ:
        raise locked("PKCS#12 file") from None
    if found.key is None:
        return None, [*own, *others]
    if not isinstance(found.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise weak_key("The key")
    return found.key, [*own, *others]


def pem_of(certificates: Iterable[x509.Certificate]) -> str:
    """Return certificates as one PEM text."""
    return "".join(
        each.public_bytes(Encoding.PEM).decode("ascii") for each in certificates
    )


def pem_of_key(key: Key) -> str:
    """Return a key in PEM, without a passphrase: for this machine alone."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(
        "ascii"
    )


def public_octets(
    holder: x509.Certificate | x509.CertificateSigningRequest | Key,
) -> bytes:
    """Return the public key as SubjectPublicKeyInfo, by which a key is known."""
    return holder.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def is_strong(public_key: object) -> bool:
    """Return whether a public key may be used: P-256 to P-521, or RSA from 2048 bit."""
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return isinstance(public_key.curve, CURVES)
    return (
        isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= SHORTEST_RSA
    )


def locked(what: str) -> CertificateRefusedError:
    """Return the refusal of what its passphrase does not open."""
    return CertificateRefusedError(
        f"The {what} does not open with this passphrase: type the one that it was "
        "saved with",
        reason=CertificateFault.LOCKED,
        what=what,
    )


def weak_key(what: str) -> CertificateRefusedError:
    """Return the refusal of a key that others would not rely on."""
    return CertificateRefusedError(
        f"{what} is too weak or of an unusual kind: use an elliptic curve key "
        f"(P-256, P-384 or P-521), or RSA with {SHORTEST_RSA} bit or more",
        reason=CertificateFault.WEAK_KEY,
    )


def _read_through(certificates: Iterable[x509.Certificate]) -> None:
    """Raise now what a certificate would raise whenever it is used."""
    for each in certificates:
        _ = each.subject, each.issuer, each.extensions, each.signature_hash_algorithm
        public_octets(each)


def _check_length(text: str, what: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise _unreadable(what, "")


def _unreadable(what: str, begins: str) -> CertificateRefusedError:
    advice = f', which begins with "{begins}"' if begins else ""
    return CertificateRefusedError(
        f"The {what} cannot be read: give it as PEM text{advice}",
        reason=CertificateFault.UNREADABLE,
        what=what,
    )

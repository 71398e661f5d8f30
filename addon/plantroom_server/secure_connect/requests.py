"""Requests for certificates: our own, and those of other makers' devices."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateFault,
    RequestContents,
)

from .authority import general_names, subject_of
from .pem import Key, is_strong, request_in, weak_key

# What a subject may say; anything else a device writes there is left out
_SUBJECT = (
    NameOID.COMMON_NAME,
    NameOID.SERIAL_NUMBER,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.COUNTRY_NAME,
)
_LONGEST_NAME = 64


def made_request(name: str, host_names: tuple[str, ...], key: Key) -> str:
    """Return a request for a certificate of a key of ours, in PEM (PKCS#10)."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject_of(name))
    names = general_names(host_names)
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
    request = builder.sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode("ascii")


def checked_request(text: str) -> x509.CertificateSigningRequest:
    """Return a request whose sender has its key, which is a good one."""
    request = request_in(text)
    try:
        signed = request.is_signature_valid
        public_key = request.public_key()
    except ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature:
        signed, public_key = False, None
    if not signed:
        raise CertificateRefusedError(
            "The request is not signed with its own key: have the device make it anew",
            reason=CertificateFault.BAD_SIGNATURE,
        )
    if not is_strong(public_key):
        raise weak_key("The key of the request")
    return request


def public_key_of(
    request: x509.CertificateSigningRequest,
) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """Return the key of a request that was checked."""
    key = request.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return key
    raise weak_key("The key of the request")


def subject_in(request: x509.CertificateSigningRequest) -> x509.Name:
    """Return who a request names, of that only what certificates of a site need."""
    kept = [
        x509.NameAttribute(each.oid, each.value)
        for wanted in _SUBJECT
        for each in request.subject.get_attributes_for_oid(wanted)[:1]
        if isinstance(each.value, str) and _is_plain(each.value)
    ]
    if not any(each.oid == NameOID.COMMON_NAME for each in kept):
        raise CertificateRefusedError(
            "The request does not name the device: have the device make one with a "
            "common name (CN) of 1 to 64 letters",
            reason=CertificateFault.BAD_NAME,
            name="CN",
        )
    return x509.Name(kept)


def contents_of(request: x509.CertificateSigningRequest) -> RequestContents:
    """Return what a request says, for the person who is to sign it."""
    return RequestContents(
        subject=subject_in(request).rfc4514_string(),
        key=_key_name(public_key_of(request)),
        host_names=_names_asked(request),
    )


def _names_asked(request: x509.CertificateSigningRequest) -> tuple[str, ...]:
    try:
        names = request.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound, x509.DuplicateExtension, ValueError:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return tuple(each for each in (*hosts, *addresses) if each.isprintable())[:20]


def _key_name(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}"


def _is_plain(value: str) -> bool:
    return 1 <= len(value) <= _LONGEST_NAME and value.isprintable()

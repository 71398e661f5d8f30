"""Whether a certificate can name us: its key, its chain, its use, its time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateFault,
)

from .pem import Key, is_strong, public_octets, weak_key

ANY_USE = ObjectIdentifier("2.5.29.37.0")  # RFC 5280, 4.2.1.12


def check_key(certificate: x509.Certificate, key: Key) -> None:
    """Refuse a key that is not the certificate's."""
    if public_octets(certificate) != public_octets(key):
        raise CertificateRefusedError(
            "The key is not the one of the certificate: give the key that the "
            "certificate was requested with",
            reason=CertificateFault.KEY_MISMATCH,
        )


def check_own(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate that cannot name us, whoever issued it."""
    if is_authority(certificate):
        raise CertificateRefusedError(
            f"{name_of(certificate)} is the certificate of an authority: give the one "
            "that was issued for this device",
            reason=CertificateFault.IS_AN_AUTHORITY,
            subject=name_of(certificate),
        )
    if not is_strong(certificate.public_key()):
        raise weak_key(f"The key of {name_of(certificate)}")
    check_time(certificate, now)
    if not may(certificate, ExtendedKeyUsageOID.CLIENT_AUTH):
        raise CertificateRefusedError(
            f"{name_of(certificate)} may not be used to connect: have it issued for "
            "TLS client and server authentication, with digital signature",
            reason=CertificateFault.WRONG_USE,
            subject=name_of(certificate),
        )


def check_time(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate that is not valid now."""
    begins = certificate.not_valid_before_utc
    ends = certificate.not_valid_after_utc
    if now > ends:
        raise CertificateRefusedError(
            f"{name_of(certificate)} expired on {ends:%Y-%m-%d}: have it issued anew",
            reason=CertificateFault.EXPIRED,
            subject=name_of(certificate),
            date=f"{ends:%Y-%m-%d}",
        )
    if now < begins:
        raise CertificateRefusedError(
            f"{name_of(certificate)} is valid from {begins:%Y-%m-%d} on: check this "
            "machine's clock, or wait",
            reason=CertificateFault.NOT_YET_VALID,
            subject=name_of(certificate),
            date=f"{begins:%Y-%m-%d}",
        )


def check_authorities(authorities: Iterable[x509.Certificate]) -> None:
    """Refuse to trust what may not issue certificates."""
    for each in authorities:
        if not is_authority(each):
            raise CertificateRefusedError(
                f"{name_of(each)} is not the certificate of an authority: give the "
                "certificate of who signs the devices of this site",
                reason=CertificateFault.NOT_AN_AUTHORITY,
                subject=name_of(each),
            )


def check_chain(
    certificate: x509.Certificate,
    between: Sequence[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    now: datetime,
) -> None:
    """Refuse a certificate from which no chain leads to an authority."""
    if not authorities:
        raise CertificateRefusedError(
            "There is no authority to trust: give the certificate of who signs the "
            "devices of this site",
            reason=CertificateFault.NO_AUTHORITIES,
        )
    if is_self_signed(certificate):
        raise CertificateRefusedError(
            f"{name_of(certificate)} is signed by itself: have it signed by the site's "
            "authority",
            reason=CertificateFault.SELF_SIGNED,
            subject=name_of(certificate),
        )
    if not leads(certificate, between, authorities, now):
        issuer = certificate.issuer.rfc4514_string()
        raise CertificateRefusedError(
            f"{name_of(certificate)} was issued by {issuer}, from which nothing leads "
            "to the authorities given: give that issuer's certificate too",
            reason=CertificateFault.UNTRUSTED,
            subject=name_of(certificate),
            issuer=issuer,
        )


def leads(
    certificate: x509.Certificate,
    between: Sequence[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    now: datetime,
) -> bool:
    """Return whether a chain leads to one of the authorities, valid at that time."""
    valid = [each for each in authorities if _is_valid(each, now)]
    # An authority that is trusted though it is not a root vouches by itself
    if any(has_issued(each, certificate) for each in valid):
        return True
    if not valid:
        return False
    verifier = (
        PolicyBuilder()
        .store(Store(valid))
        .time(now)
        .extension_policies(
            ca_policy=ExtensionPolicy.permit_all().require_present(
                x509.BasicConstraints, Criticality.AGNOSTIC, None
            ),
            ee_policy=ExtensionPolicy.permit_all(),
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, [*between])
    except VerificationError:
        return False
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate says that it may issue others."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound, ValueError:
        return False
    return found.value.ca


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Return whether nobody but itself vouches for a certificate."""
    return has_issued(certificate, certificate)


def may(certificate: x509.Certificate, use: ObjectIdentifier) -> bool:
    """Return whether a certificate may be used so; without a list, for everything."""
    try:
        extensions = certificate.extensions
    except ValueError:
        return False
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.digital_signature:
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        uses = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return use in uses or ANY_USE in uses


def has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Return whether an issuer signed a certificate, and is named in it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm:
        return False
    return True


def can_serve(certificate: x509.Certificate) -> bool:
    """Return whether a hub may use the certificate."""
    return may(certificate, ExtendedKeyUsageOID.SERVER_AUTH)


def name_of(certificate: x509.Certificate) -> str:
    """Return the subject for people, "CN=Boiler room,O=Site"."""
    return certificate.subject.rfc4514_string() or f"No. {certificate.serial_number:x}"


def common_name_of(certificate: x509.Certificate) -> str:
    """Return what a certificate calls its owner."""
    for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        if isinstance(each.value, str) and each.value.strip():
            return each.value.strip()
    return name_of(certificate)


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def _is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc

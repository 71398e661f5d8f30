"""Credentials and authorities as clients see them: never a key."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthoritySummary,
    CertificateStock,
    CredentialsSummary,
)

from .checks import can_serve, name_of
from .credential_records import CredentialsRecord, Kept
from .pem import pem_of, request_in


def stock_of(kept: Kept) -> CertificateStock:
    """Return all that is kept, in the order of its names."""
    records = sorted(kept.credentials.values(), key=lambda each: each.credentials_id)
    return CertificateStock(
        credentials=tuple(summary_of(each, kept) for each in records),
        authorities=tuple(authority_summary(each, kept) for each in kept.authorities),
        issued=kept.authority.issued,
    )


def summary_of(record: CredentialsRecord, kept: Kept) -> CredentialsSummary:
    """Return what there is to know of credentials."""
    chain = record.chain()
    asked = CredentialsSummary(
        credentials_id=record.credentials_id,
        name=record.name,
        host_names=record.host_names,
        request=record.request,
        has_key=_has_key(record, kept),
    )
    if not chain:
        return asked
    own = chain[0]
    return CredentialsSummary(
        credentials_id=record.credentials_id,
        name=record.name,
        subject=name_of(own),
        issuer=own.issuer.rfc4514_string(),
        fingerprint=fingerprint_of(own),
        host_names=record.host_names,
        starts_at=own.not_valid_before_utc,
        expires_at=own.not_valid_after_utc,
        has_key=asked.has_key,
        issued_here=kept.is_ours(own),
        can_serve=can_serve(own),
        request=record.request,
        authorities=tuple(
            authority_summary(each, kept) for each in kept.trusted_by(record)
        ),
    )


def authority_summary(certificate: x509.Certificate, kept: Kept) -> AuthoritySummary:
    """Return what there is to know of an authority."""
    ours = kept.authorities[:1]
    return AuthoritySummary(
        fingerprint=fingerprint_of(certificate),
        name=name_of(certificate),
        starts_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        certificate=pem_of([certificate]),
        signs=certificate in ours and kept.key_of(certificate) is not None,
    )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, as hexadecimal."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _has_key(record: CredentialsRecord, kept: Kept) -> bool:
    """Return whether the certificate can be used, or the answer to a request."""
    chain = record.chain()
    if chain:
        return kept.key_of(chain[0]) is not None
    return bool(record.request) and kept.key_of(request_in(record.request)) is not None

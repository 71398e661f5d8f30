"""Audit rows about certificates: never a key, a passphrase or a text in PEM; pure."""

import hashlib
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ..errors import CertificateRefusedError, PlantroomError
from ..models import PointValue
from ..storage.audit_log import AuditEntry
from .certificates import (
    AUTHORITY_ID,
    AuthoritySummary,
    CertificateOrder,
    CertificateStock,
    CredentialsSummary,
    SignedCertificate,
)

LONGEST_FINGERPRINT: Final = 64
LONGEST_VALUE: Final = 200


def wanted_row(
    action: str,
    order: CertificateOrder,
    subject: str = "",
    *,
    old: PointValue = None,
    new: PointValue = None,
    detail: str = "",
) -> AuditEntry:
    """Return the row of an order that is about to be carried out."""
    return AuditEntry(
        at=datetime.now(UTC),
        actor=order.actor,
        action=action,
        point_id=subject,
        old=old,
        new=new,
        priority=None,
        verdict="requested",
        detail=detail,
        via=order.via,
    )


def failed_row(row: AuditEntry, err: PlantroomError) -> AuditEntry:
    """Return the row of an order that was refused or went wrong, with why."""
    return replace(
        row, at=datetime.now(UTC), new=None, verdict="failed", detail=reason_of(err)
    )


def done_row(row: AuditEntry, subject: str = "", new: PointValue = None) -> AuditEntry:
    """Return the row of an order that was carried out as it was given.

    subject, new: where they are known only now.
    """
    return replace(
        row,
        at=datetime.now(UTC),
        point_id=subject or row.point_id,
        new=row.new if new is None else new,
        verdict="verified",
    )


def authority_row(row: AuditEntry, made: AuthoritySummary) -> AuditEntry:
    """Return the row of an authority that was made."""
    return replace(
        done_row(row),
        point_id=f"authority:{made.fingerprint}",
        new=made.fingerprint,
        detail=joined(made.name, _until(made.expires_at)),
    )


def credentials_row(
    row: AuditEntry, found: CredentialsSummary, before: CertificateStock
) -> AuditEntry:
    """Return the row of credentials that have a certificate now.

    before: what there was until then; old is the fingerprint of what is replaced.
    """
    issuer = f"issued by {found.issuer}" if found.issuer else ""
    hosts = ", ".join(found.host_names)
    return replace(
        done_row(row),
        point_id=subject_of(found.credentials_id, found.fingerprint),
        old=fingerprint_in(before, found.credentials_id),
        new=found.fingerprint or None,
        detail=joined(found.subject, issuer, hosts, _until(found.expires_at)),
    )


def signed_row(row: AuditEntry, signed: SignedCertificate) -> AuditEntry:
    """Return the row of a request that was signed; its order said hosts and days."""
    until = _until(signed.expires_at)
    return replace(
        done_row(row),
        new=fingerprint_of(signed.certificate),
        detail=joined(signed.subject, row.detail, until),
    )


def trust_row(
    row: AuditEntry, found: CredentialsSummary, before: CertificateStock
) -> AuditEntry:
    """Return the row of authorities that credentials trust from now on."""
    known = credentials_in(before, found.credentials_id)
    trusted = (
        set() if known is None else {each.fingerprint for each in known.authorities}
    )
    added = [each for each in found.authorities if each.fingerprint not in trusted]
    fingerprints = ", ".join(each.fingerprint for each in added)
    return replace(
        done_row(row),
        new=fingerprints[:LONGEST_VALUE] or None,
        detail=joined(*(each.name for each in added)),
    )


def subject_of(credentials_id: str, fingerprint: str | None = None) -> str:
    """Return what a row is about: credentials by id, the authority by fingerprint."""
    if credentials_id == AUTHORITY_ID:
        return f"authority:{fingerprint or ''}"
    return f"credentials:{credentials_id}"


def credentials_in(
    stock: CertificateStock, credentials_id: str
) -> CredentialsSummary | None:
    """Return credentials by their id, None for those that there are not."""
    for each in stock.credentials:
        if each.credentials_id == credentials_id:
            return each
    return None


def fingerprint_in(stock: CertificateStock, credentials_id: str) -> str | None:
    """Return the fingerprint of credentials or of the authority that signs, or None."""
    if credentials_id == AUTHORITY_ID:
        return next((each.fingerprint for each in stock.authorities), None)
    known = credentials_in(stock, credentials_id)
    return None if known is None else known.fingerprint or None


def fingerprint_of(pem: str) -> str:
    """Return the SHA-256 of the first certificate in a text, hexadecimal."""
    end = "-----END CERTIFICATE-----"
    first = pem.partition(end)[0] + end
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


def reason_of(err: PlantroomError) -> str:
    """Return why something was refused, as a word."""
    return err.reason if isinstance(err, CertificateRefusedError) else err.code


def joined(*facts: str) -> str:
    """Return what is known of facts as one text."""
    return "; ".join(fact for fact in facts if fact)


def _until(expires_at: datetime | None) -> str:
    return "" if expires_at is None else f"until {expires_at:%Y-%m-%d}"

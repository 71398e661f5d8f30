"""Who a node is by its certificate."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509

MOST_SUBJECT: Final = 200
_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCertificate:
    """subject: as RFC 4514 writes it, "CN=VAV 12", "" when it cannot be read."""

    subject: str
    expires: datetime


def node_certificate(tls: ssl.SSLObject | None) -> NodeCertificate:
    """Return who is on the other side; OpenSSL has verified the certificate."""
    data = tls.getpeercert(binary_form=True) if tls is not None else None
    if not data:
        return NodeCertificate(subject="", expires=_NEVER)
    try:
        found = x509.load_der_x509_certificate(data)
        expires = found.not_valid_after_utc
        subject = found.subject.rfc4514_string()
    except ValueError:
        # OpenSSL takes more than cryptography does; it checked the time already
        return NodeCertificate(subject="", expires=_NEVER)
    printable = "".join(each if each.isprintable() else "?" for each in subject)
    return NodeCertificate(subject=printable[:MOST_SUBJECT], expires=expires)

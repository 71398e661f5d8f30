"""When people are told that a certificate expires (pure rules)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..models import Problem, ProblemCode
from .certificates import CertificateStock, CredentialsSummary

TOLD_DAYS_BEFORE: Final = (7, 30, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What ends, and when; renewable: our own authority issues it anew."""

    subject: str
    name: str
    expires_at: datetime
    renewable: bool


def problems_of(stock: CertificateStock, now: datetime) -> list[Problem]:
    """Return what people have to mend, of credentials and of the authority that signs."""
    found = [_key_problem(each) for each in stock.credentials]
    found += [_expiry_problem(each, now) for each in _ends(stock)]
    return [each for each in found if each is not None]


def days_told(expires_at: datetime, now: datetime) -> int | None:
    """Return 7, 30 or 60: how many days before the end it is, 0 after it."""
    left = expires_at - now
    if left <= timedelta(0):
        return 0
    for days in TOLD_DAYS_BEFORE:
        if left <= timedelta(days=days):
            return days
    return None


def _ends(stock: CertificateStock) -> list[Expiry]:
    signs = any(each.signs for each in stock.authorities)
    ends = [
        Expiry(
            subject=each.credentials_id,
            name=each.name,
            expires_at=each.expires_at,
            renewable=each.issued_here and signs,
        )
        for each in stock.credentials
        if each.expires_at is not None
    ]
    authority = [
        Expiry(
            subject=f"authority:{each.fingerprint}",
            name=each.name,
            expires_at=each.expires_at,
            renewable=False,
        )
        for each in stock.authorities[:1]
    ]
    return [*ends, *authority]


def _expiry_problem(each: Expiry, now: datetime) -> Problem | None:
    days = days_told(each.expires_at, now)
    if days is None:
        return None
    is_authority = each.subject.startswith("authority:")
    code = ProblemCode.CERTIFICATE_EXPIRES if days else ProblemCode.CERTIFICATE_EXPIRED
    if is_authority:
        code = ProblemCode.AUTHORITY_EXPIRES
    return Problem(
        code=code,
        subject=each.subject,
        facts={
            "name": each.name,
            "days": str(days),
            "date": f"{each.expires_at:%Y-%m-%d}",
            "renewable": "yes" if each.renewable else "",
        },
    )


def _key_problem(each: CredentialsSummary) -> Problem | None:
    if each.has_key:
        return None
    renewable = "yes" if each.issued_here else ""
    return Problem(
        code=ProblemCode.KEY_GONE,
        subject=each.credentials_id,
        facts={"name": each.name, "renewable": renewable},
    )

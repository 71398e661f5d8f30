"""Certificates that name us on BACnet/SC, and what is asked about them."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..checks import require

CREDENTIALS_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# In place of an id of credentials: our own authority, to be kept safe and restored
AUTHORITY_ID: Final = "authority"
SHORTEST_PASSPHRASE: Final = 8
OWN_DAYS: Final = 730
OTHERS_DAYS: Final = 1825
MOST_DAYS: Final = 36500
MOST_NAMES: Final = 20


class CertificateFault(StrEnum):
    """Why certificates, keys or requests are refused; the reason of the error."""

    UNREADABLE = "unreadable"
    LOCKED = "locked"
    TOO_SHORT = "too_short"
    NO_KEY = "no_key"
    KEY_MISMATCH = "key_mismatch"
    WEAK_KEY = "weak_key"
    NO_AUTHORITIES = "no_authorities"
    NO_AUTHORITY = "no_authority"
    NOT_AN_AUTHORITY = "not_an_authority"
    IS_AN_AUTHORITY = "is_an_authority"
    SELF_SIGNED = "self_signed"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_USE = "wrong_use"
    BAD_SIGNATURE = "bad_signature"
    BAD_NAME = "bad_name"
    IN_USE = "in_use"
    NOT_OURS = "not_ours"
    NO_CERTIFICATE = "no_certificate"
    TAKEN = "taken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySummary:
    """A certificate authority; fingerprint: SHA-256 as hexadecimal.

    certificate: in PEM. signs: whether its key is here and new certificates are signed
    with it; an earlier authority of ours is only trusted still.
    """

    fingerprint: str
    name: str
    starts_at: datetime
    expires_at: datetime
    certificate: str = field(repr=False)
    signs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsSummary:
    """A certificate and key that name us, or a request that waits for a certificate.

    starts_at, expires_at: None before there is a certificate. has_key: backups leave
    keys out. issued_here: by our own authority, which renews it. can_serve: usable by a
    hub too. request: in PEM, while one waits for its answer.
    """

    credentials_id: str
    name: str
    subject: str = ""
    issuer: str = ""
    fingerprint: str = ""
    host_names: tuple[str, ...] = ()
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    has_key: bool = True
    issued_here: bool = False
    can_serve: bool = False
    request: str = field(default="", repr=False)
    authorities: tuple[AuthoritySummary, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate that our authority signed for another maker's device."""

    serial: str
    subject: str
    authority: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStock:
    """All certificates kept; authorities: our own, the one that signs first."""

    credentials: tuple[CredentialsSummary, ...] = ()
    authorities: tuple[AuthoritySummary, ...] = ()
    issued: tuple[IssuedCertificate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOrder:
    """Who wants something of certificates, for the audit log; via: what acts for them."""

    actor: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityOrder(CertificateOrder):
    """Make an authority of our own; where there is one, it is followed by this one."""

    name: str
    days: int = 7300

    def __post_init__(self) -> None:
        """Refuse what no certificate can say."""
        _require_name(self.name)
        require(365 <= self.days <= MOST_DAYS, "days", f"must be 365 to {MOST_DAYS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsOrder(CertificateOrder):
    """Issue credentials with our authority, or make a request for another's signature.

    credentials_id: "" for one made of the name. host_names: DNS names and IP addresses
    under which others reach us, for those that check them.
    """

    name: str
    credentials_id: str = ""
    host_names: tuple[str, ...] = ()
    days: int = OWN_DAYS

    def __post_init__(self) -> None:
        """Refuse what no certificate can say."""
        _require_name(self.name)
        _require_id(self.credentials_id)
        _require_names(self.host_names)
        _require_days(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsImport(CertificateOrder):
    """Certificates issued elsewhere; the answer to a request of ours needs no key.

    credentials_id: of the ones that wait for it or are replaced, "" for new ones.
    certificate: PEM, issuers that are no authorities after it. pkcs12: Base64; brings
    certificate, key and authorities, to which those in authorities are added.
    """

    name: str = ""
    credentials_id: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    authorities: str = field(default="", repr=False)
    pkcs12: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse an import of nothing."""
        _require_id(self.credentials_id)
        require(
            bool(self.certificate) != bool(self.pkcs12),
            "certificate",
            "or pkcs12 is needed, one of them",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRequest(CertificateOrder):
    """A request of another maker's device to be signed, in PEM.

    host_names: that its certificate vouches for; what the request asks for does not
    count, because a device must not choose whose name it bears.
    """

    request: str = field(repr=False)
    host_names: tuple[str, ...] = ()
    days: int = OTHERS_DAYS

    def __post_init__(self) -> None:
        """Refuse what no certificate can say."""
        _require_names(self.host_names)
        _require_days(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContents:
    """What a request says; host_names: those that it asks for."""

    subject: str
    key: str
    host_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCertificate:
    """The answer to a request, in PEM; authorities: whom the device has to trust."""

    certificate: str = field(repr=False)
    authorities: str = field(repr=False)
    subject: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder(CertificateOrder):
    """Hand credentials out; passphrase: of the PKCS#12 with the key, "" without one."""

    credentials_id: str
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCredentials:
    """Certificate with its chain and authorities in PEM; pkcs12: Base64, "" without."""

    certificate: str = field(repr=False)
    authorities: str = field(repr=False)
    pkcs12: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustOrder(CertificateOrder):
    """Whom credentials trust besides: authorities in PEM, added to those there are."""

    credentials_id: str
    authorities: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrustOrder(CertificateOrder):
    """Trust an authority no longer; credentials_id: "" for an earlier one of ours."""

    fingerprint: str
    credentials_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewOrder(CertificateOrder):
    """Issue credentials of our own authority anew."""

    credentials_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOrder(CertificateOrder):
    """Forget credentials and their key."""

    credentials_id: str


def _require_name(name: str) -> None:
    # RFC 5280, upper bound of a common name
    good = 1 <= len(name.strip()) <= 64 and name.isprintable()
    require(good, "name", "must be 1 to 64 printable characters")


def _require_id(credentials_id: str) -> None:
    good = not credentials_id or CREDENTIALS_ID.fullmatch(credentials_id)
    require(bool(good), "credentials_id", "must be of a-z, 0-9, - and _, 63 at most")


def _require_names(host_names: tuple[str, ...]) -> None:
    require(
        len(host_names) <= MOST_NAMES, "host_names", f"must be {MOST_NAMES} at most"
    )


def _require_days(days: int) -> None:
    require(1 <= days <= MOST_DAYS, "days", f"must be 1 to {MOST_DAYS}")

"""What is kept of credentials and of our authority, and all of it read at once."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cryptography import x509

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    OWN_DAYS,
    CertificateFault,
    IssuedCertificate,
)
from custom_components.plantroom.engine.storage.forms import Form

from .authority import Authority
from .checks import has_issued
from .credential_files import KEY, RECORD, CredentialFiles, key_file
from .pem import Key, certificates_in, key_in, request_in

_LOGGER = logging.getLogger(__name__)

AUTHORITY_FILE: Final = f"site.authority{RECORD}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsRecord:
    """One certificate of ours; texts are PEM.

    certificate: with those between it and the authority. authorities: trusted besides
    our own, where ours issued it. request: that waits for its answer.
    """

    credentials_id: str
    name: str
    host_names: tuple[str, ...] = ()
    days: int = OWN_DAYS
    certificate: str = ""
    authorities: str = ""
    request: str = ""

    def chain(self) -> list[x509.Certificate]:
        """Return our certificate and those after it, none while it is asked for."""
        return certificates_in(self.certificate, "certificate")

    def trusted(self) -> list[x509.Certificate]:
        """Return the authorities of this record alone."""
        return certificates_in(self.authorities, "authorities")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRecord:
    """Our authority: its certificates in PEM, the one that signs first."""

    certificates: str = ""
    issued: tuple[IssuedCertificate, ...] = ()


CREDENTIALS: Final = Form(CredentialsRecord, "Credentials")
AUTHORITY: Final = Form(AuthorityRecord, "The authority")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """All that is kept, as of one moment; keys: PEM by file name."""

    credentials: Mapping[str, CredentialsRecord] = field(default_factory=dict)
    authority: AuthorityRecord = AuthorityRecord()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def authorities(self) -> list[x509.Certificate]:
        """Return the certificates of our own authority, the one that signs first."""
        return certificates_in(self.authority.certificates, "authority")

    def record(self, credentials_id: str) -> CredentialsRecord:
        """Return a record; raises CertificateRefusedError without one."""
        found = self.credentials.get(credentials_id)
        if found is None:
            raise CertificateRefusedError(
                f"There are no credentials {credentials_id}: choose some that there "
                "are, or make or import them first",
                reason=CertificateFault.UNKNOWN,
                credentials=credentials_id,
            )
        return found

    def key_of(
        self, holder: x509.Certificate | x509.CertificateSigningRequest
    ) -> Key | None:
        """Return the key of a certificate or request, None when it is not here."""
        text = self.keys.get(key_file(holder))
        return None if text is None else key_in(text, "")

    def signing(self) -> Authority:
        """Return our authority; raises CertificateRefusedError when it cannot sign."""
        key = self.key_of(self.authorities[0]) if self.authorities else None
        if key is None:
            raise CertificateRefusedError(
                "There is no authority here that could sign: make one first, or import "
                "the key of the one there was",
                reason=CertificateFault.NO_AUTHORITY,
            )
        return Authority(certificate=self.authorities[0], key=key)

    def is_ours(self, certificate: x509.Certificate) -> bool:
        """Return whether our own authority issued a certificate."""
        return any(has_issued(each, certificate) for each in self.authorities)

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """Return which of our authorities issued a certificate."""
        for each in self.authorities:
            if has_issued(each, certificate):
                return each
        return None

    def trusted_by(self, record: CredentialsRecord) -> list[x509.Certificate]:
        """Return whom credentials trust, our own authorities where these issued them."""
        chain = record.chain()
        ours = self.authorities if chain and self.is_ours(chain[0]) else []
        return [*dict.fromkeys([*ours, *record.trusted()])]


def read_kept(files: CredentialFiles) -> Kept:
    """Return all that is kept and can be understood. Blocks; raises StorageError."""
    credentials: dict[str, CredentialsRecord] = {}
    authority = AuthorityRecord()
    keys: dict[str, str] = {}
    for name, data in files.load().items():
        text = data.decode("utf-8", errors="replace")
        if name.endswith(KEY):
            keys[name] = text
        elif name == AUTHORITY_FILE:
            authority = _authority_in(text)
        else:
            record = _credentials_in(text)
            if record is not None:
                credentials[record.credentials_id] = record
    return Kept(credentials=credentials, authority=authority, keys=keys)


def _authority_in(text: str) -> AuthorityRecord:
    record = AUTHORITY.read(text) or AuthorityRecord()
    try:
        certificates_in(record.certificates, "authority")
    except CertificateRefusedError as err:
        _LOGGER.warning("Our authority is left out: %s", err)
        return AuthorityRecord()
    return record


def _credentials_in(text: str) -> CredentialsRecord | None:
    """Return credentials that nothing has to doubt later; what cannot be read is logged."""
    record = CREDENTIALS.read(text)
    if record is None:
        return None
    try:
        record.chain()
        record.trusted()
        if record.request:
            request_in(record.request)
    except CertificateRefusedError as err:
        _LOGGER.warning("Credentials %s are left out: %s", record.credentials_id, err)
        return None
    return record

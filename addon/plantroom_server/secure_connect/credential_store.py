"""Keeps credentials and our authority; everything here blocks."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from custom_components.plantroom.engine.errors import (
    CertificateRefusedError,
)
from custom_components.plantroom.engine.secure_connect.certificates import (
    AUTHORITY_ID,
    CertificateFault,
    CertificateStock,
    CredentialsImport,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportedCredentials,
    ExportOrder,
    TrustOrder,
)

from .authority import general_names, new_key, subject_of
from .checks import check_authorities, common_name_of, leads
from .credential_book import CredentialBook
from .credential_files import key_file
from .credential_import import sorted_out
from .credential_records import (
    CredentialsRecord,
)
from .credential_summaries import (
    fingerprint_of,
    stock_of,
)
from .export import pkcs12_of
from .pem import certificates_in, pem_of, pem_of_key, request_in
from .requests import (
    made_request,
)
from .site_authority import unknown_authority
from .tls import Identity

RENEWED_BEFORE: Final = timedelta(days=30)
MOST_ISSUED: Final = 2000


class CredentialStore:
    """What is kept, one change at a time even among processes.

    Refusals are a CertificateRefusedError; all raise StorageError for the disk.
    """

    def __init__(self, book: CredentialBook) -> None:
        """Take where they are kept."""
        self._book = book

    def stock(self) -> CertificateStock:
        """Return what there is; does not block."""
        return stock_of(self._book.kept)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all credentials; does not block."""
        return tuple(self._book.kept.credentials)

    def identity(self, credentials_id: str) -> Identity:
        """Return what names us; raises ConfigurationError. Does not block."""
        record = self._book.kept.record(credentials_id)
        chain = record.chain()
        if not chain:
            raise CertificateRefusedError(
                f"{record.name} has no certificate yet: have its request signed, and "
                "import the answer",
                reason=CertificateFault.NO_CERTIFICATE,
                credentials=credentials_id,
            )
        return Identity(
            certificate=record.certificate,
            key=pem_of_key(self._book.own_key(record)),
            authorities=pem_of(self._book.kept.trusted_by(record)),
        )

    def issue(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key and have our authority sign its certificate."""
        with self._book.changing():
            record = self._fresh(order)
            return self._issued(record)

    def request(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key and a request; credentials that there are go on until it is answered."""
        with self._book.changing():
            known = self._book.kept.credentials.get(order.credentials_id)
            record = known or self._fresh(order)
            key = new_key()
            self._book.write_key(key)
            made = made_request(order.name, order.host_names, key)
            return self._book.write(
                replace(
                    record,
                    name=order.name.strip(),
                    host_names=order.host_names,
                    request=made,
                )
            )

    def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take certificates issued elsewhere, once they pass every check."""
        with self._book.changing():
            known = self._answered(wanted)
            if known is not None:
                wanted = replace(wanted, credentials_id=known.credentials_id)
            found = sorted_out(wanted, self._book.kept)
            found.check(self._book.now())
            name = wanted.name.strip() or common_name_of(found.own)
            record = known or CredentialsRecord(
                credentials_id=wanted.credentials_id or self._book.free_id(name),
                name=name,
            )
            self._book.write_key(found.key)
            return self._book.write(
                replace(
                    record,
                    name=wanted.name.strip() or record.name,
                    certificate=pem_of([found.own, *found.between]),
                    authorities=pem_of(found.authorities),
                    request="",
                )
            )

    def export(self, order: ExportOrder) -> ExportedCredentials:
        """Return what others need, and the key only under a passphrase."""
        record = self._book.kept.record(order.credentials_id)
        identity = self.identity(order.credentials_id)
        own, *between = record.chain()
        trusted = self._book.kept.trusted_by(record)
        packed = ""
        if order.passphrase:
            others = [*between, *trusted]
            key = self._book.own_key(record)
            packed = pkcs12_of(record.name, key, own, others, order.passphrase)
        return ExportedCredentials(
            certificate=identity.certificate,
            authorities=identity.authorities,
            pkcs12=packed,
        )

    def renew(self, credentials_id: str) -> CredentialsSummary:
        """Issue anew, with a new key, what our authority issued."""
        with self._book.changing():
            record = self._book.kept.record(credentials_id)
            chain = record.chain()
            if not chain or not self._book.kept.is_ours(chain[0]):
                raise CertificateRefusedError(
                    f"{record.name} was not issued here: make a request and have its "
                    "issuer sign it",
                    reason=CertificateFault.NOT_OURS,
                    credentials=credentials_id,
                )
            return self._issued(record)

    def due(self) -> tuple[str, ...]:
        """Return what our authority issued and can renew, and what expires soon."""
        soon = self._book.now() + RENEWED_BEFORE
        try:
            ends = self._book.kept.signing().certificate.not_valid_after_utc
        except CertificateRefusedError:
            return ()
        return tuple(
            record.credentials_id
            for record in self._book.kept.credentials.values()
            for own in record.chain()[:1]
            if own.not_valid_after_utc < min(soon, ends)
            and self._book.kept.is_ours(own)
        )

    def trust(self, order: TrustOrder) -> CredentialsSummary:
        """Have credentials trust more authorities."""
        added = certificates_in(order.authorities, "authorities")
        check_authorities(added)
        if not added:
            raise CertificateRefusedError(
                "There is no certificate in it: give the certificate of the authority",
                reason=CertificateFault.NO_CERTIFICATE,
            )
        with self._book.changing():
            record = self._book.kept.record(order.credentials_id)
            trusted = dict.fromkeys([*record.trusted(), *added])
            return self._book.write(replace(record, authorities=pem_of(trusted)))

    def distrust(self, order: DistrustOrder) -> None:
        """Trust an authority no longer, unless something of ours hangs on it."""
        with self._book.changing():
            self._distrust(order)

    def remove(self, credentials_id: str, in_use: frozenset[str]) -> None:
        """Forget credentials and their key, unless they are in use."""
        with self._book.changing():
            record = self._book.kept.record(credentials_id)
            if credentials_id in in_use:
                raise CertificateRefusedError(
                    f"{record.name} is in use: let its networks and hubs use others "
                    "first",
                    reason=CertificateFault.IN_USE,
                    credentials=credentials_id,
                )
            self._book.remove(credentials_id)

    def _issued(self, record: CredentialsRecord) -> CredentialsSummary:
        key = new_key()
        certificate = self._book.kept.signing().sign(
            subject_of(record.name),
            key.public_key(),
            general_names(record.host_names),
            self._book.now(),
            record.days,
        )
        self._book.write_key(key)
        return self._book.write(
            replace(record, certificate=pem_of([certificate]), request="")
        )

    def _distrust(self, order: DistrustOrder) -> None:
        record = self._book.kept.record(order.credentials_id)
        trusted = record.trusted()
        left = [e for e in trusted if fingerprint_of(e) != order.fingerprint]
        if len(left) == len(trusted):
            raise unknown_authority(order.fingerprint)
        after = replace(record, authorities=pem_of(left))
        chain = record.chain()
        if chain and not leads(
            chain[0], chain[1:], self._book.kept.trusted_by(after), self._book.now()
        ):
            raise CertificateRefusedError(
                f"{record.name} itself was issued by this authority: import a "
                "certificate of another one first",
                reason=CertificateFault.IN_USE,
                credentials=record.credentials_id,
            )
        self._book.write(after)

    def _fresh(self, order: CredentialsOrder) -> CredentialsRecord:
        """Return a record for an order; raises CertificateRefusedError for a taken id."""
        if order.credentials_id in {*self._book.kept.credentials, AUTHORITY_ID}:
            raise CertificateRefusedError(
                f"There are credentials {order.credentials_id} already: renew them, or "
                "choose another id",
                reason=CertificateFault.TAKEN,
                credentials=order.credentials_id,
            )
        return CredentialsRecord(
            credentials_id=order.credentials_id or self._book.free_id(order.name),
            name=order.name.strip(),
            host_names=order.host_names,
            days=order.days,
        )

    def _answered(self, wanted: CredentialsImport) -> CredentialsRecord | None:
        """Return the record that is replaced, or whose request is answered."""
        if wanted.credentials_id:
            return self._book.kept.credentials.get(wanted.credentials_id)
        if not wanted.certificate:
            return None
        answers = {
            key_file(e) for e in certificates_in(wanted.certificate, "certificate")
        }
        for record in self._book.kept.credentials.values():
            if record.request and key_file(request_in(record.request)) in answers:
                return record
        return None

"""What our own authority does: it is made and followed, it signs, it is let go."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from cryptography import x509

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AUTHORITY_ID,
    AuthorityOrder,
    AuthoritySummary,
    CertificateFault,
    CredentialsImport,
    CredentialsSummary,
    ExportedCredentials,
    ExportOrder,
    ForeignRequest,
    IssuedCertificate,
    RequestContents,
    SignedCertificate,
)

from .authority import general_names, made_authority
from .checks import (
    check_authorities,
    check_key,
    check_time,
    common_name_of,
    name_of,
)
from .credential_book import CredentialBook
from .credential_import import authority_in
from .credential_summaries import authority_summary, fingerprint_of
from .export import pkcs12_of
from .pem import pem_of
from .requests import checked_request, contents_of, public_key_of, subject_in

MOST_ISSUED: Final = 2000


class SiteAuthority:
    """The authority of this site; everything here blocks.

    Refusals are a CertificateRefusedError; all raise StorageError for the disk.
    """

    def __init__(self, book: CredentialBook) -> None:
        """Take where authority and credentials are kept."""
        self._book = book

    def make(self, order: AuthorityOrder) -> AuthoritySummary:
        """Make an authority that signs from now on; earlier ones are trusted still."""
        with self._book.changing():
            made = made_authority(order.name, self._book.now(), order.days)
            certificates = pem_of([made.certificate, *self._book.kept.authorities])
            self._book.write_key(made.key)
            self._book.write_authority(
                replace(self._book.kept.authority, certificates=certificates)
            )
            return authority_summary(made.certificate, self._book.kept)

    def read_request(self, request: ForeignRequest) -> RequestContents:
        """Return what another device asks to be signed."""
        return contents_of(checked_request(request.request))

    def sign(self, request: ForeignRequest) -> SignedCertificate:
        """Sign another device's request: its name and key, the rest is ours to say."""
        checked = checked_request(request.request)
        with self._book.changing():
            now, authority = self._book.now(), self._book.kept.signing()
            certificate = authority.sign(
                subject_in(checked),
                public_key_of(checked),
                general_names(request.host_names),
                now,
                request.days,
            )
            self._note_issued(certificate, authority.certificate, now)
            return SignedCertificate(
                certificate=pem_of([certificate]),
                authorities=pem_of(self._book.kept.authorities),
                subject=name_of(certificate),
                expires_at=certificate.not_valid_after_utc,
            )

    def _note_issued(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> None:
        noted = IssuedCertificate(
            serial=f"{certificate.serial_number:x}",
            subject=name_of(certificate),
            authority=fingerprint_of(issuer),
            issued_at=now,
            expires_at=certificate.not_valid_after_utc,
        )
        before = [e for e in self._book.kept.authority.issued if e.expires_at > now]
        issued = (*before, noted)[-MOST_ISSUED:]
        self._book.write_authority(replace(self._book.kept.authority, issued=issued))

    def export(self, order: ExportOrder) -> ExportedCredentials:
        """Return the authority that signs, and its key only under a passphrase."""
        authority = self._book.kept.signing()
        pem = pem_of([authority.certificate])
        packed = ""
        if order.passphrase:
            name = common_name_of(authority.certificate)
            packed = pkcs12_of(
                name, authority.key, authority.certificate, [], order.passphrase
            )
        return ExportedCredentials(certificate=pem, authorities=pem, pkcs12=packed)

    def restore(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take an authority with its key from a PKCS#12; it signs if none does later."""
        key, own = authority_in(wanted)
        check_key(own, key)
        check_authorities([own])
        check_time(own, self._book.now())
        with self._book.changing() as kept:
            known = kept.authorities
            self._book.write_key(key)
            after = known if own in known else [own, *known]
            self._book.write_authority(
                replace(kept.authority, certificates=pem_of(after))
            )
        return CredentialsSummary(
            credentials_id=AUTHORITY_ID,
            name=common_name_of(own),
            subject=name_of(own),
            issuer=name_of(own),
            fingerprint=fingerprint_of(own),
            starts_at=own.not_valid_before_utc,
            expires_at=own.not_valid_after_utc,
        )

    def drop(self, fingerprint: str) -> None:
        """Trust an earlier authority no longer, unless something of ours hangs on it."""
        with self._book.changing():
            self._drop(fingerprint)

    def _drop(self, fingerprint: str) -> None:
        ours = self._book.kept.authorities
        wanted = [each for each in ours if fingerprint_of(each) == fingerprint]
        if not wanted:
            raise unknown_authority(fingerprint)
        hanging = [
            record.name
            for record in self._book.kept.credentials.values()
            for own in record.chain()[:1]
            if self._book.kept.issuer_of(own) in wanted
        ]
        if wanted[0] is ours[0] or hanging:
            raise CertificateRefusedError(
                f"This authority is in use by {', '.join(hanging) or 'new certificates'}"
                ": make the next authority and renew them first",
                reason=CertificateFault.IN_USE,
                credentials=", ".join(hanging),
            )
        left = pem_of(each for each in ours if each not in wanted)
        self._book.write_authority(
            replace(self._book.kept.authority, certificates=left)
        )


def unknown_authority(fingerprint: str) -> CertificateRefusedError:
    """Return the refusal of a fingerprint that no authority has."""
    return CertificateRefusedError(
        f"No authority has the fingerprint {fingerprint[:64]}: choose one of the list",
        reason=CertificateFault.UNKNOWN,
        credentials=fingerprint[:64],
    )

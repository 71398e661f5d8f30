"""Certificates issued elsewhere: what is whose in what a person brings."""

from base64 import b64decode
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography import x509

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateFault,
    CredentialsImport,
)

from .checks import (
    check_authorities,
    check_chain,
    check_key,
    check_own,
    is_authority,
    is_self_signed,
)
from .credential_files import key_file
from .credential_records import Kept
from .pem import Key, certificates_in, key_in, locked, pkcs12_in, public_octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A certificate with its key; between: that lead from it to the authorities."""

    own: x509.Certificate
    key: Key = field(repr=False)
    between: tuple[x509.Certificate, ...]
    authorities: tuple[x509.Certificate, ...]

    def check(self, now: datetime) -> None:
        """Refuse what others would refuse; raises CertificateRefusedError."""
        check_key(self.own, self.key)
        check_own(self.own, now)
        check_authorities(self.authorities)
        check_chain(self.own, self.between, self.authorities, now)


def sorted_out(wanted: CredentialsImport, kept: Kept) -> Imported:
    """Return what an import brings; a key of our own request need not come along.

    Roots among the certificates are trusted where no authorities are named; those that
    replace credentials trust whom these trusted. Raises CertificateRefusedError.
    """
    key, certificates = _brought(wanted)
    if not certificates:
        raise CertificateRefusedError(
            "There is no certificate in it: give the certificate that was issued for "
            "this device, as PEM or PKCS#12",
            reason=CertificateFault.NO_CERTIFICATE,
        )
    own = _own_of(certificates, key)
    others = [each for each in certificates if each != own]
    named = certificates_in(wanted.authorities, "authorities")
    roots = [each for each in others if is_authority(each) and is_self_signed(each)]
    trusted = named if named and not wanted.pkcs12 else [*named, *roots]
    if not trusted and wanted.credentials_id in kept.credentials:
        trusted = kept.credentials[wanted.credentials_id].trusted()
    found = Imported(
        own=own,
        key=_key_for(own, key, kept),
        between=tuple(each for each in others if each not in trusted),
        authorities=tuple(dict.fromkeys(trusted)),
    )
    return _trusting_ours(found, kept)


def authority_in(wanted: CredentialsImport) -> tuple[Key, x509.Certificate]:
    """Return the key and certificate of an authority; raises CertificateRefusedError."""
    key, certificates = _brought(wanted)
    if key is None or not certificates:
        raise CertificateRefusedError(
            "The key of the authority is not in it: give the PKCS#12 that the "
            "authority was exported to",
            reason=CertificateFault.NO_KEY,
        )
    return key, _own_of(certificates, key)


def _trusting_ours(found: Imported, kept: Kept) -> Imported:
    """Have what our own authority signed trust our own authority."""
    if not kept.is_ours(found.own):
        return found
    trusted = (*kept.authorities, *found.authorities)
    return replace(found, authorities=tuple(dict.fromkeys(trusted)))


def _brought(wanted: CredentialsImport) -> tuple[Key | None, list[x509.Certificate]]:
    if not wanted.pkcs12:
        key = key_in(wanted.key, wanted.passphrase) if wanted.key else None
        return key, certificates_in(wanted.certificate, "certificate")
    try:
        data = b64decode(wanted.pkcs12, validate=True)
    except ValueError:
        raise locked("PKCS#12 file") from None
    return pkcs12_in(data, wanted.passphrase)


def _own_of(certificates: list[x509.Certificate], key: Key | None) -> x509.Certificate:
    """Return the certificate of the key, else the first that is no authority."""
    if key is not None:
        octets = public_octets(key)
        for each in certificates:
            if public_octets(each) == octets:
                return each
    for each in certificates:
        if not is_authority(each):
            return each
    return certificates[0]


def _key_for(own: x509.Certificate, key: Key | None, kept: Kept) -> Key:
    if key is not None:
        return key
    text = kept.keys.get(key_file(own))
    if text is None:
        raise CertificateRefusedError(
            "The key of this certificate is not here: give the key too, or the "
            "certificate that answers a request made here",
            reason=CertificateFault.NO_KEY,
        )
    return key_in(text, "")

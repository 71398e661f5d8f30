"""Certificates for a person at a command line: texts in, texts out. Blocks."""

from collections.abc import Iterable
from pathlib import Path

from custom_components.plantroom.engine.secure_connect.certificates import (
    AUTHORITY_ID,
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportedCredentials,
    ExportOrder,
    ForeignRequest,
)

from .credential_book import CredentialBook
from .credential_files import CredentialFiles
from .credential_store import CredentialStore
from .site_authority import SiteAuthority


class CertificateDesk:
    """Every method raises CertificateRefusedError, ConfigurationError or StorageError."""

    def __init__(self, data_folder: Path) -> None:
        """Take the server's folder; open it before anything else."""
        self._book = CredentialBook(CredentialFiles(data_folder))
        self._store = CredentialStore(self._book)
        self._authority = SiteAuthority(self._book)

    def open(self) -> None:
        """Read what is kept."""
        self._book.load()

    def overview(self) -> str:
        """Return a line for everything there is."""
        stock = self._store.stock()
        lines = [
            f"authority  {each.name}  until {each.expires_at:%Y-%m-%d}"
            f"  {'signs' if each.signs else 'is trusted'}  {each.fingerprint}"
            for each in stock.authorities
        ]
        lines += [_line(each) for each in stock.credentials]
        lines += [
            f"issued  {each.subject}  until {each.expires_at:%Y-%m-%d}  No. {each.serial}"
            for each in stock.issued
        ]
        return "\n".join(lines) or "There is nothing yet: begin with make-authority"

    def make_authority(self, name: str, days: int) -> str:
        """Make the site's authority, or the next one; return its certificate."""
        return self._authority.make(AuthorityOrder(name=name, days=days)).certificate

    def issue(self, name: str, wanted: str, hosts: Iterable[str], days: int) -> str:
        """Issue credentials; return a line about them."""
        order = CredentialsOrder(
            name=name, credentials_id=wanted, host_names=tuple(hosts), days=days
        )
        return _line(self._store.issue(order))

    def request(self, name: str, wanted: str, hosts: Iterable[str]) -> str:
        """Return a request whose key stays here, in PEM."""
        order = CredentialsOrder(
            name=name, credentials_id=wanted, host_names=tuple(hosts)
        )
        return self._store.request(order).request

    def sign(self, request: str, hosts: Iterable[str], days: int) -> str:
        """Sign another device's request; return its certificate, then authorities."""
        order = ForeignRequest(request=request, host_names=tuple(hosts), days=days)
        signed = self._authority.sign(order)
        return signed.certificate + signed.authorities

    def take_pem(
        self, certificate: str, key: str, authorities: str, passphrase: str, wanted: str
    ) -> str:
        """Take a certificate in PEM, with its key unless that is here already."""
        order = CredentialsImport(
            credentials_id=wanted,
            certificate=certificate,
            key=key,
            authorities=authorities,
            passphrase=passphrase,
        )
        return _line(self._store.import_credentials(order))

    def take_pkcs12(
        self, packed: str, authorities: str, passphrase: str, wanted: str
    ) -> str:
        """Take a PKCS#12 in Base64."""
        order = CredentialsImport(
            credentials_id=wanted,
            pkcs12=packed,
            authorities=authorities,
            passphrase=passphrase,
        )
        ours = wanted == AUTHORITY_ID
        take = self._authority.restore if ours else self._store.import_credentials
        return _line(take(order))

    def export(self, credentials_id: str) -> str:
        """Return a certificate with its chain, then its authorities, in PEM."""
        exported = self._exported(ExportOrder(credentials_id=credentials_id))
        return exported.certificate + exported.authorities

    def export_pkcs12(self, credentials_id: str, passphrase: str) -> str:
        """Return certificate, key and authorities as a PKCS#12 in Base64."""
        order = ExportOrder(credentials_id=credentials_id, passphrase=passphrase)
        return self._exported(order).pkcs12 if passphrase else self._unlocked()

    def renew(self, credentials_id: str) -> str:
        """Issue anew what the authority here issued."""
        return _line(self._store.renew(credentials_id))

    def distrust(self, fingerprint: str, credentials_id: str) -> str:
        """Trust an authority no longer."""
        if credentials_id:
            order = DistrustOrder(
                fingerprint=fingerprint, credentials_id=credentials_id
            )
            self._store.distrust(order)
        else:
            self._authority.drop(fingerprint)
        return self.overview()

    def remove(self, credentials_id: str) -> str:
        """Forget credentials and their key."""
        self._store.remove(credentials_id, frozenset())
        return self.overview()

    def _exported(self, order: ExportOrder) -> ExportedCredentials:
        ours = order.credentials_id == AUTHORITY_ID
        return (self._authority if ours else self._store).export(order)

    @staticmethod
    def _unlocked() -> str:
        raise ValueError("A key leaves only under a passphrase: give one")


def _line(each: CredentialsSummary) -> str:
    if each.expires_at is None:
        state = "waits for its certificate"
    else:
        state = f"until {each.expires_at:%Y-%m-%d}  issued by {each.issuer}"
    key = "" if each.has_key else "  its key is gone"
    return f"credentials  {each.credentials_id}  {each.name}  {state}{key}"

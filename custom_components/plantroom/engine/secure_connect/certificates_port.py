"""What a host lends to keep certificates; keys never cross this line unencrypted."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Protocol

from .certificates import (
    AuthorityOrder,
    AuthoritySummary,
    CertificateStock,
    CredentialsImport,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportedCredentials,
    ExportOrder,
    ForeignRequest,
    RequestContents,
    SignedCertificate,
    TrustOrder,
)

type Renewing = Callable[[], Awaitable[CredentialsSummary]]
type RenewalAudit = Callable[[str, Renewing], Awaitable[object]]


class Certificates(Protocol):
    """Credentials and our own authority; refusals are a CertificateRefusedError.

    Every method that writes raises StorageError when it cannot.
    """

    @abstractmethod
    def stock(self) -> CertificateStock:
        """Return what there is."""

    @abstractmethod
    def listen(
        self, listener: Callable[[CertificateStock], None]
    ) -> Callable[[], None]:
        """Call listener after every change; return the unsubscribe."""

    @abstractmethod
    def audit_renewals(self, audit: RenewalAudit) -> None:
        """Have audit do each renewal that nobody asked for, given its id; it may raise."""

    @abstractmethod
    async def make_authority(self, order: AuthorityOrder) -> AuthoritySummary:
        """Make our authority, or the next one: the earlier one is trusted still."""

    @abstractmethod
    async def issue(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key and a certificate of our authority for it."""

    @abstractmethod
    async def request(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key that stays here and a request to be signed elsewhere."""

    @abstractmethod
    async def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take certificates issued elsewhere, once they pass every check."""

    @abstractmethod
    async def read_request(self, request: ForeignRequest) -> RequestContents:
        """Return what another device asks to be signed, its signature checked."""

    @abstractmethod
    async def sign(self, request: ForeignRequest) -> SignedCertificate:
        """Sign another device's request with our authority."""

    @abstractmethod
    async def export(self, order: ExportOrder) -> ExportedCredentials:
        """Return what others need, and the key only under a passphrase."""

    @abstractmethod
    async def renew(self, credentials_id: str) -> CredentialsSummary:
        """Issue anew what our authority issued; users of it go on uncut."""

    @abstractmethod
    async def trust(self, order: TrustOrder) -> CredentialsSummary:
        """Have credentials trust more authorities."""

    @abstractmethod
    async def distrust(self, order: DistrustOrder) -> None:
        """Trust an authority no longer; refused while anything of ours hangs on it."""

    @abstractmethod
    async def remove(self, credentials_id: str, in_use: frozenset[str]) -> None:
        """Forget credentials and their key; refused for those in use."""

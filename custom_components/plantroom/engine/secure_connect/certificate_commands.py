"""The commands about certificates; the engine is made of these among others."""

from ..commands import command
from ..site_config import SiteConfig
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
    RemoveOrder,
    RenewOrder,
    RequestContents,
    SignedCertificate,
    TrustOrder,
)
from .certifying import Certifying

# What changes credentials or lets a key out, with who wants it: each is audited
AUDITED_COMMANDS = frozenset(
    {
        "distrust_authority",
        "export_credentials",
        "import_credentials",
        "issue_credentials",
        "make_authority",
        "remove_credentials",
        "renew_credentials",
        "request_credentials",
        "sign_request",
        "trust_authority",
    }
)
# For who configures alone
RESERVED_COMMANDS = AUDITED_COMMANDS | {"check_secure_network"}


class CertificateCommands:
    """What a client may ask about credentials and the site's authority."""

    _certifying: Certifying
    _site: SiteConfig

    @command("certificates")
    async def certificates(self) -> CertificateStock:
        """Return the certificates kept, and those issued to others."""
        return self._certifying.kept.stock()

    @command("make_authority")
    async def make_authority(self, order: AuthorityOrder) -> AuthoritySummary:
        """Make the site's authority, or the one that follows it."""
        return await self._certifying.kept.make_authority(order)

    @command("issue_credentials")
    async def issue_credentials(self, order: CredentialsOrder) -> CredentialsSummary:
        """Issue credentials with the site's authority."""
        return await self._certifying.kept.issue(order)

    @command("request_credentials")
    async def request_credentials(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key that stays on the server, and a request to be signed elsewhere."""
        return await self._certifying.kept.request(order)

    @command("import_credentials")
    async def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take certificates issued elsewhere, once they pass every check."""
        return await self._certifying.kept.import_credentials(wanted)

    @command("read_request")
    async def read_request(self, request: ForeignRequest) -> RequestContents:
        """Return what another device asks to be signed."""
        return await self._certifying.kept.read_request(request)

    @command("sign_request")
    async def sign_request(self, request: ForeignRequest) -> SignedCertificate:
        """Sign another device's request with the site's authority."""
        return await self._certifying.kept.sign(request)

    @command("export_credentials")
    async def export_credentials(self, order: ExportOrder) -> ExportedCredentials:
        """Return what others need, and the key only under a passphrase."""
        return await self._certifying.kept.export(order)

    @command("renew_credentials")
    async def renew_credentials(self, order: RenewOrder) -> CredentialsSummary:
        """Issue anew what the site's authority issued."""
        return await self._certifying.kept.renew(order)

    @command("remove_credentials")
    async def remove_credentials(self, order: RemoveOrder) -> None:
        """Forget credentials and their key; refused for those in use."""
        secure = self._site.secure_connect
        in_use = {each.credentials for each in secure.networks}
        in_use |= {each.credentials for each in secure.hubs}
        await self._certifying.kept.remove(order, frozenset(in_use))

    @command("trust_authority")
    async def trust_authority(self, order: TrustOrder) -> CredentialsSummary:
        """Have credentials trust another authority as well."""
        return await self._certifying.kept.trust(order)

    @command("distrust_authority")
    async def distrust_authority(self, order: DistrustOrder) -> None:
        """Trust an authority no longer; refused while anything of ours hangs on it."""
        await self._certifying.kept.distrust(order)

"""What a client asks an engine about BACnet/SC, its certificates above all."""

from ..connection.base import Connection
from ..engine.secure_connect.certificates import (
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
from ..engine.secure_connect.configuration import SecureNetworkConfig
from ..engine.secure_connect.models import HubNode, SecureNetworkStatus


class SecureConnectCalls:
    """The commands about BACnet/SC, typed; refusals are a CertificateRefusedError."""

    _connection: Connection

    async def secure_hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        """Return who is connected to a hub of ours."""
        nodes: tuple[HubNode, ...] = await self._connection.call(
            "secure_hub_nodes", hub_id
        )
        return nodes

    async def check_secure_network(
        self, config: SecureNetworkConfig
    ) -> SecureNetworkStatus:
        """Connect to a network's hub for a moment; return how that went."""
        status: SecureNetworkStatus = await self._connection.call(
            "check_secure_network", config
        )
        return status

    async def certificates(self) -> CertificateStock:
        """Return the certificates kept, and those issued to others."""
        stock: CertificateStock = await self._connection.call("certificates")
        return stock

    async def make_authority(self, order: AuthorityOrder) -> AuthoritySummary:
        """Make the site's authority, or the one that follows it."""
        made: AuthoritySummary = await self._connection.call("make_authority", order)
        return made

    async def issue_credentials(self, order: CredentialsOrder) -> CredentialsSummary:
        """Issue credentials with the site's authority."""
        return await self._summary("issue_credentials", order)

    async def request_credentials(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key that stays on the server, and a request to be signed elsewhere."""
        return await self._summary("request_credentials", order)

    async def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take certificates issued elsewhere."""
        return await self._summary("import_credentials", wanted)

    async def renew_credentials(self, order: RenewOrder) -> CredentialsSummary:
        """Issue anew what the site's authority issued."""
        return await self._summary("renew_credentials", order)

    async def trust_authority(self, order: TrustOrder) -> CredentialsSummary:
        """Have credentials trust another authority as well."""
        return await self._summary("trust_authority", order)

    async def distrust_authority(self, order: DistrustOrder) -> None:
        """Trust an authority no longer."""
        await self._connection.call("distrust_authority", order)

    async def remove_credentials(self, order: RemoveOrder) -> None:
        """Forget credentials and their key."""
        await self._connection.call("remove_credentials", order)

    async def read_request(self, request: ForeignRequest) -> RequestContents:
        """Return what another device asks to be signed."""
        contents: RequestContents = await self._connection.call("read_request", request)
        return contents

    async def sign_request(self, request: ForeignRequest) -> SignedCertificate:
        """Sign another device's request with the site's authority."""
        signed: SignedCertificate = await self._connection.call("sign_request", request)
        return signed

    async def export_credentials(self, order: ExportOrder) -> ExportedCredentials:
        """Return what others need, and the key only under a passphrase."""
        exported: ExportedCredentials = await self._connection.call(
            "export_credentials", order
        )
        return exported

    async def _summary(self, command: str, request: object) -> CredentialsSummary:
        summary: CredentialsSummary = await self._connection.call(command, request)
        return summary

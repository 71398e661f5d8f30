"""The commands about BACnet/SC; the engine is made of these among others."""

from ..commands import command
from .configuration import SecureNetworkConfig
from .keeping import SecureKeeping
from .models import HubNode, SecureNetworkStatus
from .trial import LinkTrial


class SecureConnectCommands:
    """What a client may ask about hubs."""

    _secure: SecureKeeping

    @command("secure_hub_nodes")
    async def secure_hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        """Return who is connected to a hub of ours, the first to come first."""
        return self._secure.hub_nodes(hub_id)

    @command("check_secure_network")
    async def check_secure_network(
        self, config: SecureNetworkConfig
    ) -> SecureNetworkStatus:
        """Connect to a network's hub for a moment; return how that went."""
        return await LinkTrial(self._secure.link(config)).run()

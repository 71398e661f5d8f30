"""The commands about BACnet/SC; the engine is made of these among others."""

from ..commands import command
from .keeping import SecureKeeping
from .models import HubNode


class SecureConnectCommands:
    """What a client may ask about hubs."""

    _secure: SecureKeeping

    @command("secure_hub_nodes")
    async def secure_hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        """Return who is connected to a hub of ours, the first to come first."""
        return self._secure.hub_nodes(hub_id)

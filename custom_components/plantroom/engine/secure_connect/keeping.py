"""BACnet/SC within the engine: who can do it, and how networks and hubs are doing."""

from typing import override

from ..errors import ConfigurationError, UnknownTargetError
from ..event_bus import EventBus
from ..events import (
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
)
from .certificates_port import Certificates
from .configuration import SecureConnectConfig, SecureNetworkConfig
from .models import HubNode, SecureHubStatus, SecureNetworkStatus
from .port import (
    SecureConnect,
    SecureConnectBuilder,
    SecureConnectDoor,
    SecureLink,
)


class SecureKeeping(SecureConnectDoor):
    """Runs hubs, lends networks their links, and tells clients how both are doing."""

    def __init__(self, events: EventBus, build: SecureConnectBuilder | None) -> None:
        """Take who can do BACnet/SC; None: this process cannot."""
        self._events = events
        self._secure: SecureConnect | None = None if build is None else build(self)
        self._networks: dict[str, SecureNetworkStatus] = {}
        self._hubs: dict[str, SecureHubStatus] = {}

    async def start(self) -> None:
        """Open what is kept of certificates; raises StorageError."""
        if self._secure is not None:
            await self._secure.start()

    async def stop(self) -> None:
        """Stop hubs and let go; calling it twice does no harm."""
        if self._secure is not None:
            await self._secure.stop()
        self._keep_only(SecureConnectConfig())

    def check(self, config: SecureConnectConfig) -> None:
        """Raise ConfigurationError for what this process cannot do."""
        if self._secure is None and config != SecureConnectConfig():
            raise ConfigurationError(
                "secure_connect: it needs the Plantroom server", field="secure_connect"
            )

    async def configure(self, config: SecureConnectConfig) -> None:
        """Run exactly these hubs, and forget networks that are there no more."""
        if self._secure is not None:
            await self._secure.configure(config)
        self._keep_only(config)

    @property
    def certificates(self) -> Certificates | None:
        """Return who keeps certificates, None where this process cannot."""
        return None if self._secure is None else self._secure.certificates

    def link(self, config: SecureNetworkConfig) -> SecureLink:
        """Return a node for a network; raises ConfigurationError."""
        return self._able.link(config)

    @property
    def networks(self) -> tuple[SecureNetworkStatus, ...]:
        """Return how our node on each network is connected."""
        return tuple(self._networks.values())

    @property
    def hubs(self) -> tuple[SecureHubStatus, ...]:
        """Return how each hub of ours is doing."""
        return () if self._secure is None else self._secure.hubs()

    def hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        """Return who is connected to a hub of ours; raises UnknownTargetError."""
        if self._secure is None:
            raise UnknownTargetError(f"There is no hub {hub_id}", target=hub_id)
        return self._secure.hub_nodes(hub_id)

    @override
    def publish_hub(self, status: SecureHubStatus) -> None:
        if self._hubs.get(status.hub_id) != status:
            self._hubs[status.hub_id] = status
            self._events.publish(SecureHubChanged(status=status))

    def publish_network(self, status: SecureNetworkStatus) -> None:
        """Tell clients how our node on a network is connected."""
        if self._networks.get(status.network_id) != status:
            self._networks[status.network_id] = status
            self._events.publish(SecureNetworkChanged(status=status))

    @property
    def _able(self) -> SecureConnect:
        if self._secure is None:
            raise ConfigurationError(
                "secure_connect: it needs the Plantroom server", field="secure_connect"
            )
        return self._secure

    def _keep_only(self, config: SecureConnectConfig) -> None:
        networks = {each.network_id for each in config.networks}
        for network_id in self._networks.keys() - networks:
            del self._networks[network_id]
            self._events.publish(SecureNetworkRemoved(network_id=network_id))
        hubs = {each.hub_id for each in config.hubs}
        for hub_id in self._hubs.keys() - hubs:
            del self._hubs[hub_id]
            self._events.publish(SecureHubRemoved(hub_id=hub_id))

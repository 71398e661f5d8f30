"""What the engine and BACnet/SC are to each other; a host lends what can do it."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from .certificates_port import Certificates
from .configuration import SecureConnectConfig, SecureNetworkConfig
from .models import HubNode, SecureHubStatus, SecureNetworkStatus

BROADCAST_VMAC = b"\xff" * 6


class SecureLinkUser(Protocol):
    """Who has a network's link: the engine's BACnet."""

    @abstractmethod
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        """Take an NPDU of a peer, by its VMAC of 6 octets."""

    @abstractmethod
    def stands(self, status: SecureNetworkStatus) -> None:
        """Take note of a connection made, changed or lost."""


class SecureLink(Protocol):
    """A node on a BACnet/SC network (135-2020, Annex AB)."""

    @property
    @abstractmethod
    def vmac(self) -> bytes:
        """Return our own address, 6 octets; another one after a collision."""

    @property
    @abstractmethod
    def status(self) -> SecureNetworkStatus:
        """Return how the connection is."""

    @abstractmethod
    async def open(self, user: SecureLinkUser) -> None:
        """Begin to connect, for ever; raises NetworkError for what people must mend."""

    @abstractmethod
    def send(self, npdu: bytes, destination: bytes) -> None:
        """Send to a VMAC or to BROADCAST_VMAC; dropped while there is no connection."""

    @abstractmethod
    async def close(self) -> None:
        """Say goodbye and let go; calling it twice does no harm."""


class SecureConnectDoor(Protocol):
    """What the engine lends BACnet/SC."""

    @abstractmethod
    def publish_hub(self, status: SecureHubStatus) -> None:
        """Tell clients how a hub of ours is doing."""


class SecureConnect(Protocol):
    """Nodes, hubs and certificates of a process that can."""

    @property
    @abstractmethod
    def certificates(self) -> Certificates:
        """Return who keeps credentials and our own authority."""

    @abstractmethod
    async def start(self) -> None:
        """Open what is kept on this machine; raises StorageError."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop hubs and let go; calling it twice does no harm."""

    @abstractmethod
    async def configure(self, config: SecureConnectConfig) -> None:
        """Run exactly these hubs; what is unchanged goes on."""

    @abstractmethod
    def link(self, config: SecureNetworkConfig) -> SecureLink:
        """Return a node for a network; nothing is opened yet."""

    @abstractmethod
    def hubs(self) -> tuple[SecureHubStatus, ...]:
        """Return how each hub is doing."""

    @abstractmethod
    def hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        """Return who is connected to a hub; raises UnknownTargetError."""


type SecureConnectBuilder = Callable[[SecureConnectDoor], SecureConnect]

"""What the engine and its gateway are to each other; a host lends the gateway."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from ..bacnet.local_objects.port import ServedObjects
from .configuration import EventStoreConfig, GatewayConfig
from .models import ParkedEvent, StoreCheck, SubscriptionStatus


class GatewayDoor(Protocol):
    """What the engine lends its gateway."""

    @abstractmethod
    def served_objects(self, network_id: str) -> ServedObjects | None:
        """Return the objects of our device on a network, None without such a network."""

    @abstractmethod
    def publish(self, status: SubscriptionStatus) -> None:
        """Tell clients how a subscription is doing."""


class Gateway(Protocol):
    """Turns events into objects; made by a host that can."""

    @abstractmethod
    async def start(self) -> None:
        """Open what is kept on this machine."""

    @abstractmethod
    async def stop(self) -> None:
        """Save what is unsaved and let go; calling it twice does no harm."""

    @abstractmethod
    async def configure(self, config: GatewayConfig) -> None:
        """Follow exactly these subscriptions; what is unchanged goes on."""

    @abstractmethod
    def statuses(self) -> tuple[SubscriptionStatus, ...]:
        """Return how each subscription is doing."""

    @abstractmethod
    async def parked(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return what was put aside, newest first, 1,000 at most."""

    @abstractmethod
    async def replay_parked(self, subscription_id: str) -> None:
        """Try again what was put aside."""

    @abstractmethod
    async def resume(self, subscription_id: str) -> None:
        """Try again a subscription that stopped until a person mends something."""

    @abstractmethod
    async def check_store(self, store: EventStoreConfig) -> StoreCheck:
        """Ask a store that need not be configured."""


type GatewayBuilder = Callable[[GatewayDoor], Gateway]

"""The gateway within the engine: who made it, whose objects it fills, how it is doing."""

from typing import Final, override

from ..bacnet.local_objects.objects import LocalObjects
from ..errors import ConfigurationError, UnknownTargetError
from ..event_bus import EventBus
from ..events import SubscriptionChanged, SubscriptionRemoved
from ..site_config import SiteConfig
from .configuration import EventStoreConfig, GatewayConfig
from .models import ParkedEvent, StoreCheck, SubscriptionStatus
from .port import Gateway, GatewayBuilder, GatewayDoor

_NEEDS_SERVER: Final = "gateway: it needs the Plantroom server"


class Gatekeeping(GatewayDoor):
    """Keeps each network's own objects, over changes of the network as well."""

    def __init__(self, events: EventBus, build: GatewayBuilder | None) -> None:
        """Take who makes a gateway; None: this process has none."""
        self._events = events
        self._gateway: Gateway | None = None if build is None else build(self)
        self._objects: dict[str, LocalObjects] = {}
        self._network_ids: frozenset[str] = frozenset()
        self._served: frozenset[str] = frozenset()
        self._statuses: dict[str, SubscriptionStatus] = {}

    async def start(self) -> None:
        """Open what the gateway keeps; raises StorageError."""
        if self._gateway is not None:
            await self._gateway.start()

    async def stop(self) -> None:
        """Save and let go; calling it twice does no harm."""
        if self._gateway is not None:
            await self._gateway.stop()
        self._forget(frozenset())

    def objects_of(self, network_id: str) -> LocalObjects:
        """Return the objects of our own device on a network."""
        return self._objects.setdefault(network_id, LocalObjects())

    def check(self, config: GatewayConfig) -> None:
        """Raise ConfigurationError for what this process cannot do."""
        if self._gateway is None and not config.idle:
            raise ConfigurationError(_NEEDS_SERVER, field="gateway")

    def hush(self, config: GatewayConfig) -> None:
        """Be silent, before a network opens, where the gateway says when we answer."""
        wanted = frozenset(each.network_id for each in config.subscriptions)
        for network_id in wanted - self._served:
            self.objects_of(network_id).set_live(False)
        self._served = wanted

    async def configure(self, site: SiteConfig) -> None:
        """Follow exactly the site's subscriptions; raises ConfigurationError."""
        self._network_ids = site.serving_ids
        if self._gateway is not None:
            await self._gateway.configure(site.gateway)
        wanted = (each.subscription_id for each in site.gateway.subscriptions)
        self._forget(frozenset(wanted))
        for network_id in self._network_ids - self._served:
            self.objects_of(network_id).set_live(True)

    @property
    def statuses(self) -> tuple[SubscriptionStatus, ...]:
        """Return how each subscription is doing."""
        return () if self._gateway is None else self._gateway.statuses()

    async def parked(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return what was put aside, newest first; raises UnknownTargetError."""
        return await self._there(subscription_id).parked(subscription_id)

    async def replay_parked(self, subscription_id: str) -> None:
        """Try again what was put aside; raises UnknownTargetError."""
        await self._there(subscription_id).replay_parked(subscription_id)

    async def resume(self, subscription_id: str) -> None:
        """Try again one that stopped; raises UnknownTargetError."""
        await self._there(subscription_id).resume(subscription_id)

    async def check_store(self, store: EventStoreConfig) -> StoreCheck:
        """Return whether a store can be used; raises ConfigurationError where none can."""
        if self._gateway is None:
            raise ConfigurationError(_NEEDS_SERVER, field="gateway")
        return await self._gateway.check_store(store)

    @override
    def served_objects(self, network_id: str) -> LocalObjects | None:
        known = network_id in self._network_ids
        return self.objects_of(network_id) if known else None

    @override
    def publish(self, status: SubscriptionStatus) -> None:
        self._statuses[status.subscription_id] = status
        self._events.publish(SubscriptionChanged(status=status))

    def _there(self, subscription_id: str) -> Gateway:
        if self._gateway is None:
            raise UnknownTargetError(
                f"There is no subscription {subscription_id}", target=subscription_id
            )
        return self._gateway

    def _forget(self, kept: frozenset[str]) -> None:
        for subscription_id in [*self._statuses]:
            if subscription_id not in kept:
                del self._statuses[subscription_id]
                self._events.publish(
                    SubscriptionRemoved(subscription_id=subscription_id)
                )

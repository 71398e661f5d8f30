"""The gateway: its stores, its cache, and what follows each subscription."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import override

from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
)
from custom_components.plantroom.engine.gateway.models import (
    ParkedEvent,
    StoreCheck,
    SubscriptionStatus,
)
from custom_components.plantroom.engine.gateway.port import Gateway, GatewayDoor

from ..event_source.building import event_source
from ..event_source.embedded import EmbeddedLog
from ..event_source.port import EventSource
from ..inlets.inlets import Inlets
from ..recovery_cache.building import recovery_cache
from ..recovery_cache.port import RecoveryCache
from .device_hold import DeviceHold
from .following import Following
from .ledger import Ledger
from .presence import Presence
from .store_check import check_store

_LOGGER = logging.getLogger(__name__)

type SourceBuilder = Callable[[EventStoreConfig], EventSource]


class EventGateway(Gateway):
    """Follows all subscriptions of a site; a change of configuration restarts it."""

    def __init__(
        self,
        door: GatewayDoor,
        folder: Path | None,
        build_source: SourceBuilder,
        inlets: Inlets,
        redis_url: str = "",
    ) -> None:
        """Take what the engine lends, where files go, and how a store is reached.

        inlets: where senders of events come in. redis_url: of the recovery cache where
        the configuration names none, "" for a file.
        """
        self._door = door
        self._folder = folder
        self._build_source = build_source
        self._inlets = inlets
        self._redis_url = redis_url
        self._ledger = Ledger(folder)
        self._config = GatewayConfig()
        self._sources: dict[str, EventSource] = {}
        self._cache: RecoveryCache | None = None
        self._followings: dict[str, Following] = {}
        self._holds: list[DeviceHold] = []
        self._presences: list[Presence] = []

    @override
    async def start(self) -> None:
        await self._ledger.start()

    @override
    async def stop(self) -> None:
        await self._let_go()
        await self._ledger.stop()

    @override
    async def configure(self, config: GatewayConfig) -> None:
        if config == self._config:
            return
        for each in config.subscriptions:
            if self._door.served_objects(each.network_id) is None:
                raise ConfigurationError(
                    f"There is no BACnet network {each.network_id}", field="network_id"
                )
        with self._inlets.change():
            await self._let_go(config)
            self._config = config
            if not config.idle:
                await self._begin(config)

    @override
    def statuses(self) -> tuple[SubscriptionStatus, ...]:
        return tuple(self._whole(each.status) for each in self._followings.values())

    @override
    async def parked(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        self._following(subscription_id)
        return await self._ledger.parked(subscription_id)

    @override
    async def replay_parked(self, subscription_id: str) -> None:
        await self._following(subscription_id).replay_parked()

    @override
    async def resume(self, subscription_id: str) -> None:
        self._following(subscription_id).resume()

    @override
    async def check_store(self, store: EventStoreConfig) -> StoreCheck:
        return await check_store(store, self._build_source)

    def source(self, store_id: str) -> EventSource | None:
        """Return a store that is configured, None when there is none."""
        return self._sources.get(store_id)

    async def _begin(self, config: GatewayConfig) -> None:
        redis_url = config.redis_url or self._redis_url
        cache = self._cache = recovery_cache(redis_url, self._folder)
        if not redis_url:
            await cache.start()
        for store in config.stores:
            source = self._sources[store.store_id] = self._build_source(store)
            await source.start()
            if isinstance(source, EmbeddedLog):
                self._open(store, source, config)
        self._make_followings(config, cache)
        if not config.standby:
            for following in self._followings.values():
                following.start()

    def _open(
        self, store: EventStoreConfig, log: EmbeddedLog, config: GatewayConfig
    ) -> None:
        """Let senders' events into the log, for those who wait for them."""
        of_store = [s for s in config.subscriptions if s.store_id == store.store_id]
        log.expect(of_store)
        reserved = {each.commands_to for each in of_store}
        self._inlets.open(store, log, reserved, self._tell)

    def _tell(self) -> None:
        for each in self._followings.values():
            self._publish(each.status)

    def _publish(self, status: SubscriptionStatus) -> None:
        self._door.publish(self._whole(status))

    def _whole(self, status: SubscriptionStatus) -> SubscriptionStatus:
        """Return a status with how the way into its store is doing."""
        problems = {
            each.subscription_id: self._inlets.problem_of(each.store_id)
            for each in self._config.subscriptions
        }
        problem = problems.get(status.subscription_id, "")
        return replace(status, inlet_problem=problem)

    def _make_followings(self, config: GatewayConfig, cache: RecoveryCache) -> None:
        by_network: dict[str, list[Following]] = {}
        for each in config.subscriptions:
            objects = self._door.served_objects(each.network_id)
            if objects is None:
                continue
            following = self._followings[each.subscription_id] = Following(
                each,
                objects,
                self._sources[each.store_id],
                cache,
                self._ledger,
                self._publish,
            )
            by_network.setdefault(each.network_id, []).append(following)
        for network_id, followings in by_network.items():
            objects = self._door.served_objects(network_id)
            if objects is None:
                continue
            if config.standby:
                hold = DeviceHold(network_id, objects, cache, followings)
                self._holds.append(hold)
                hold.start()
            else:
                presence = Presence(objects, followings)
                self._presences.append(presence)
                presence.start()

    async def _let_go(self, coming: GatewayConfig | None = None) -> None:
        await self._inlets.close(coming)
        presences, self._presences = self._presences, []
        for presence in presences:
            await presence.stop()
        holds, self._holds = self._holds, []
        await asyncio.gather(*(hold.stop() for hold in holds))
        followings, self._followings = self._followings, {}
        await asyncio.gather(*(each.stop() for each in followings.values()))
        sources, self._sources = self._sources, {}
        for source in sources.values():
            await source.stop()
        cache, self._cache = self._cache, None
        if cache is not None:
            await cache.stop()

    def _following(self, subscription_id: str) -> Following:
        following = self._followings.get(subscription_id)
        if following is None:
            raise UnknownTargetError(
                f"There is no subscription {subscription_id}", target=subscription_id
            )
        return following


def event_gateway(
    folder: Path | None,
    door: GatewayDoor,
    inlets: Inlets | None = None,
    redis_url: str = "",
) -> EventGateway:
    """Return a gateway that reaches every kind of store that we know."""
    build = partial(event_source, folder)
    return EventGateway(door, folder, build, inlets or Inlets(), redis_url)

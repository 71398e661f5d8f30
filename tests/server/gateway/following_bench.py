"""A gateway's subscription between an event log and objects, with nothing simulated."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from plantroom_server.event_source.port import EventSource, NewEvent
from plantroom_server.gateway.following import Following
from plantroom_server.gateway.ledger import Ledger
from plantroom_server.recovery_cache.port import RecoveryCache

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalState,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.bacnet.local_objects.objects import (
    LocalObjects,
)
from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig
from custom_components.plantroom.engine.gateway.models import SubscriptionStatus

WAIT_SECONDS = 60.0
STREAM = "site-north"
SUPPLY = ObjectKey(LocalType.ANALOG_INPUT, 1)
VALVE = ObjectKey(LocalType.ANALOG_OUTPUT, 2)


def subscription(**settings: Any) -> SubscriptionConfig:
    """Return what a subscription is asked for."""
    wanted = {"store_id": "log", "network_id": "net", "stream": STREAM, **settings}
    return SubscriptionConfig(subscription_id="north", **wanted)


def message(event_type: str, **payload: Any) -> NewEvent:
    """Return a producer's event."""
    whole = {
        "messageType": event_type,
        "timestamp": datetime.now(UTC).isoformat(),
        "sourceId": "plc",
        "payload": payload,
    }
    return NewEvent(
        event_id=str(uuid4()), event_type=event_type, data=json.dumps(whole).encode()
    )


def defined(key: ObjectKey, name: str, **more: Any) -> NewEvent:
    """Return an ObjectDefinition."""
    kinds = {"analog": "real", "binary": "boolean", "multi": "unsigned"}
    return message(
        "ObjectDefinition",
        objectType=key.type,
        objectInstance=key.instance,
        objectName=name,
        presentValueType=kinds[key.type.split("-")[0]],
        **more,
    )


def told(key: ObjectKey, value: Any, **more: Any) -> NewEvent:
    """Return a ValueUpdate."""
    return message(
        "ValueUpdate",
        objectType=key.type,
        objectInstance=key.instance,
        presentValue=value,
        **more,
    )


class FollowingBench:
    """One subscription at work, and what is shown of it."""

    def __init__(
        self, following: Following, objects: LocalObjects, ledger: Ledger
    ) -> None:
        self.following = following
        self.objects = objects
        self._ledger = ledger

    @property
    def status(self) -> SubscriptionStatus:
        """Return how the subscription is doing."""
        return self.following.status

    def value(self, key: ObjectKey) -> Any:
        """Return what an object shows, None when there is none."""
        state = self.objects.state(key)
        return None if state is None else state.value

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def shows(self, key: ObjectKey, value: Any) -> None:
        """Wait until an object shows a value."""
        await self.until(lambda: self.value(key) == value)

    async def saved(self) -> None:
        """Wait until everything is in the cache and acknowledged."""
        await self.until(lambda: not self.status.unsaved)
        live = self.following._subscription
        assert live is not None
        async with asyncio.timeout(WAIT_SECONDS):
            # What clients commanded comes with no event
            await self.following._keeping.until_saved()
            while (await live.backlog()).waiting != 0:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def sent(self) -> None:
        """Wait until every command is in the event store, and known to be there."""
        async with asyncio.timeout(WAIT_SECONDS):
            while await self._ledger.count_commands("north"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@asynccontextmanager
async def following(
    source: EventSource,
    cache: RecoveryCache,
    ledger: Ledger,
    config: SubscriptionConfig | None = None,
) -> AsyncGenerator[FollowingBench]:
    """Follow a subscription for a while; it stops as on an orderly end."""
    objects = LocalObjects()
    followed = Following(
        config or subscription(), objects, source, cache, ledger, lambda _: None
    )
    followed.start()
    try:
        yield FollowingBench(followed, objects, ledger)
    finally:
        await followed.stop()


def shown(objects: LocalObjects) -> dict[ObjectKey, tuple[str, LocalState]]:
    """Return all that a device's objects are called and show."""
    found = {}
    for key in objects.keys():  # noqa: SIM118
        definition, state = objects.definition(key), objects.state(key)
        assert definition is not None
        assert state is not None
        found[key] = (definition.name, state)
    return found

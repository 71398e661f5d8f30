"""A consumer that takes what a subscription gives, in order, and can be let go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from plantroom_server.event_source.kurrentdb import KurrentSource
from plantroom_server.event_source.kurrentdb_standing import standing
from plantroom_server.event_source.port import (
    EventSource,
    NewEvent,
    StoredEvent,
    Subscription,
)

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

# A busy machine takes seconds for a handshake, and a group needs several calls
WAIT_SECONDS = 60.0


def wanted(
    stream: str = "site-north", kind: StreamKind = StreamKind.STREAM, **settings: Any
) -> SubscriptionConfig:
    """Return what a subscription is asked for."""
    return SubscriptionConfig(
        subscription_id="s",
        store_id="store",
        network_id="net",
        stream_kind=kind,
        stream=stream,
        **settings,
    )


def event(text: str, event_type: str = "ValueUpdate") -> NewEvent:
    """Return an event that holds a text."""
    return NewEvent(event_id=str(uuid4()), event_type=event_type, data=text.encode())


async def append(source: EventSource, *texts: str, stream: str = "site-north") -> None:
    """Append an event for each text."""
    await source.append(stream, [event(text) for text in texts])


async def acknowledged(source: EventSource, still_open: int) -> None:
    """Wait until the store has what was acknowledged; no more is open then.

    Who leaves a KurrentDB waits a fifth of a second for it to hear of the last.
    """
    if not isinstance(source, KurrentSource):
        return
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = await source.ask(lambda client: standing(client, wanted()))
            if found.in_flight <= still_open:
                return
            await asyncio.sleep(0.05)


class Consumer:
    """Takes events from a subscription, which it closes at the end."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self._events = subscription.events()

    async def take(self, count: int) -> list[StoredEvent]:
        """Return the next so many events."""
        async with asyncio.timeout(WAIT_SECONDS):
            return [await anext(self._events) for _ in range(count)]

    async def texts(self, count: int) -> list[str]:
        """Return what is in the next so many events, and acknowledge them."""
        events = await self.take(count)
        await self.subscription.acknowledge(events)
        return [each.data.decode() for each in events]

    async def drain(self) -> None:
        """Take events until there are no more."""
        async for _ in self._events:
            pass

    async def until_parked(self, count: int) -> None:
        """Wait until the store knows of so many parked events."""
        async with asyncio.timeout(WAIT_SECONDS):
            while (await self.subscription.backlog()).parked != count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def leave(self) -> None:
        """Go, as after a crash: nothing more is acknowledged."""
        await self.subscription.close()
        await self._events.aclose()


@asynccontextmanager
async def consuming(
    source: EventSource, config: SubscriptionConfig | None = None
) -> AsyncIterator[Consumer]:
    """Consume a subscription for a while."""
    consumer = Consumer(source.subscribe(config or wanted()))
    try:
        yield consumer
    finally:
        await consumer.leave()

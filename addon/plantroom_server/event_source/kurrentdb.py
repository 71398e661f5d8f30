"""The event store in a KurrentDB, version 23 or later."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Final, override

from kurrentdbclient import AsyncKurrentDBClient, RecordedEvent, StreamState
from kurrentdbclient import NewEvent as SentEvent
from kurrentdbclient.exceptions import (
    InvalidCommitPositionError,
    NotFoundError,
    WrongCurrentVersionError,
)
from kurrentdbclient.streams import AsyncReadResponse

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    SubscriptionConfig,
)

from ..gateway_errors import EventSourceError
from .kurrentdb_client import CALL_ERRORS, ReachingClient, close, raise_if_cancelled
from .kurrentdb_faults import explained
from .kurrentdb_options import reach_of
from .kurrentdb_places import filter_of, place_in, stored, stream_of
from .kurrentdb_subscription import KurrentSubscription
from .port import EventSource, NewEvent, StoredEvent, Subscription

ANSWER_SECONDS: Final = 10.0


class KurrentSource(EventSource):
    """Asks and appends with one client; each subscription reads with its own.

    A call that fails makes the library connect anew, which ends whatever else that
    client has open.
    """

    def __init__(self, config: EventStoreConfig) -> None:
        """Take how it is reached; raises EventSourceRefusedError for what cannot be."""
        self.reach = reach_of(config)
        self._client: AsyncKurrentDBClient | None = None
        # How far each group is, which KurrentDB notes a second later
        self.reached: dict[tuple[str | None, str], int] = {}
        self.mended: set[tuple[str | None, str]] = set()

    @override
    async def start(self) -> None:
        self._client = self.new_client()

    @override
    async def stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await close(client)

    @override
    async def append(self, stream: str, events: Sequence[NewEvent]) -> None:
        sent = [_sent(each) for each in events]
        if not sent:
            return
        try:
            await self.ask(partial(_append, stream=stream, events=sent))
        except EventSourceError as err:
            if not isinstance(err.__cause__, WrongCurrentVersionError) or len(sent) < 2:
                raise
            # Some of them are there already, as after an answer that was lost
            for each in sent:
                await self.ask(partial(_append, stream=stream, events=[each]))

    @override
    async def read(
        self, config: SubscriptionConfig, after: int | None = None
    ) -> AsyncGenerator[StoredEvent]:
        stream = stream_of(config)
        # A position in all has to be that of an event
        first = after if stream is None or after is None else after + 1
        async with aclosing(self._events(config, first)) as events:
            async for event in events:
                position = place_in(stream, event)
                if position is not None and (after is None or position > after):
                    yield stored(event, position)

    @override
    async def has(
        self, config: SubscriptionConfig, position: int, event_id: str
    ) -> bool:
        async with aclosing(self._events(config, position, limit=1)) as events:
            async for event in events:
                at = place_in(stream_of(config), event)
                return (at, str(event.id)) == (position, event_id)
        return False

    @override
    def subscribe(self, config: SubscriptionConfig) -> Subscription:
        return KurrentSubscription(self, config)

    def new_client(self) -> AsyncKurrentDBClient:
        """Return a client, not connected."""
        return ReachingClient(self.reach)

    async def ask[T](self, call: Callable[[AsyncKurrentDBClient], Awaitable[T]]) -> T:
        """Return what a call answers in time; raises EventSourceError."""
        client = self._client
        if client is None:
            raise EventSourceError("The event store is stopped")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await call(client)
        except CALL_ERRORS as err:
            raise_if_cancelled()
            raise await explained(err, self.reach) from err

    async def _events(
        self, config: SubscriptionConfig, first: int | None, limit: int = 1 << 62
    ) -> AsyncGenerator[RecordedEvent]:
        """Yield a subscription's events from a position on; raises EventSourceError."""
        reading = await self.ask(lambda client: _read(client, config, first, limit))
        try:
            while (event := await _next(reading)) is not None:
                yield event
        except NotFoundError, InvalidCommitPositionError:
            return
        except CALL_ERRORS as err:
            raise_if_cancelled()
            raise await explained(err, self.reach) from err
        finally:
            with suppress(*CALL_ERRORS):
                await reading.stop(cancel=True)
            raise_if_cancelled()


async def _append(
    client: AsyncKurrentDBClient, stream: str, events: Sequence[SentEvent]
) -> None:
    await client.append_to_stream(
        stream, events=events, current_version=StreamState.ANY, timeout=ANSWER_SECONDS
    )


async def _read(
    client: AsyncKurrentDBClient,
    config: SubscriptionConfig,
    first: int | None,
    limit: int,
) -> AsyncReadResponse:
    stream = stream_of(config)
    if stream is None:
        return await client.read_all(
            commit_position=first, filter_include=filter_of(config), limit=limit
        )
    return await client.read_stream(
        stream, stream_position=first, resolve_links=True, limit=limit
    )


async def _next(reading: AsyncReadResponse) -> RecordedEvent | None:
    """Return the next event in time, None after the last one."""
    async with asyncio.timeout(ANSWER_SECONDS):
        return await anext(reading, None)


def _sent(event: NewEvent) -> SentEvent:
    is_json = event.data[:1] in {b"{", b"["}
    return SentEvent(
        type=event.event_type,
        data=event.data,
        content_type="application/json" if is_json else "application/octet-stream",
        id=uuid.UUID(event.event_id),
    )

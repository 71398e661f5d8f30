"""A group's place in a KurrentDB: in order, of one consumer at a time."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override
from uuid import UUID

from kurrentdbclient import AsyncKurrentDBClient, RecordedEvent
from kurrentdbclient.common import AbstractAsyncPersistentSubscription
from kurrentdbclient.exceptions import (
    KurrentDBClientError,
    MaximumSubscriptionsReachedError,
    NotFoundError,
    ProgrammingError,
)

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from ..gateway_errors import EventSourceError
from .kurrentdb_client import CALL_ERRORS, close, raise_if_cancelled
from .kurrentdb_faults import explained
from .kurrentdb_group import EVENTS_AHEAD, make_group, mend_group
from .kurrentdb_links import found_at, resolved, without_event
from .kurrentdb_places import LINK_TYPE, place_in, stored, stream_of, types_of
from .kurrentdb_standing import standing
from .port import Backlog, EventSourceState, StoredEvent, Subscription

if TYPE_CHECKING:
    from .kurrentdb import KurrentSource

_LOGGER = logging.getLogger(__name__)

JOIN_SECONDS: Final = 10.0
STOP_SECONDS: Final = 2.0
# More than the buffer holds, and acknowledging collapses
ACKNOWLEDGED_AT_ONCE: Final = 50
ACKNOWLEDGE_SECONDS: Final = 0.05
STANDBY_SECONDS: Final = 1.0
# Of a reading that has ended
LEFT_ERRORS: Final = (KurrentDBClientError, ProgrammingError)


class KurrentSubscription(Subscription):
    """Reads with a client of its own, which ends with the reading.

    The library never comes back by itself and may end in silence: every end that we did
    not ask for is an EventSourceError.
    """

    def __init__(self, source: KurrentSource, config: SubscriptionConfig) -> None:
        """Take the store and what is wanted."""
        self._source = source
        self._config = config
        self._stream = stream_of(config)
        self._key = (self._stream, config.group)
        self._state = EventSourceState.CONNECTING
        self._reading: AbstractAsyncPersistentSubscription | None = None
        self._leaving = asyncio.Event()
        self._open: dict[int, RecordedEvent] = {}
        self._last: int | None = None

    @property
    @override
    def state(self) -> EventSourceState:
        return self._state

    @override
    async def events(self) -> AsyncGenerator[StoredEvent]:
        self._open.clear()
        self._last = None
        client = self._source.new_client()
        try:
            self._reading = await self._join(client)
            while self._reading is not None:
                event = await self._next(self._reading)
                if event is None:
                    return
                taken = await self._take(event)
                if taken is not None:
                    yield taken
        finally:
            self._state = EventSourceState.CONNECTING
            await self._stop_reading()
            await close(client)

    @override
    async def acknowledge(self, events: Sequence[StoredEvent]) -> None:
        reading = self._reading
        if reading is None:
            return
        with suppress(*LEFT_ERRORS):
            for event in events:
                delivered = self._open.pop(event.position, None)
                if delivered is not None:
                    await reading.ack(delivered)
        self._note_reached()

    @override
    async def park(self, event: StoredEvent, reason: str) -> None:
        delivered = self._open.pop(event.position, None)
        if delivered is None or self._reading is None:
            return
        with suppress(*LEFT_ERRORS):
            await self._reading.nack(delivered, "park")
        self._note_reached()

    @override
    async def replay_parked(self) -> None:
        await self._source.ask(
            lambda client: client.replay_parked_events(self._config.group, self._stream)
        )

    @override
    async def backlog(self) -> Backlog:
        found = await self._source.ask(lambda client: standing(client, self._config))
        if found.in_flight and not self._open:
            # What was delivered and we never saw
            first = 0 if found.checkpoint is None else found.checkpoint + 1
            await self._acknowledge_gone(first, EVENTS_AHEAD)
        reached = self._source.reached.get(self._key)
        if reached is not None and (found.last is None or reached > found.last):
            # The store is older than it was
            del self._source.reached[self._key]
            reached = None
        places = [each for each in (found.checkpoint, reached) if each is not None]
        done = max(places, default=None)
        return Backlog(
            waiting=found.waiting(done),
            last_position=found.last,
            acknowledged_position=done,
            parked=found.parked,
        )

    @override
    async def close(self) -> None:
        self._leaving.set()
        await self._stop_reading()

    async def _join(
        self, client: AsyncKurrentDBClient
    ) -> AbstractAsyncPersistentSubscription | None:
        """Return the events once it is our turn, None when we left before."""
        if self._key not in self._source.mended:
            await self._mend_group()
        has_made = False
        while not self._leaving.is_set():
            try:
                async with asyncio.timeout(JOIN_SECONDS):
                    reading = await self._read(client)
            except MaximumSubscriptionsReachedError:
                self._state = EventSourceState.STANDBY
                await self._wait_a_while()
            except CALL_ERRORS as err:
                raise_if_cancelled()
                if not isinstance(err, NotFoundError) or has_made:
                    raise await explained(err, self._source.reach) from err
                has_made = True
                await self._source.ask(lambda each: make_group(each, self._config))
            else:
                self._state = EventSourceState.RUNNING
                return reading
        return None

    async def _mend_group(self) -> None:
        """Set a group as order needs it, once; there may be none yet."""
        await self._source.ask(lambda client: mend_group(client, self._config))
        self._source.mended.add(self._key)

    async def _read(
        self, client: AsyncKurrentDBClient
    ) -> AbstractAsyncPersistentSubscription:
        sizes: dict[str, Any] = {
            "event_buffer_size": EVENTS_AHEAD,
            "max_ack_batch_size": ACKNOWLEDGED_AT_ONCE,
            "max_ack_delay": ACKNOWLEDGE_SECONDS,
        }
        group = self._config.group
        if self._stream is None:
            return await client.read_subscription_to_all(group, **sizes)
        return await client.read_subscription_to_stream(group, self._stream, **sizes)

    async def _next(
        self, reading: AbstractAsyncPersistentSubscription
    ) -> RecordedEvent | None:
        """Return the next event, None when we left; raises EventSourceError."""
        try:
            return await anext(reading)
        except StopAsyncIteration:
            if self._leaving.is_set():
                return None
            raise EventSourceError("KurrentDB let us go") from None
        except CALL_ERRORS as err:
            raise_if_cancelled()
            if self._leaving.is_set():
                return None
            raise await explained(err, self._source.reach) from err

    async def _take(self, event: RecordedEvent) -> StoredEvent | None:
        """Return an event in its place; what is not wanted is done with at once."""
        position = place_in(self._stream, event)
        original: RecordedEvent | None = event
        if event.type == LINK_TYPE and self._stream is not None:
            # A replayed event leads to the link that was delivered
            original = await self._source.ask(lambda client: resolved(client, event))
        if position is None and self._stream is not None:
            stream = self._stream
            position = await self._source.ask(
                lambda client: found_at(client, stream, event)
            )
        if original is None or position is None or not self._is_wanted(event):
            await self._acknowledge_ids([event.ack_id])
            return None
        await self._pass_gap(event, position)
        self._open[position] = event
        return stored(original, position, event.retry_count or 0)

    def _is_wanted(self, event: RecordedEvent) -> bool:
        """Return whether its type is ours; the filter may be of whoever made the group."""
        if self._config.stream_kind is not StreamKind.ALL:
            return True
        return event.type in types_of(self._config)

    async def _pass_gap(self, event: RecordedEvent, position: int) -> None:
        """Be done with links to deleted events, which the library keeps from us."""
        last, is_link = self._last, event.link is not None
        self._last = position if last is None else max(last, position)
        if is_link and last is not None and position > last + 1:
            first = max(last + 1, position - EVENTS_AHEAD)
            await self._acknowledge_gone(first, position - first)

    async def _acknowledge_gone(self, first: int, count: int) -> None:
        stream = self._stream
        if stream is None or self._reading is None:
            return
        gone = await self._source.ask(
            lambda client: without_event(client, stream, first, count)
        )
        await self._acknowledge_ids(gone)

    async def _acknowledge_ids(self, ids: Sequence[UUID]) -> None:
        reading = self._reading
        if reading is not None:
            with suppress(*LEFT_ERRORS):
                for each in ids:
                    await reading.ack(each)

    def _note_reached(self) -> None:
        """Know how far we are, before the store notes it."""
        place = min(self._open) - 1 if self._open else self._last
        if place is not None and place >= 0:
            self._source.reached[self._key] = max(
                place, self._source.reached.get(self._key, 0)
            )

    async def _wait_a_while(self) -> None:
        """Wait for a turn to ask again, or until we leave."""
        seconds = STANDBY_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()

    async def _stop_reading(self) -> None:
        """Send what is acknowledged, and leave the group."""
        reading, self._reading = self._reading, None
        if reading is not None:
            with suppress(*CALL_ERRORS):
                await reading.stop(timeout=STOP_SECONDS)
            raise_if_cancelled()

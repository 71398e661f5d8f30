"""The event store of a server that has no other: a log in one SQLite file."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, override

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig
from custom_components.plantroom.engine.storage.database import Database

from ..gateway_errors import EventSourceError
from . import log_schema as log
from .arrivals import Arrival, Kept
from .log_room import Waiting, make_room, most_waiting, waiting_of
from .port import (
    Backlog,
    EventSource,
    EventSourceState,
    NewEvent,
    StoredEvent,
    Subscription,
)

EVENTS_AT_ONCE: Final = 500
MOST_REPLAYED: Final = 10_000
MOST_OCTETS: Final = 1024**3


class EmbeddedLog(EventSource):
    """Keeps events in order and each id once, over a kill and a power cut.

    When the file is as large as it may be, the oldest events that no subscription
    waits for make room; with none of these, new ones are refused.
    """

    def __init__(self, folder: Path | None, most_octets: int = MOST_OCTETS) -> None:
        """Take the folder of the file; None keeps everything in memory."""
        self._most_octets = most_octets
        self._database = Database(folder, log.FILE_NAME, log.MIGRATIONS)
        self._arrivals: set[asyncio.Event] = set()
        self._consuming: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, Waiting] = {}

    @override
    async def start(self) -> None:
        try:
            await self._database.start()
        except StorageError as err:
            raise EventSourceError(str(err), **err.facts) from err

    @override
    async def stop(self) -> None:
        await self._database.stop()

    def expect(self, subscriptions: Sequence[SubscriptionConfig]) -> None:
        """Keep what these have not acknowledged, before they ask for it as well."""
        for each in subscriptions:
            self._waiting[log.group_of(each)] = waiting_of(each)

    @override
    async def append(self, stream: str, events: Sequence[NewEvent]) -> None:
        at = datetime.now(UTC)

        def append(db: sqlite3.Connection) -> int:
            self._make_room(db)
            return log.append(db, stream, events, at)

        if await self.run(append):
            self._tell()

    async def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Keep all of them or none, on disk when it returns, and say where each is.

        Raises IdTakenError, EventSourceError.
        """
        at = datetime.now(UTC)

        def keep(db: sqlite3.Connection) -> list[Kept]:
            self._make_room(db)
            return log.keep(db, arrivals, at)

        kept = await self.run(keep)
        self._tell()
        return kept

    async def most_waiting(self, enough: int) -> int:
        """Return how many events wait for the slowest subscription, up to enough.

        Events of others in between may count as waiting while they are fewer than that.
        Raises EventSourceError.
        """
        waiting = [*self._waiting.values()]
        return await self.run(lambda db: most_waiting(db, waiting, enough))

    @override
    async def read(
        self, config: SubscriptionConfig, after: int | None = None
    ) -> AsyncGenerator[StoredEvent]:
        wanted, position = log.filter_of(config), after or 0
        while True:
            found = await self.after(wanted, position)
            for event in found:
                yield event
            if len(found) < EVENTS_AT_ONCE:
                return
            position = found[-1].position

    @override
    def subscribe(self, config: SubscriptionConfig) -> Subscription:
        self.expect((config,))
        lock = self._consuming.setdefault(log.group_of(config), asyncio.Lock())
        return LogSubscription(self, config, lock)

    def listen(self, arrival: asyncio.Event) -> Callable[[], None]:
        """Set the event whenever something is appended; return the unsubscribe."""
        self._arrivals.add(arrival)
        return lambda: self._arrivals.discard(arrival)

    async def run[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work on the file; raises EventSourceError."""
        try:
            return await self._database.run(work)
        except StorageError as err:
            raise EventSourceError(str(err), **err.facts) from err

    async def after(self, wanted: log.Filter, position: int) -> list[StoredEvent]:
        """Return the next events after a position; raises EventSourceError."""
        return await self.run(
            lambda db: log.events_after(db, wanted, position, EVENTS_AT_ONCE)
        )

    def _make_room(self, db: sqlite3.Connection) -> None:
        if not make_room(db, self._most_octets, [*self._waiting.values()]):
            raise EventSourceError("The event log is full", reason="full")

    def _tell(self) -> None:
        for arrival in self._arrivals:
            arrival.set()


class LogSubscription(Subscription):
    """One consumer of a group; another of the same group waits until it leaves."""

    def __init__(
        self, source: EmbeddedLog, config: SubscriptionConfig, turn: asyncio.Lock
    ) -> None:
        """Take the log and whose turn it is."""
        self._source = source
        self._wanted = log.filter_of(config)
        self._group = log.group_of(config)
        self._turn = turn
        self._is_asked = False
        self._has_turn = False
        self._closed = False
        self._arrival = asyncio.Event()
        self._delivered: deque[int] = deque()
        self._done: set[int] = set()
        self._again: deque[StoredEvent] = deque()
        self._unparked: set[int] = set()

    @property
    @override
    def state(self) -> EventSourceState:
        if self._has_turn:
            return EventSourceState.RUNNING
        if self._is_asked:
            return EventSourceState.STANDBY
        return EventSourceState.CONNECTING

    @override
    async def events(self) -> AsyncGenerator[StoredEvent]:
        self._is_asked = True
        await self._turn.acquire()
        self._has_turn = True
        unlisten = self._source.listen(self._arrival)
        try:
            position = await self._source.run(
                lambda db: log.join_group(db, self._group)
            )
            while not self._closed:
                self._arrival.clear()
                async for event in self._waiting(position):
                    position = max(position, event.position)
                    yield event
                await self._arrival.wait()
        finally:
            unlisten()
            self._leave()

    @override
    async def acknowledge(self, events: Sequence[StoredEvent]) -> None:
        done = {event.position for event in events}
        unparked = [*(done & self._unparked)]
        checkpoint = self._move_on(done)
        await self._source.run(
            lambda db: log.acknowledge(db, self._group, checkpoint, unparked)
        )
        self._unparked.difference_update(unparked)

    @override
    async def park(self, event: StoredEvent, reason: str) -> None:
        await self._source.run(
            lambda db: log.park(db, self._group, event.position, reason)
        )
        self._unparked.discard(event.position)
        await self.acknowledge([event])

    @override
    async def replay_parked(self) -> None:
        found = await self._source.run(
            lambda db: log.parked_events(db, self._group, MOST_REPLAYED)
        )
        self._again.extend(e for e in found if e.position not in self._unparked)
        self._unparked.update(event.position for event in found)
        self._arrival.set()

    @override
    async def backlog(self) -> Backlog:
        def ask(db: sqlite3.Connection) -> Backlog:
            return Backlog(
                waiting=log.count_after(db, self._wanted, self._group),
                last_position=log.last_position(db, self._wanted),
                acknowledged_position=log.checkpoint_of(db, self._group) or None,
                parked=log.count_parked(db, self._group),
            )

        return await self._source.run(ask)

    @override
    async def close(self) -> None:
        self._closed = True
        self._arrival.set()

    async def _waiting(self, position: int) -> AsyncGenerator[StoredEvent]:
        """Yield what is there: what is to be tried again, then what is new."""
        while True:
            while self._again:
                yield self._again.popleft()
            found = await self._source.after(self._wanted, position)
            for event in found:
                if self._closed:
                    return
                self._delivered.append(event.position)
                position = event.position
                yield event
            if not found and not self._again:
                return

    def _move_on(self, done: set[int]) -> int:
        """Return the position before which nothing is open any more."""
        first = self._delivered[0] if self._delivered else None
        self._done |= {each for each in done if first is not None and each >= first}
        checkpoint = 0
        while self._delivered and self._delivered[0] in self._done:
            checkpoint = self._delivered.popleft()
            self._done.discard(checkpoint)
        return checkpoint

    def _leave(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()

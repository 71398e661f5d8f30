"""What every event store does for the gateway."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as its store has it.

    position: rises along the subscription; of the stream, of the category, or of all.
    event_id: a UUID in text. data: octets as sent. redelivered: how often before.
    """

    position: int
    event_id: str
    stream: str
    event_type: str
    data: bytes
    recorded_at: datetime
    redelivered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to append; a store keeps one with the same id once."""

    event_id: str
    event_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How far a subscription is, and how much it put aside.

    waiting: events not yet acknowledged, None where the store cannot count them.
    """

    waiting: int | None
    last_position: int | None
    acknowledged_position: int | None
    parked: int


class EventSourceState(StrEnum):
    """Whether the store can be asked; a standby waits for the consumer at work."""

    CONNECTING = "connecting"
    RUNNING = "running"
    STANDBY = "standby"


class Subscription(ABC):
    """A group's place in a stream: in order, at least once, resumed where it stopped."""

    @abstractmethod
    def events(self) -> AsyncGenerator[StoredEvent]:
        """Wait for our turn in the group, then yield events until it is lost.

        Raises EventSourceError when the store is gone, EventSourceRefusedError for
        what people have to mend. Asked again, it begins after what was acknowledged.
        """

    @abstractmethod
    async def acknowledge(self, events: Sequence[StoredEvent]) -> None:
        """Never deliver these again; one that is lost is delivered again."""

    @abstractmethod
    async def park(self, event: StoredEvent, reason: str) -> None:
        """Put an event aside for a person; the rest goes on."""

    @abstractmethod
    async def replay_parked(self) -> None:
        """Deliver again what was put aside."""

    @abstractmethod
    async def backlog(self) -> Backlog:
        """Return how far behind the group is; raises EventSourceError."""

    @property
    @abstractmethod
    def state(self) -> EventSourceState:
        """Return whether events flow."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the group; calling it twice does no harm."""


class EventSource(ABC):
    """An event store."""

    @abstractmethod
    async def start(self) -> None:
        """Begin; what stands in the way is tried again by whoever needs it."""

    @abstractmethod
    async def stop(self) -> None:
        """Let go of everything; calling it twice does no harm."""

    @abstractmethod
    async def append(self, stream: str, events: Sequence[NewEvent]) -> None:
        """Keep events in order, each id once; raises EventSourceError."""

    @abstractmethod
    def read(
        self, config: SubscriptionConfig, after: int | None = None
    ) -> AsyncGenerator[StoredEvent]:
        """Yield what a subscription's events have been, to the present one.

        after: a position, None from the beginning. Raises EventSourceError.
        """

    async def has(
        self, config: SubscriptionConfig, position: int, event_id: str
    ) -> bool:
        """Return whether the event at a position is the one of that id.

        Raises EventSourceError.
        """
        async with aclosing(self.read(config, position - 1)) as events:
            async for event in events:
                return (event.position, event.event_id) == (position, event_id)
        return False

    @abstractmethod
    def subscribe(self, config: SubscriptionConfig) -> Subscription:
        """Return a group's place; made in the store when it is not there."""

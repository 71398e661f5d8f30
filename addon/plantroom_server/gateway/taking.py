"""What is done with each event: used once, or put aside with the reason."""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from custom_components.plantroom.engine.bacnet.local_objects.models import ObjectKey
from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig
from custom_components.plantroom.engine.gateway.models import ParkedEvent

from ..event_messages.decoding import decode
from ..event_messages.models import Define, MalformedEventError, Message
from ..event_source.port import EventSource, StoredEvent, Subscription
from ..gateway_errors import EventSourceError
from .commands_out import EVENT_TYPE as OWN_COMMAND
from .keeping import Keeping
from .kept_objects import key_of, key_text
from .ledger import Ledger
from .object_book import ObjectBook

_LOGGER = logging.getLogger(__name__)

# Definitions come in numbers
REPLAY_SECONDS: Final = 0.5
# What the store had not put aside yet when it was asked
REPLAYED_AGAIN_SECONDS: Final = (5.0, 30.0)


class Taking:
    """Applies events in order; double ones change nothing, late ones neither."""

    def __init__(
        self,
        config: SubscriptionConfig,
        book: ObjectBook,
        keeping: Keeping,
        ledger: Ledger,
    ) -> None:
        """Take the objects, what keeps them, and where it is noted what was parked."""
        self._config = config
        self._book = book
        self._keeping = keeping
        self._ledger = ledger
        self._parked: dict[int, str] = {}
        self._waited: Counter[str] = Counter()
        self._replay_due = asyncio.Event()
        self.handled = 0
        self.lag_seconds: float | None = None

    @property
    def parked(self) -> int:
        """Return how many events are put aside."""
        return len(self._parked)

    async def restore(self) -> None:
        """Know again what is put aside; raises StorageError."""
        self._parked = await self._ledger.parked_positions(self._config.subscription_id)
        self._waited = Counter(filter(None, self._parked.values()))

    async def take(self, subscription: Subscription, event: StoredEvent) -> None:
        """Do what an event says, and have it acknowledged when that is kept."""
        was_parked = event.position in self._parked
        is_news = self._keeping.is_news(event)
        if (was_parked or is_news) and not await self._use(subscription, event):
            self._keeping.pass_by(event)
            return
        if was_parked:
            self._waited[self._parked.pop(event.position)] -= 1
            await self._ledger.unpark(self._config.subscription_id, event.position)
        lag = (datetime.now(UTC) - event.recorded_at).total_seconds()
        self.lag_seconds = max(0.0, lag)
        self.handled += 1
        await self._keeping.take(event)

    async def catch_up(self, source: EventSource, until: int) -> None:
        """Apply what the store had acknowledged and the cache has lost.

        Nothing is parked: what could not be used is put aside already. What waited for
        its object waits here as well.
        """
        waiting: dict[ObjectKey, list[tuple[Message, int]]] = {}
        async for event in source.read(self._config, self._keeping.position):
            if event.position > until:
                break
            self._apply_again(event, waiting)
            self._keeping.pass_by(event)
        self._keeping.wake()

    async def replay_when_due(self, subscription: Subscription) -> None:
        """Have parked events come again for ever, whenever their objects are there."""
        again = iter(REPLAYED_AGAIN_SECONDS)
        while True:
            if await self._is_due_within(next(again, None)):
                await asyncio.sleep(REPLAY_SECONDS)
                self._replay_due.clear()
                again = iter(REPLAYED_AGAIN_SECONDS)
            if self._is_late():
                await self._replay(subscription)

    async def _is_due_within(self, seconds: float | None) -> bool:
        """Return whether an object is defined before the time is over, None for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._replay_due.wait()
        return self._replay_due.is_set()

    def _is_late(self) -> bool:
        """Return whether an event is put aside still whose object is there."""
        return any(
            key_of(key) in self._book
            for key, count in self._waited.items()
            if key and count > 0
        )

    async def _replay(self, subscription: Subscription) -> None:
        try:
            await subscription.replay_parked()
        except EventSourceError as err:
            _LOGGER.warning(
                "%s: parked events stay so: %s", self._config.subscription_id, err
            )

    async def _use(self, subscription: Subscription, event: StoredEvent) -> bool:
        """Return whether an event could be used; what could not is parked."""
        if event.event_type == OWN_COMMAND:
            return True
        try:
            message = self._decoded(event)
            self._book.apply(message, event.position)
        except MalformedEventError as err:
            await self._park(subscription, event, err)
            return False
        if isinstance(message, Define) and self._is_waited_for(message.definition.key):
            self._replay_due.set()
        return True

    def _is_waited_for(self, key: ObjectKey) -> bool:
        return self._waited[key_text(key)] > 0

    def _apply_again(
        self,
        event: StoredEvent,
        waiting: dict[ObjectKey, list[tuple[Message, int]]],
    ) -> None:
        if event.event_type == OWN_COMMAND:
            return
        message = None
        try:
            message = self._decoded(event)
            self._book.apply(message, event.position)
        except MalformedEventError as err:
            if err.waits_for is not None and message is not None:
                waiting.setdefault(err.waits_for, []).append((message, event.position))
            return
        if isinstance(message, Define):
            for late, position in waiting.pop(message.definition.key, ()):
                self._apply_late(late, position)

    def _apply_late(self, message: Message, position: int) -> None:
        try:
            self._book.apply(message, position)
        except MalformedEventError as err:
            _LOGGER.debug("%s: %s", self._config.subscription_id, err)

    def _decoded(self, event: StoredEvent) -> Message:
        return decode(event.event_type, event.data, self._config.offset)

    async def _park(
        self, subscription: Subscription, event: StoredEvent, err: MalformedEventError
    ) -> None:
        wanted = "" if err.waits_for is None else key_text(err.waits_for)
        note = ParkedEvent(
            subscription_id=self._config.subscription_id,
            event_id=event.event_id,
            position=event.position,
            event_type=event.event_type,
            reason=f"{err.reason}: {err}",
            at=datetime.now(UTC),
            data=event.data.decode(errors="replace"),
        )
        await self._ledger.park(note, wanted)
        self._waited[self._parked.get(event.position, "")] -= 1
        self._waited[wanted] += 1
        self._parked[event.position] = wanted
        await subscription.park(event, err.reason)
        _LOGGER.debug("Event %s is parked: %s", event.event_id, err)

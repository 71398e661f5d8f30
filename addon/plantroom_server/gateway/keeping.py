"""The recovery cache written behind the events, which are acknowledged only then."""

import asyncio
import logging
from typing import Final

from custom_components.plantroom.engine.backoff import backoff_seconds

from ..event_source.port import StoredEvent, Subscription
from ..gateway_errors import CacheLostError, FencedError, RecoveryCacheError
from ..recovery_cache.port import CacheFlush, RecoveryCache
from .object_book import ObjectBook

_LOGGER = logging.getLogger(__name__)

# Fewer events wait for others to go with them; a command of a client waits no longer
GATHER_SECONDS: Final = 0.02
GATHERED: Final = 50
MOST_UNSAVED: Final = 5000


class Keeping:
    """Writes what changed, then acknowledges the events that changed it."""

    def __init__(
        self, subscription_id: str, cache: RecoveryCache, book: ObjectBook
    ) -> None:
        """Take where to write and what."""
        self._subscription_id = subscription_id
        self._cache = cache
        self._book = book
        self._unsaved: list[StoredEvent] = []
        self._acknowledging: Subscription | None = None
        self._arrival = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._begun = 0
        self._saved = asyncio.Condition()
        self._done = 0
        self.fence = 0
        self.position: int | None = None
        self.event_id = ""
        self.connected = True

    @property
    def unsaved(self) -> int:
        """Return how many events are shown and not yet in the cache."""
        return len(self._unsaved)

    def begin(self, subscription: Subscription) -> None:
        """Acknowledge to this subscription from now on; what was open comes again."""
        self._acknowledging = subscription
        if self._book.has_changes:
            self._arrival.set()
        self._unsaved.clear()
        self._room.set()

    def is_news(self, event: StoredEvent) -> bool:
        """Return whether an event is after all that were used before."""
        return self.position is None or event.position > self.position

    def pass_by(self, event: StoredEvent) -> None:
        """Be as far as an event that needs no acknowledgement of ours."""
        if self.is_news(event):
            self.position, self.event_id = event.position, event.event_id

    async def take(self, event: StoredEvent) -> None:
        """Save and acknowledge an event soon; waits while too many are unsaved."""
        self.pass_by(event)
        self._unsaved.append(event)
        if len(self._unsaved) >= MOST_UNSAVED:
            self._room.clear()
        self._arrival.set()
        await self._room.wait()

    def wake(self) -> None:
        """Look whether there is something to save."""
        self._arrival.set()

    async def until_saved(self) -> None:
        """Wait until everything that has changed by now is in the cache."""
        wanted = self._begun + 1 if self._book.has_changes else self._begun
        self.wake()
        async with self._saved:
            await self._saved.wait_for(lambda: self._done >= wanted)

    async def run(self) -> None:
        """Save for ever; raises FencedError, CacheLostError.

        After CacheLostError all is to be saved anew, in a new term.
        """
        failures = 0
        while True:
            await self._arrival.wait()
            self._arrival.clear()
            if len(self._unsaved) < GATHERED:
                await asyncio.sleep(GATHER_SECONDS)
            try:
                await self.save()
            except FencedError:
                raise
            except CacheLostError:
                _LOGGER.warning("The recovery cache was emptied: all is saved anew")
                self._book.forget_cache()
                raise
            except RecoveryCacheError as err:
                failures += 1
                self._say(err)
                self._arrival.set()
                await asyncio.sleep(backoff_seconds(failures, first=0.2, longest=5.0))
            else:
                failures = 0
                self._say(None)

    async def save(self) -> None:
        """Write what changed and acknowledge what is written; raises GatewayError."""
        if not self._book.has_changes and not self._unsaved:
            return
        events, self._unsaved = self._unsaved, []
        changes = self._book.take_changes()
        flush = CacheFlush(
            definitions=changes.definitions,
            values=changes.values,
            position=self.position,
            event_id=self.event_id,
        )
        number = self._begun = self._begun + 1
        try:
            await self._cache.flush(self._subscription_id, self.fence, flush)
        except BaseException:
            self._book.give_back(changes)
            self._unsaved = events + self._unsaved
            raise
        async with self._saved:
            self._done = number
            self._saved.notify_all()
        if events and self._acknowledging is not None:
            await self._acknowledging.acknowledge(events)
        if len(self._unsaved) < MOST_UNSAVED:
            self._room.set()

    def _say(self, err: RecoveryCacheError | None) -> None:
        if err is not None and self.connected:
            _LOGGER.warning("Nothing is acknowledged until the cache is back: %s", err)
        if err is None and not self.connected:
            _LOGGER.info("The recovery cache is back")
        self.connected = err is None

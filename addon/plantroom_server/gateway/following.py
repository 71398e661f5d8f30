"""One subscription: from the recovery cache to the present, and on with the events."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from custom_components.plantroom.engine.backoff import backoff_seconds
from custom_components.plantroom.engine.bacnet.local_objects.port import ServedObjects
from custom_components.plantroom.engine.errors import PlantroomError
from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig
from custom_components.plantroom.engine.gateway.models import (
    SubscriptionState,
    SubscriptionStatus,
)

from ..event_source.port import (
    EventSource,
    EventSourceState,
    StoredEvent,
    Subscription,
)
from ..gateway_errors import (
    EventSourceError,
    EventSourceRefusedError,
    FencedError,
    RecoveryCacheError,
)
from ..recovery_cache.port import RecoveryCache
from .commands_out import CommandsOut
from .keeping import Keeping
from .ledger import Ledger
from .object_book import ObjectBook
from .taking import Taking

_LOGGER = logging.getLogger(__name__)

STEADY_SECONDS: Final = 30.0
FENCED_SECONDS: Final = 5.0
BACKLOG_SECONDS: Final = 5.0
STATUS_SECONDS: Final = 1.0
LAST_SAVE_SECONDS: Final = 2.0
EVENTS_A_TURN: Final = 50

type StatusListener = Callable[[SubscriptionStatus], None]


class Following:
    """Follows a subscription until it is stopped, whatever breaks meanwhile."""

    def __init__(
        self,
        config: SubscriptionConfig,
        objects: ServedObjects,
        source: EventSource,
        cache: RecoveryCache,
        ledger: Ledger,
        listener: StatusListener,
    ) -> None:
        """Take the parts; listener hears how it goes."""
        self._config = config
        self._objects = objects
        self._source = source
        self._cache = cache
        self._listener = listener
        self._book = ObjectBook(objects, config.offset)
        self._keeping = Keeping(config.subscription_id, cache, self._book)
        self._taking = Taking(config, self._book, self._keeping, ledger)
        self._commands = CommandsOut(config, source, ledger, self._book, self._keeping)
        self._subscription: Subscription | None = None
        self.restored = asyncio.Event()
        self.caught_up = asyncio.Event()
        self._unlisten: Callable[[], None] | None = None
        self._lag_events: int | None = None
        self._said = ""
        self._task: asyncio.Task[None] | None = None
        self._status = SubscriptionStatus(
            subscription_id=config.subscription_id,
            state=SubscriptionState.RESTORING,
            since=datetime.now(UTC),
        )

    @property
    def status(self) -> SubscriptionStatus:
        """Return how it is doing now."""
        return replace(
            self._status,
            objects=len(self._book),
            handled=self._taking.handled,
            parked=self._taking.parked,
            unsaved=self._keeping.unsaved,
            commands_waiting=self._commands.waiting,
            lag_events=self._lag_events,
            lag_seconds=self._taking.lag_seconds,
            cache_connected=self._keeping.connected,
        )

    @property
    def is_held_up(self) -> bool:
        """Return whether events do not come: the store is away, or others have them."""
        return bool(self._said) or self._status.state is SubscriptionState.STANDBY

    def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self, *, save: bool = True) -> None:
        """Take the objects away, saved before if so wanted; twice does no harm."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if save and self.restored.is_set():
            await self._save_at_last()
        await self._leave()
        self._book.close()
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self.restored.clear()
        self.caught_up.clear()

    async def replay_parked(self) -> None:
        """Try again what was put aside; raises EventSourceError."""
        if self._subscription is None:
            raise EventSourceError("The event store is not connected")
        await self._subscription.replay_parked()

    def resume(self) -> None:
        """Try again what a person had to mend; one that was not stopped goes on."""
        if self._task is not None and self._task.done():
            self.start()

    async def _run(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._work()
            except EventSourceRefusedError as err:
                self._stand(SubscriptionState.STOPPED, err)
                await self._leave()
                return
            except FencedError as err:
                # By what a server that was killed had sent before, or by one that goes
                # on: whoever holds the device is to write, and one alone always does
                self._stand(SubscriptionState.CONNECTING, err)
                await self._leave()
                await asyncio.sleep(FENCED_SECONDS)
                continue
            except PlantroomError as err:
                self._stand(SubscriptionState.CONNECTING, err)
            except Exception:
                _LOGGER.exception("Following %s broke", self._config.subscription_id)
            await self._leave()
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            await asyncio.sleep(backoff_seconds(failures, first=0.2, longest=20.0))

    async def _work(self) -> None:
        """Follow until something breaks; raises PlantroomError."""
        name = self._config.subscription_id
        self._keeping.fence = await self._cache.take_term(name)
        if not self.restored.is_set():
            await self._restore()
        subscription = self._source.subscribe(self._config)
        self._subscription = subscription
        self._keeping.begin(subscription)
        try:
            async with asyncio.TaskGroup() as group:
                for work in (
                    self._keeping.run(),
                    self._commands.run(),
                    self._commands.forget_kept(),
                    self._taking.replay_when_due(subscription),
                    self._report(subscription),
                    self._follow(subscription),
                ):
                    group.create_task(work)
        except* PlantroomError as errors:
            raise _first_of(errors) from None

    async def _restore(self) -> None:
        """Make the objects what they were; they answer from then on."""
        self._stand(SubscriptionState.RESTORING)
        await self._taking.restore()
        cached = await self._cache.load(self._config.subscription_id)
        self._book.open()
        if self._unlisten is None:
            # Not only while the store is there: what clients command is kept meanwhile
            self._unlisten = self._objects.listen_commands(self._commands.take)
        try:
            await self._book.restore(cached)
        except RecoveryCacheError as err:
            _LOGGER.warning("%s is made anew: %s", self._config.subscription_id, err)
            self._begin_anew()
        else:
            self._keeping.position = cached.position
            self._keeping.event_id = cached.event_id
        await self._commands.restore()
        self.restored.set()

    async def _follow(self, subscription: Subscription) -> None:
        self._stand(SubscriptionState.CONNECTING)
        newest = await self._catch_up(subscription)
        self._note_reached(newest)
        taken, is_whole = 0, False
        async with aclosing(subscription.events()) as events:
            async for event in events:
                if not is_whole and self._keeping.is_news(event):
                    await self._close_gap(event)
                    is_whole = True
                await self._taking.take(subscription, event)
                self._note_reached(newest)
                taken += 1
                if taken % EVENTS_A_TURN == 0:
                    await asyncio.sleep(0)
        raise EventSourceError("The event store let us go")

    async def _catch_up(self, subscription: Subscription) -> int | None:
        """Make good what the cache has lost, or begin anew with another log.

        Returns the position of the newest event there is.
        """
        backlog = await subscription.backlog()
        if not await self._log_agrees():
            _LOGGER.warning(
                "The events of %s are others now: all anew", self._config.stream
            )
            self._begin_anew()
        if self._keeping.position is None:
            await self._commands.recall()
        place = backlog.acknowledged_position
        if place is not None and place > (self._keeping.position or -1):
            await self._taking.catch_up(self._source, place)
        return backlog.last_position

    def _note_reached(self, newest: int | None) -> None:
        position = self._keeping.position
        if newest is None or (position is not None and position >= newest):
            self.caught_up.set()

    async def _close_gap(self, event: StoredEvent) -> None:
        """Make good what another consumer did while we waited for our turn."""
        before, known = event.position - 1, self._keeping.position
        if before > (-1 if known is None else known):
            await self._taking.catch_up(self._source, before)

    async def _log_agrees(self) -> bool:
        """Return whether the store still has the event that we used last."""
        position = self._keeping.position
        if position is None or not self._keeping.event_id:
            return True
        return await self._source.has(self._config, position, self._keeping.event_id)

    def _begin_anew(self) -> None:
        self._book.close()
        self._book.open()
        self._book.forget_cache()
        self._keeping.position, self._keeping.event_id = None, ""

    async def _report(self, subscription: Subscription) -> None:
        """Tell how it goes, and ask now and then how far behind we are."""
        told, asked = None, 0.0
        while True:
            now = asyncio.get_running_loop().time()
            if now - asked > BACKLOG_SECONDS:
                asked = now
                await self._ask_lag(subscription)
            self._take_state(subscription.state)
            if self.status != told:
                told = self.status
                self._listener(told)
            await asyncio.sleep(STATUS_SECONDS)

    async def _ask_lag(self, subscription: Subscription) -> None:
        try:
            async with asyncio.timeout(BACKLOG_SECONDS):
                self._lag_events = (await subscription.backlog()).waiting
        except EventSourceError, TimeoutError:
            self._lag_events = None

    def _take_state(self, state: EventSourceState) -> None:
        match state:
            case EventSourceState.RUNNING:
                self._stand(SubscriptionState.RUNNING)
            case EventSourceState.STANDBY:
                self._stand(SubscriptionState.STANDBY)
            case EventSourceState.CONNECTING:
                self._stand(SubscriptionState.CONNECTING)

    async def _save_at_last(self) -> None:
        try:
            async with asyncio.timeout(LAST_SAVE_SECONDS):
                await self._keeping.save()
        except (PlantroomError, TimeoutError) as err:
            _LOGGER.warning(
                "Not all of %s is saved: %s", self._config.subscription_id, err
            )

    async def _leave(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.close()

    def _stand(
        self, state: SubscriptionState, err: PlantroomError | None = None
    ) -> None:
        reason, detail = ("", "") if err is None else (err.code, str(err))
        before = self._status
        if (state, reason, detail) == (before.state, before.reason, before.detail):
            return
        name = self._config.subscription_id
        if err is not None and reason != self._said:
            _LOGGER.warning("%s: %s", name, err)
            self._said = reason
        elif err is None and state is SubscriptionState.RUNNING:
            _LOGGER.info("%s runs", name)
            self._said = ""
        self._status = replace(
            before, state=state, reason=reason, detail=detail, since=datetime.now(UTC)
        )
        self._listener(self.status)


def _first_of(errors: BaseExceptionGroup[PlantroomError]) -> PlantroomError:
    """Return the failure that decides: one that people mend before one that passes."""
    found = [
        _first_of(error) if isinstance(error, BaseExceptionGroup) else error
        for error in errors.exceptions
    ]
    grave = [
        error
        for error in found
        if isinstance(error, EventSourceRefusedError | FencedError)
    ]
    return (grave or found)[0]

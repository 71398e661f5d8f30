"""Ends leases when their time is over or their client is gone, however long it takes."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Final

from ..errors import (
    DeviceRefusedError,
    PlantroomError,
    StorageError,
)
from ..events import DeviceStatusChanged, NumberedEvent
from ..models import Verdict
from ..points import Points
from ..problems import Problems
from ..storage.leases import LeaseStore
from ..write_command import reason_of
from ..writes import Writes
from .attempts import Attempts
from .book import LeaseBook
from .configuration import LeaseConfig
from .deadlines import Deadlines
from .holders import Holders
from .models import Lease, LeaseCause
from .rules import is_expired
from .stuck import StuckLeases

_LOGGER = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS: Final = 15.0
AT_ONCE: Final = 8
# How long a stop, or the removal of a device, waits for controllers
PARTING_SECONDS: Final = 8.0
VIA: Final = "lease"
# A device that is not known yet, after a start, is no failure
TELL_AFTER: Final = 3


class Leasing:
    """The one who ends leases; what is open, LeaseBook knows."""

    def __init__(
        self,
        book: LeaseBook,
        store: LeaseStore,
        writes: Writes,
        points: Points,
        problems: Problems,
        name_of: Callable[[str], str],
    ) -> None:
        """Take the records, and what tells a device's name."""
        self.book = book
        self.holders = Holders()
        self._store = store
        self._writes = writes
        self._config = LeaseConfig()
        self._deadlines = Deadlines()
        self._attempts: dict[str, Attempts] = {}
        self._trying: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._stuck = StuckLeases(points, problems, name_of)
        self._seen_at = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        book.on_change(self._wake.set)

    async def start(self) -> None:
        """Go on with what was open; raises StorageError."""
        kept = await self.book.load()
        self.holders.remember(kept.seen, self.book.clock())

    async def stop(self) -> None:
        """Stop ending leases, which go on; calling it twice does no harm."""
        task, self._task = self._task, None
        if task is None:
            return
        tasks = [task, *self._trying.values()]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._keep_seen()
        self.holders.went("")
        self._deadlines.keep_only(())
        self._attempts.clear()

    async def configure(self, config: LeaseConfig) -> None:
        """Bear absence for as long as this says; the first time, begin to end leases.

        Whoever runs us in its own process is there as of then: what it held when it
        was away for too long, killed perhaps, ends.
        """
        self._config = config
        self._wake.set()
        if self._task is not None:
            return
        for lease in self.book.all():
            if self._is_deserted(lease):
                await self.book.mark(lease, LeaseCause.CLIENT_GONE)
        self.holders.came("")
        self._task = asyncio.get_running_loop().create_task(
            self._run(), name="plantroom leases"
        )

    def hear(self, numbered: NumberedEvent) -> None:
        """Try again at once what waits for a device that is back."""
        event = numbered.event
        if not isinstance(event, DeviceStatusChanged) or not event.status.online:
            return
        for lease in self.book.all():
            attempts = self._attempts.get(lease.lease_id)
            if lease.device_id == event.status.device_id and attempts is not None:
                attempts.hurry()
                self._wake.set()

    async def client_went(self, client: str) -> None:
        """Note that a client has gone."""
        self.holders.went(client)
        await self._keep_seen([client])
        self._wake.set()

    async def end_bound(self, client: str) -> int:
        """End what a client holds that says it stops; return how many did not end.

        Those are ended when their devices are back, or by the next start.
        """
        held = [
            each for each in self.book.all() if each.bound and each.client == client
        ]
        return await self._part_with(held, LeaseCause.CLIENT_STOPS)

    async def keep_only(self, device_ids: Collection[str]) -> None:
        """End the leases of devices that are served no more, while they still are."""
        lost = [each for each in self.book.all() if each.device_id not in device_ids]
        await self._part_with(lost, LeaseCause.DEVICE_REMOVED)
        for lease in lost:
            if self.book.is_open(lease):
                await self.book.end(
                    lease,
                    LeaseCause.DEVICE_REMOVED,
                    outcome="not given back",
                    verdict=Verdict.FAILED,
                )
        await self._tell_stuck()

    async def _part_with(self, leases: Iterable[Lease], cause: LeaseCause) -> int:
        marked = [await self.book.mark(each, cause) for each in leases]
        if not marked:
            return 0
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                await asyncio.gather(*map(self._try, marked))
        except TimeoutError:
            _LOGGER.warning("Not every lease could be ended in time")
        return sum(map(self.book.is_open, marked))

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._look()
            except Exception:
                _LOGGER.exception("Leases are not looked after")
            try:
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        await self._see_holders()
        for found in self.book.all():
            cause, lease = self._cause(found), found
            if cause is None:
                continue
            if not found.ending:
                lease = await self.book.mark(found, cause)
            attempts = self._attempts.setdefault(lease.lease_id, Attempts.fresh())
            if lease.lease_id not in self._trying and attempts.is_due:
                self._begin(lease)
        await self._tell_stuck()

    def _cause(self, lease: Lease) -> LeaseCause | None:
        if lease.ending:
            return LeaseCause(lease.ending)
        now = self.book.clock()
        if is_expired(lease, now, self._deadlines.left_seconds(lease, now)):
            return LeaseCause.EXPIRED
        return LeaseCause.CLIENT_GONE if self._is_deserted(lease) else None

    def _is_deserted(self, lease: Lease) -> bool:
        if not lease.bound:
            return False
        gone = self.holders.gone_seconds(lease.client)
        return gone > self._config.client_gone_seconds

    def _seconds_to_next(self) -> float:
        loop, now = asyncio.get_running_loop(), self.book.clock()
        waits = [
            self._deadlines.left_seconds(lease, now) or 0.0
            for lease in self.book.all()
            if lease.until is not None and not lease.ending
        ]
        waits += [each.next_at - loop.time() for each in self._attempts.values()]
        waits += [
            self._config.client_gone_seconds - self.holders.gone_seconds(lease.client)
            for lease in self.book.all()
            if lease.bound and not lease.ending
        ]
        return max(0.05, min([*waits, LONGEST_WAIT_SECONDS]))

    def _begin(self, lease: Lease) -> None:
        task = asyncio.get_running_loop().create_task(self._try(lease))
        self._trying[lease.lease_id] = task

        def done(_: asyncio.Task[None]) -> None:
            self._trying.pop(lease.lease_id, None)
            self._wake.set()
            if not task.cancelled() and (err := task.exception()) is not None:
                _LOGGER.error("Ending a lease broke", exc_info=err)

        task.add_done_callback(done)

    async def _try(self, lease: Lease) -> None:
        """Take back what a lease wrote; what fails is tried again later."""
        attempts = self._attempts.setdefault(lease.lease_id, Attempts.fresh())
        async with self._places:
            try:
                back = await self._writes.give_back(
                    lease, LeaseCause(lease.ending), lease.actor, VIA
                )
            except PlantroomError as err:
                attempts.fail(
                    reason_of(err), refused=isinstance(err, DeviceRefusedError)
                )
            else:
                if back.ended:
                    self._attempts.pop(lease.lease_id, None)
                    return
                reason = "" if back.result is None else back.result.reason
                attempts.fail(reason, refused=True)
        if attempts.failures >= TELL_AFTER or attempts.is_stuck:
            await self._tell_failure(lease, attempts)

    async def _tell_failure(self, lease: Lease, attempts: Attempts) -> None:
        if attempts.told:
            return
        attempts.told = True
        _LOGGER.warning(
            "Lease of %s cannot be ended: %s", lease.point_id, attempts.reason
        )
        await self.book.tell_failure(lease, attempts.reason)

    async def _see_holders(self) -> None:
        """Keep now and then who is there that holds something."""
        now = asyncio.get_running_loop().time()
        pace = min(LONGEST_WAIT_SECONDS, self._config.client_gone_seconds / 4)
        if now - self._seen_at >= pace:
            self._seen_at = now
            await self._keep_seen()

    async def _keep_seen(self, clients: Iterable[str] | None = None) -> None:
        held = frozenset(lease.client for lease in self.book.all() if lease.bound)
        asked = held if clients is None else held.intersection(clients)
        try:
            for client in asked:
                if clients is not None or self.holders.is_there(client):
                    await self._store.see(client, self.book.clock())
            if clients is None:
                await self._store.forget_clients(held)
                self.holders.forget(held)
        except StorageError as err:
            _LOGGER.warning("Not kept who holds leases: %s", err)

    async def _tell_stuck(self) -> None:
        """State the devices that do not let go of what we wrote, and no others."""
        opened = {lease.lease_id: lease for lease in self.book.all()}
        self._deadlines.keep_only(opened)
        for lease_id in [*self._attempts]:
            if lease_id not in opened or not opened[lease_id].ending:
                del self._attempts[lease_id]
        stuck = [
            (opened[lease_id], attempts)
            for lease_id, attempts in self._attempts.items()
            if attempts.is_stuck
        ]
        for lease, attempts in stuck:
            await self._tell_failure(lease, attempts)
        self._stuck.tell((lease, attempts.reason) for lease, attempts in stuck)

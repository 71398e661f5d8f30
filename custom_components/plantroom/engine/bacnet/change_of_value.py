"""A device's COV subscriptions: within its slots, renewed in time, proven by use."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from ..models import Point, PointKind
from .octets.encoding import ObjectId

_LOGGER = logging.getLogger(__name__)

PROCESS_ID = 20556
LIFETIME_SECONDS = 600
RETRY_SECONDS = 3600.0
OFFLINE_RETRY_SECONDS = 30.0
UNSUBSCRIBE_SECONDS = 3.0
CONCURRENT_SUBSCRIBES = 4
STRIKES = 2
REFUSALS_BELIEVED = 4
SETTLING_SECONDS = 10.0

# What devices answer when their subscription table is full
NO_SLOT = frozenset(
    {
        "no-space-to-add-list-element",
        "no-space-for-object",
        "out-of-memory",
        "abort-out-of-resources",
    }
)
# What they answer as well when only this object has no COV
MAYBE_NO_SLOT = frozenset({"cov-subscription-failed", "other", "busy"})
NO_SERVICE = frozenset({"reject-unrecognized-service", "service-not-supported"})


class Subscriber(Protocol):
    """Sends SubscribeCOV to the device (clause 13.14)."""

    async def subscribe(self, object_id: ObjectId, lifetime_seconds: int) -> None:
        """Subscribe or renew for so long, or raise a DeviceError."""

    async def unsubscribe(self, object_id: ObjectId) -> None:
        """Cancel, or raise a DeviceError."""


@dataclass(slots=True)
class _Subscription:
    point: Point
    object_id: ObjectId
    renew_at: float = 0.0
    retry_at: float = 0.0
    notified_at: float = 0.0
    asked: bool = False
    active: bool = False
    proven: bool = False
    strikes: int = 0
    accused: bool = False


class ChangeOfValue:
    """Which points a device reports by itself; the others must be polled."""

    def __init__(
        self,
        device_id: str,
        subscriber: Subscriber,
        on_proof: Callable[[], None],
        slots: int | None = None,
    ) -> None:
        """Take how many slots were learned, and who hears that `live` changed."""
        self._device_id = device_id
        self._subscriber = subscriber
        self._on_proof = on_proof
        self._items: dict[ObjectId, _Subscription] = {}
        self._leaving: list[_Subscription] = []
        self._slots_asked_at = 0.0
        self._refusals = 0
        self._paused_until = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.slots = slots

    def start(self) -> None:
        """Begin to subscribe."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(
                self._run(), name=f"plantroom COV of {self._device_id}"
            )

    async def stop(self, *, cancel: bool) -> None:
        """Stop; cancel: also give the slots back, as far as the device answers."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if cancel:
            held = [i for i in self._items.values() if i.active or i.asked]
            await asyncio.gather(
                *(self._unsubscribe(item) for item in (*held, *self._leaving))
            )
        self._leaving.clear()

    def want(self, points: Sequence[tuple[Point, ObjectId]]) -> None:
        """Subscribe to these points, the ones that matter first, and no others."""
        wanted = {object_id: point for point, object_id in points}
        ordered: dict[ObjectId, _Subscription] = {}
        for object_id, point in sorted(wanted.items(), key=_urgency):
            item = self._items.get(object_id)
            ordered[object_id] = item or _Subscription(point, object_id)
            ordered[object_id].point = point
        self._leaving += [
            item
            for object_id, item in self._items.items()
            if object_id not in wanted and item.active
        ]
        self._items = ordered
        self._make_room()
        self._wake.set()

    def _make_room(self) -> None:
        """Take slots from points that matter less than one without."""
        if self.slots is None:
            return
        items = list(self._items.values())
        first, others = items[: self.slots], items[self.slots :]
        now = _now()
        missing = sum(not i.active and i.retry_at <= now for i in first)
        surplus = [item for item in reversed(others) if item.active]
        for item in surplus[: max(0, missing - (self.slots - self._active()))]:
            self._leaving.append(replace(item))
            item.active = item.proven = False

    def live(self) -> frozenset[str]:
        """Return the ids of the points that need no poll: subscribed and proven."""
        return frozenset(
            item.point.point_id
            for item in self._items.values()
            if item.active and item.proven
        )

    def restarted(self) -> None:
        """Subscribe anew: the device has forgotten us."""
        for item in self._items.values():
            item.active = item.proven = False
            item.retry_at = 0.0
        self._refusals = 0
        self._paused_until = 0.0
        self._on_proof()
        self._wake.set()

    def renew(self) -> None:
        """Renew all subscriptions now: the device may have forgotten us."""
        for item in self._items.values():
            item.renew_at = 0.0
        self._wake.set()

    def notified(self, object_id: ObjectId) -> Point | None:
        """Return the point a notification is of, None when it is not ours."""
        item = self._items.get(object_id)
        if item is None:
            return None
        item.notified_at = _now()
        item.strikes = 0
        if not item.proven:
            item.proven = True
            self._on_proof()
        return item.point

    def missed(self, object_id: ObjectId) -> None:
        """Take note that a poll found a change nobody had notified."""
        item = self._items.get(object_id)
        if item is None or not item.proven:
            return
        if _now() - item.notified_at < SETTLING_SECONDS:
            return
        item.strikes += 1
        if item.strikes >= STRIKES:
            self._accuse(item)
            self._lose(item, RETRY_SECONDS)

    def _accuse(self, item: _Subscription) -> None:
        """Say once of each point that its notifications do not come."""
        if not item.accused:
            item.accused = True
            _LOGGER.warning(
                "Device %s changes %s without a notification: it is polled instead",
                self._device_id,
                item.point.reference,
            )

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            while self._leaving:
                await self._unsubscribe(self._leaving.pop())
            await self._subscribe_due()
            try:
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _subscribe_due(self) -> None:
        while due := self._due():
            batch = due[:CONCURRENT_SUBSCRIBES]
            await asyncio.gather(*(self._subscribe(item) for item in batch))

    def _due(self) -> list[_Subscription]:
        now = _now()
        if now < self._paused_until:
            return []
        renewals = [i for i in self._items.values() if i.active and i.renew_at <= now]
        if not self._may_try_more(now):
            return renewals
        fresh = [i for i in self._items.values() if not i.active and i.retry_at <= now]
        # Those never refused first, else the same few would always be
        fresh.sort(key=lambda item: item.retry_at)
        free = None if self.slots is None else max(self.slots - self._active(), 1)
        return renewals + fresh[:free]

    def _may_try_more(self, now: float) -> bool:
        if self.slots is None or self._active() < self.slots:
            return True
        return now - self._slots_asked_at >= RETRY_SECONDS

    def _active(self) -> int:
        return sum(item.active for item in self._items.values())

    async def _subscribe(self, item: _Subscription) -> None:
        # Stays so when stop() comes before the answer: the device may have a slot
        item.asked = True
        try:
            await self._subscriber.subscribe(item.object_id, LIFETIME_SECONDS)
        except DeviceOfflineError:
            self._lose(item, 0.0)
            self._paused_until = _now() + OFFLINE_RETRY_SECONDS
            return
        except (DeviceRefusedError, MalformedReplyError) as err:
            self._refused(item, err.facts.get("reason", err.code))
            return
        item.asked = False
        if item.object_id not in self._items:
            self._leaving.append(item)
            self._wake.set()
            return
        if self.slots is not None and not item.active and self._active() >= self.slots:
            self.slots = self._active() + 1
        self._refusals = 0
        item.active = True
        item.renew_at = _now() + LIFETIME_SECONDS * random.uniform(0.4, 0.55)  # noqa: S311

    def _refused(self, item: _Subscription, reason: str) -> None:
        self._lose(item, RETRY_SECONDS)
        self._refusals += 1
        if reason in NO_SERVICE or (
            self._refusals >= REFUSALS_BELIEVED and not self._active()
        ):
            self._paused_until = _now() + RETRY_SECONDS
        elif self._active() and (
            reason in NO_SLOT
            or (reason in MAYBE_NO_SLOT and self._refusals >= REFUSALS_BELIEVED)
        ):
            self._learn_slots()
        _LOGGER.debug(
            "Device %s refused COV of %s: %s",
            self._device_id,
            item.point.reference,
            reason,
        )

    def _learn_slots(self) -> None:
        self._slots_asked_at = _now()
        if self.slots != self._active():
            self.slots = self._active()
            _LOGGER.info(
                "Device %s has room for %d COV subscriptions, the rest is polled",
                self._device_id,
                self.slots,
            )

    def _lose(self, item: _Subscription, retry_seconds: float) -> None:
        was_live = item.active and item.proven
        item.asked = item.active = item.proven = False
        item.retry_at = _now() + retry_seconds
        if was_live:
            self._on_proof()

    async def _unsubscribe(self, item: _Subscription) -> None:
        item.asked = item.active = False
        try:
            async with asyncio.timeout(UNSUBSCRIBE_SECONDS):
                await self._subscriber.unsubscribe(item.object_id)
        except (TimeoutError, DeviceError) as err:
            _LOGGER.debug("Subscription of %s stays: %s", item.point.point_id, err)

    def _seconds_to_next(self) -> float | None:
        if not self._items:
            return None
        now = _now()
        if now < self._paused_until:
            return self._paused_until - now
        times = [
            item.renew_at if item.active else max(item.retry_at, now + 1)
            for item in self._items.values()
        ]
        if not self._may_try_more(now):
            times = [item.renew_at for item in self._items.values() if item.active]
            times.append(self._slots_asked_at + RETRY_SECONDS)
        return max(min(times) - now, 0.5)


def _urgency(entry: tuple[ObjectId, Point]) -> int:
    """Sort first what must not wait for a poll: states, then outputs, then values."""
    kind = entry[1].kind
    if kind in (PointKind.BINARY, PointKind.MULTI_STATE):
        return 0
    return 2 if kind in (PointKind.COUNTER, PointKind.TEXT) else 1


def _now() -> float:
    return asyncio.get_running_loop().time()

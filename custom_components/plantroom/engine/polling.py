"""When each device is read next: one queue of due times, a backoff per device."""

import asyncio
import heapq
import logging
import random
from dataclasses import dataclass, field
from typing import Protocol

from .backoff import backoff_seconds
from .errors import PlantroomError

_LOGGER = logging.getLogger(__name__)

CONCURRENT_POLLS = 128
CONCURRENT_PROBES = 64
START_SPREAD_SECONDS = 0.002


class Pollable(Protocol):
    """What the poller reads: a device that knows how."""

    @property
    def device_id(self) -> str:
        """Return the device's id."""

    @property
    def poll_seconds(self) -> float:
        """Return how often it wants to be read."""

    async def poll(self) -> None:
        """Read what is due, or raise a PlantroomError when the device is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollCounts:
    """How many polls ended, and how many of those found their device down."""

    done: int = 0
    failed: int = 0


@dataclass(slots=True, order=True)
class _Entry:
    due: float
    number: int
    device: Pollable = field(compare=False)
    failures: int = field(default=0, compare=False)
    first: bool = field(default=True, compare=False)
    again: bool = field(default=False, compare=False)
    dropped: bool = field(default=False, compare=False)
    task: asyncio.Task[None] | None = field(default=None, compare=False)


class Poller:
    """Reads every device when it is due; one that is down never slows another."""

    def __init__(self) -> None:
        """Start with no devices."""
        self._heap: list[_Entry] = []
        self._entries: dict[str, _Entry] = {}
        self._polls: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._places = asyncio.Semaphore(CONCURRENT_POLLS)
        # Places of their own for devices that are down: they wait for time-outs
        self._probes = asyncio.Semaphore(CONCURRENT_PROBES)
        self._task: asyncio.Task[None] | None = None
        self._numbers = 0
        self._done = 0
        self._failed = 0

    @property
    def counts(self) -> PollCounts:
        """Return how many polls there were."""
        return PollCounts(done=self._done, failed=self._failed)

    async def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.get_running_loop().create_task(
            self._run(), name="plantroom poller"
        )

    async def stop(self) -> None:
        """Stop reading and wait for what is under way; twice does no harm."""
        tasks = [*self._polls]
        if self._task is not None:
            tasks.append(self._task)
            self._task = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._heap.clear()
        self._entries.clear()

    def add(self, device: Pollable) -> None:
        """Read a device from now on, its first time almost at once."""
        self._drop(device.device_id)
        spread = len(self._entries) * START_SPREAD_SECONDS
        entry = _Entry(self._now() + spread, self._next_number(), device)
        self._entries[device.device_id] = entry
        self._push(entry)

    async def remove(self, device_id: str) -> None:
        """Read a device no more; a poll under way has ended when this returns."""
        task = self._drop(device_id)
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def poll_soon(self, device_id: str) -> None:
        """Read a device now, out of turn, whether it was down or not."""
        entry = self._entries.get(device_id)
        if entry is None:
            return
        if entry.task is not None:
            entry.again = True
            return
        entry.dropped = True
        # As if new: devices that are hurried together must not stay in step
        fresh = _Entry(self._now(), self._next_number(), entry.device, entry.failures)
        self._entries[device_id] = fresh
        self._push(fresh)

    def _drop(self, device_id: str) -> asyncio.Task[None] | None:
        entry = self._entries.pop(device_id, None)
        if entry is None:
            return None
        entry.dropped = True
        if entry.task is not None:
            entry.task.cancel()
        return entry.task

    def _push(self, entry: _Entry) -> None:
        heapq.heappush(self._heap, entry)
        if self._heap[0] is entry:
            self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            wait = self._heap[0].due - self._now() if self._heap else None
            if wait is None or wait > 0:
                await self._sleep(wait)
                continue
            entry = heapq.heappop(self._heap)
            if entry.dropped:
                continue
            self._start_poll(entry)

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _start_poll(self, entry: _Entry) -> None:
        task = entry.task = asyncio.get_running_loop().create_task(self._poll(entry))
        self._polls.add(task)
        task.add_done_callback(self._polls.discard)

    async def _poll(self, entry: _Entry) -> None:
        places = self._probes if entry.failures else self._places
        began = self._now()
        try:
            async with places:
                await entry.device.poll()
            entry.failures = 0
        except PlantroomError as err:
            entry.failures += 1
            _LOGGER.debug("Poll of %s failed: %s", entry.device.device_id, err)
        except Exception:
            entry.failures += 1
            _LOGGER.exception("Poll of %s broke", entry.device.device_id)
        finally:
            entry.task = None
        self._done += 1
        self._failed += entry.failures > 0
        if entry.dropped:
            return
        entry.due = self._next_due(entry, began)
        entry.number = self._next_number()
        self._push(entry)

    def _next_due(self, entry: _Entry, began: float) -> float:
        if entry.again:
            entry.again = False
            return self._now()
        interval = entry.device.poll_seconds
        if entry.failures:
            return self._now() + backoff_seconds(
                entry.failures, longest=max(60.0, interval)
            )
        if entry.first:
            # Spread over the interval what began together
            entry.first = False
            interval *= random.uniform(0.5, 1.0)  # noqa: S311
        return max(began + interval, self._now())

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

"""Whose turn it is on a line: one at a time, the most urgent first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum


class Urgency(IntEnum):
    """What goes before what."""

    WRITE = 0
    INTERACTIVE = 1
    POLL = 2
    PROBE = 3


class Turns:
    """Gives a turn to one at a time; equals in the order they came."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._taken = False
        self._numbers = 0

    @asynccontextmanager
    async def take(self, urgency: Urgency) -> AsyncIterator[None]:
        """Hold the line while in the context."""
        await self._wait(urgency)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, urgency: Urgency) -> None:
        if not self._taken:
            self._taken = True
            return
        future = asyncio.get_running_loop().create_future()
        self._numbers += 1
        heapq.heappush(self._waiting, (urgency, self._numbers, future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                # The turn came together with the cancellation
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
                return
        self._taken = False

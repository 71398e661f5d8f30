"""Whose turn it is on a line: one at a time, the most urgent first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final


class Urgency(IntEnum):
    """What goes before what."""

    WRITE = 0
    INTERACTIVE = 1
    POLL = 2
    RETRY = 3
    PROBE = 4


# On a line that polls without a pause, one that can wait goes before polls so often
PATIENT_EVERY_SECONDS: Final = 2.0
_PATIENT: Final = (Urgency.RETRY, Urgency.PROBE)
_PEOPLE: Final = (Urgency.WRITE, Urgency.INTERACTIVE)


class Turns:
    """Gives a turn to one at a time; equals in the order they came."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._waiting: dict[Urgency, deque[asyncio.Future[None]]] = {
            urgency: deque() for urgency in Urgency
        }
        self._taken = False
        self._patient_at: float | None = None

    @asynccontextmanager
    async def take(self, urgency: Urgency) -> AsyncIterator[None]:
        """Hold the line while in the context."""
        await self._wait(urgency)
        try:
            yield
        finally:
            if urgency in _PATIENT:
                self._patient_at = asyncio.get_running_loop().time()
            self._pass_on()

    async def _wait(self, urgency: Urgency) -> None:
        if not self._taken:
            self._taken = True
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[urgency].append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                # The turn came together with the cancellation
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for urgency in self._order():
            waiting = self._waiting[urgency]
            while waiting:
                future = waiting.popleft()
                if not future.done():
                    future.set_result(None)
                    return
        self._taken = False

    def _order(self) -> tuple[Urgency, ...]:
        now = asyncio.get_running_loop().time()
        if self._patient_at is None:
            self._patient_at = now
        if now - self._patient_at < PATIENT_EVERY_SECONDS:
            return (*_PEOPLE, Urgency.POLL, *_PATIENT)
        return (*_PEOPLE, *_PATIENT, Urgency.POLL)

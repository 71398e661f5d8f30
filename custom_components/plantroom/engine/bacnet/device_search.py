"""Looks for devices by Who-Is, together when many are missing, and spreads I-Am."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from .who_is import IAm

GATHER_SECONDS = 0.2
# Everybody in a range answers: not more often than this
PAUSE_SECONDS = 5.0
ASK_EACH_UP_TO = 8


class WhoIsSender(Protocol):
    """Sends a Who-Is for instances from low to high."""

    async def __call__(self, low: int, high: int) -> None:
        """Send it to everybody; a network that is down sends nothing."""


class DeviceSearch:
    """One Who-Is for many missing devices, and listeners for what answers."""

    def __init__(self, send_who_is: WhoIsSender) -> None:
        """Take who sends."""
        self._send_who_is = send_who_is
        self._missing: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._next_at = 0.0
        self._asking: set[asyncio.Task[None]] = set()
        self._listeners: dict[object, Callable[[IAm], None]] = {}

    def locate(self, instance: int) -> None:
        """Ask for a device soon; the answer is an I-Am like any other."""
        self._missing.add(instance)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time() + GATHER_SECONDS, self._next_at)
            self._timer = loop.call_at(at, self._ask)

    def listen(self, listener: Callable[[IAm], None]) -> Callable[[], None]:
        """Call listener with every I-Am; return the unsubscribe."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def heard(self, i_am: IAm) -> None:
        """Tell the listeners of an I-Am."""
        self._missing.discard(i_am.instance)
        for listener in tuple(self._listeners.values()):
            listener(i_am)

    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._asking:
            task.cancel()

    def _ask(self) -> None:
        self._timer = None
        missing, self._missing = sorted(self._missing), set()
        if not missing:
            return
        loop = asyncio.get_running_loop()
        if len(missing) > ASK_EACH_UP_TO:
            self._next_at = loop.time() + PAUSE_SECONDS
        self._asking.add(task := loop.create_task(self._ask_for(missing)))
        task.add_done_callback(self._asking.discard)

    async def _ask_for(self, missing: list[int]) -> None:
        if len(missing) > ASK_EACH_UP_TO:
            await self._send_who_is(missing[0], missing[-1])
            return
        for instance in missing:
            await self._send_who_is(instance, instance)

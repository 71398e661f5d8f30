"""When our device answers: once nothing that it shows can be older than before."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from typing import Final

from custom_components.plantroom.engine.bacnet.local_objects.port import ServedObjects

from .following import Following

CATCH_UP_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 60.0


class Presence:
    """Keeps a device silent until its subscriptions are restored and caught up.

    A server that was killed had shown events which it had not written to the recovery
    cache: these come first from the event store. When that is away, or sends its events
    to another server, the device answers with what the cache has.
    """

    def __init__(
        self,
        objects: ServedObjects,
        followings: Sequence[Following],
        until: Callable[[], float] = lambda: inf,
    ) -> None:
        """Take the device's objects and the subscriptions that fill them.

        until: says to which moment of lease_clock the device is ours.
        """
        self._objects = objects
        self._followings = followings
        self._until = until
        self._task: asyncio.Task[None] | None = None
        self.answers = False

    def start(self) -> None:
        """Be silent, and begin to wait."""
        self.answers = False
        self._objects.set_live(False)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Wait no more; what answers goes on to. Twice does no harm."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        for following in self._followings:
            await following.restored.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                for following in self._followings:
                    await _caught_up(following)
        self.answers = True
        self.renew()

    def renew(self) -> None:
        """Answer for as long as the device is ours now, if we answer already."""
        if self.answers:
            self._objects.set_live(True, self._until())


async def _caught_up(following: Following) -> None:
    """Wait until a subscription has caught up, or cannot for now."""
    while True:
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await following.caught_up.wait()
        except TimeoutError:
            if following.is_held_up:
                return
        else:
            return

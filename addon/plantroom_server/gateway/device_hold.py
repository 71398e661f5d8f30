"""Which of two servers is a BACnet device: the one that holds it, and only while."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from custom_components.plantroom.engine.bacnet.local_objects.lease_clock import (
    lease_now,
)
from custom_components.plantroom.engine.bacnet.local_objects.port import ServedObjects

from ..gateway_errors import CacheLostError, FencedError, HeldError, RecoveryCacheError
from ..recovery_cache.port import RecoveryCache
from .following import Following
from .presence import Presence

_LOGGER = logging.getLogger(__name__)

HOLD_SECONDS: Final = 10.0
RENEW_SECONDS: Final = 2.0
ASK_SECONDS: Final = 1.0


class DeviceHold:
    """Follows and answers while it holds the device; is silent otherwise.

    It is silent before its hold could have ended for others: two servers never
    answer as one device, not even when one of them is cut off from Redis, or was
    stopped and goes on where it was, with requests that waited.
    """

    def __init__(
        self,
        network_id: str,
        objects: ServedObjects,
        cache: RecoveryCache,
        followings: Sequence[Following],
    ) -> None:
        """Take the device's objects and the subscriptions that fill them."""
        self._subject = f"device/{network_id}"
        self._objects = objects
        self._cache = cache
        self._followings = followings
        self._presence = Presence(objects, followings, lambda: self._until)
        self._term = 0
        self._until = 0.0
        self._is_held = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask for the device."""
        self._objects.set_live(False)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Save, be silent and let the other one go on at once."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        was_held = self._is_held
        await self._let_go(save=True)
        if was_held:
            try:
                await self._cache.release(self._subject, self._term)
            except RecoveryCacheError as err:
                _LOGGER.warning("The other server waits for a moment: %s", err)

    async def _run(self) -> None:
        while True:
            try:
                await self._take()
                await self._stay()
            except HeldError:
                pass
            except RecoveryCacheError as err:
                _LOGGER.warning("%s is not ours any more: %s", self._subject, err)
            except Exception:
                _LOGGER.exception("Holding %s broke", self._subject)
            if self._is_held:
                await self._let_go(save=False)
            await asyncio.sleep(ASK_SECONDS)

    async def _take(self) -> None:
        asked = lease_now()
        self._term = await self._cache.take_term(self._subject, HOLD_SECONDS)
        _LOGGER.info("%s is ours", self._subject)
        self._is_held = True
        self._hold_from(asked)
        for following in self._followings:
            following.start()
        self._presence.start()

    async def _stay(self) -> None:
        """Renew until that fails for too long; raises RecoveryCacheError."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            asked = lease_now()
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._cache.renew(self._subject, self._term, HOLD_SECONDS)
            except FencedError, CacheLostError:
                raise
            except (RecoveryCacheError, TimeoutError) as err:
                if lease_now() > self._until:
                    raise RecoveryCacheError("Redis does not answer") from err
            else:
                self._hold_from(asked)
                self._presence.renew()

    def _hold_from(self, asked: float) -> None:
        """Know until when to answer, of what Redis was asked for at a moment."""
        self._until = asked + HOLD_SECONDS - 2 * RENEW_SECONDS

    async def _let_go(self, *, save: bool) -> None:
        await self._presence.stop()
        self._objects.set_live(False)
        self._is_held = False
        for following in self._followings:
            await following.stop(save=save)

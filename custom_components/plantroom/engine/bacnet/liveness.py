"""Whether a device lives, has restarted, or has other objects than before."""

import asyncio
from typing import Final, NamedTuple

from .octets.encoding import Primitive
from .octets.rpm import PropertyRef
from .session import DeviceSession

DEVICE_TYPE: Final = 8
DATABASE_REVISION: Final = 155
TIME_OF_DEVICE_RESTART: Final = 203
PROBE_SECONDS: Final = 6.0
CHECK_SECONDS: Final = 600.0


class SignOfLife(NamedTuple):
    """What a device said: its database revision, None when it has none."""

    revision: Primitive
    restarted: bool


class Liveness:
    """Asks one device now and then, and after it announced itself."""

    def __init__(self, instance: int) -> None:
        """Take the device's instance."""
        self._instance = instance
        self._checked_at = float("-inf")
        self._restarted_at: tuple[Primitive, ...] | None = None

    def check_soon(self) -> None:
        """Ask at the next opportunity: the device has announced itself."""
        self._checked_at = float("-inf")

    async def check(self, session: DeviceSession, *, online: bool) -> SignOfLife | None:
        """Return what the device says, None when it was asked a short time ago.

        Every time for a device that is not polled, where silence proves nothing.
        Raises TimeoutError for one that was silent before and still is, DeviceError.
        """
        now = asyncio.get_running_loop().time()
        waits = CHECK_SECONDS if session.sampler.polls else 0.0
        if online and now - self._checked_at < waits:
            return None
        announced = self._checked_at == float("-inf")
        refs = [
            PropertyRef(DEVICE_TYPE, self._instance, property_id)
            for property_id in (DATABASE_REVISION, TIME_OF_DEVICE_RESTART)
        ]
        # Only who was silent is asked in haste: others may be slow or far away
        async with asyncio.timeout(None if online else PROBE_SECONDS):
            revision, restart = await session.reader.read(refs)
        self._checked_at = now
        restarted = False
        if restart.error:
            if announced:
                session.cov.renew()
        else:
            known, self._restarted_at = self._restarted_at, restart.values
            restarted = known is not None and known != restart.values
        return SignOfLife(revision.values[0] if revision.values else None, restarted)

"""Registration with a BBMD as a foreign device (Annex J.5.2)."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, override

from bacpypes3.ipv4.bvll import RegisterForeignDevice, Result
from bacpypes3.ipv4.service import BIPForeign
from bacpypes3.pdu import IPv4Address as StackAddress

from ...backoff import backoff_seconds
from .addresses import BacnetAddress

_LOGGER = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
ATTEMPTS = 3
FORGOTTEN_PAUSE_SECONDS = 1.0
UNREGISTERED = -2
# Result codes (J.2.1.1)
SUCCESS = 0x0000
REGISTER_REFUSED = 0x0030
DISTRIBUTE_REFUSED = 0x0060

type RegistrationListener = Callable[[str], None]


class ForeignDevice(BIPForeign):
    """The BVLL of a foreign device that keeps its registration and says how it is.

    bacpypes3's own tracking ignores every acknowledgement after one refusal.
    """

    def __init__(
        self, bbmd: BacnetAddress, ttl: int, listener: RegistrationListener
    ) -> None:
        """Take the BBMD, seconds to live, and who hears "", "refused" or "silent"."""
        super().__init__()
        self.bbmd = bbmd
        self.bbmdAddress = StackAddress(bbmd.station)
        self.bbmdTimeToLive = ttl
        self._listener = listener
        self._result: asyncio.Future[int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._forgotten = asyncio.Event()
        self.answered = asyncio.Event()

    async def start(self) -> None:
        """Register now and renew in time."""
        self._task = asyncio.get_running_loop().create_task(self._keep_registered())

    async def stop(self) -> None:
        """Give the registration back; calling it twice does no harm."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.request(RegisterForeignDevice(0, destination=self.bbmdAddress))

    @override
    async def confirmation(self, lpdu: Any) -> None:
        if not isinstance(lpdu, Result):
            await super().confirmation(lpdu)
        elif lpdu.pduSource == self.bbmdAddress:
            self._take_result(int(lpdu.bvlciResultCode))

    def _take_result(self, code: int) -> None:
        if code == DISTRIBUTE_REFUSED:
            self._forgotten.set()
        elif (
            code in (SUCCESS, REGISTER_REFUSED)
            and self._result is not None
            and not self._result.done()
        ):
            self._result.set_result(code)

    async def _keep_registered(self) -> None:
        failures = 0
        while True:
            outcome = await self._register()
            self._take(outcome)
            if outcome == "":
                failures = 0
                await self._registration_ends()
            else:
                failures += 1
                await asyncio.sleep(backoff_seconds(failures))

    async def _registration_ends(self) -> None:
        """Wait for half of its time, or until the BBMD knows us no more."""
        self._forgotten.clear()
        try:
            async with asyncio.timeout(self.bbmdTimeToLive / 2):
                await self._forgotten.wait()
        except TimeoutError:
            return
        # Not faster than this, whatever the BBMD answers
        await asyncio.sleep(FORGOTTEN_PAUSE_SECONDS)

    async def _register(self) -> str:
        """Return "" when registered, else "refused" or "silent"."""
        for _ in range(ATTEMPTS):
            self._result = asyncio.get_running_loop().create_future()
            await self.request(
                RegisterForeignDevice(self.bbmdTimeToLive, destination=self.bbmdAddress)
            )
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    code = await self._result
            except TimeoutError:
                continue
            return "" if code == SUCCESS else "refused"
        return "silent"

    def _take(self, outcome: str) -> None:
        if outcome == "":
            self.bbmdRegistrationStatus = 0
            self._registration_event.set()
        else:
            self.bbmdRegistrationStatus = UNREGISTERED
            self._registration_event.clear()
        self.answered.set()
        self._listener(outcome)

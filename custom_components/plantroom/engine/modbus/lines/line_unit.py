"""One unit on a line: asked in turn, again when it was busy or not heard."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Final, override

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..registers.register_map import Space
from .line import ModbusLine, Operation
from .replies import BUSY, GatewayError
from .turns import Urgency
from .unit_reader import UnitReader
from .unit_requests import read_device_identification, read_words, report_server_id

BUSY_DELAYS: Final = (0.2, 0.5, 1.0)
# For a unit that somebody waits to see, though it never answered yet
INTERACTIVE_ATTEMPTS: Final = 2


class LineUnit(UnitReader):
    """Asks one unit with one urgency; any number of these share a unit."""

    def __init__(
        self,
        line: ModbusLine,
        unit_id: int,
        urgency: Urgency = Urgency.INTERACTIVE,
        *,
        seconds: float | None = None,
        once: bool = False,
    ) -> None:
        """Take the line; seconds: wait so long and ask once, None: as learned.

        once: ask really once, though this process may have been too busy to hear.
        """
        self._line = line
        self._unit_id = unit_id
        self._urgency = urgency
        self._seconds = seconds
        self._once = once

    @property
    @override
    def unit_id(self) -> int:
        return self._unit_id

    @override
    async def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        return await self.ask(
            lambda unit: read_words(unit, space, address, count),
            (space, address, count),
        )

    @override
    async def read_device_identification(self) -> dict[int, bytes]:
        return await self.ask(read_device_identification, "identification")

    @override
    async def report_server_id(self) -> bytes:
        return await self.ask(report_server_id, "server-id")

    async def ask[T](self, operation: Operation[T], request: Hashable) -> T:
        """Return the answer; request: equal for requests with the same answer.

        Who is not heard is asked again when those who wait had their turn. Raises
        DeviceError or NetworkError.
        """
        attempt = busy = 0
        while True:
            attempt += 1
            try:
                return await self._ask_once(operation, request, attempt)
            except DeviceRefusedError as err:
                if err.reason not in BUSY or busy == len(BUSY_DELAYS):
                    raise
                attempt -= 1
                await asyncio.sleep(BUSY_DELAYS[busy])
                busy += 1
            except GatewayError:
                raise
            except DeviceOfflineError, MalformedReplyError:
                if attempt >= self._attempts:
                    raise

    async def probe[T](
        self, operation: Operation[T], request: Hashable, failures: int
    ) -> T:
        """Ask a unit that did not answer so often before, at the line's leisure."""
        self._raise_if_down(Urgency.PROBE)
        if not failures:
            # Nothing is known to be wrong with it
            return await self._probe(operation, request, failures)
        async with self._line.probes.place(failures):
            return await self._probe(operation, request, failures)

    async def _probe[T](
        self, operation: Operation[T], request: Hashable, failures: int
    ) -> T:
        async with self.turn(request, Urgency.PROBE):
            patience = self._line.patience(self._unit_id)
            seconds = patience.probe_seconds(failures, self._line.slowest_seconds)
            return await self.exchange(operation, request, seconds)

    @property
    def _attempts(self) -> int:
        if self._seconds is not None:
            return 1
        attempts = self._line.patience(self._unit_id).attempts
        if self._urgency is Urgency.POLL:
            return attempts
        return max(attempts, INTERACTIVE_ATTEMPTS)

    async def _ask_once[T](
        self, operation: Operation[T], request: Hashable, attempt: int
    ) -> T:
        urgency = self._urgency
        if attempt > 1 and urgency is Urgency.POLL:
            urgency = Urgency.RETRY
        async with self.turn(request, urgency):
            seconds = self._seconds
            if seconds is None:
                patience = self._line.patience(self._unit_id)
                seconds = patience.attempt_seconds(attempt)
            return await self.exchange(operation, request, seconds)

    @asynccontextmanager
    async def turn(self, request: Hashable, urgency: Urgency) -> AsyncIterator[None]:
        """Hold the line for exchanges, the first of which makes the request."""
        await self._let_late_replies_pass(request)
        self._raise_if_down(urgency)
        async with self._line.turn(urgency):
            yield

    def _raise_if_down(self, urgency: Urgency) -> None:
        """Leave it to people, and to the line itself, to open a line that is down."""
        failure = self._line.failure
        if failure is not None and urgency >= Urgency.POLL:
            raise failure.with_traceback(None)

    async def exchange[T](
        self, operation: Operation[T], request: Hashable, seconds: float
    ) -> T:
        """Ask once in a turn of the caller's, and learn how long it took."""
        line, now = self._line, asyncio.get_running_loop().time
        was_open, sent = line.is_open(self._unit_id), now()
        try:
            answer = await line.exchange(
                self._unit_id, operation, seconds, once=self._once
            )
        except DeviceRefusedError:
            self._learn(request, now() - sent if was_open else None)
            raise
        except DeviceOfflineError, MalformedReplyError, asyncio.CancelledError:
            line.late_replies.missed(self._unit_id, request, sent)
            # More than it was waited for, this process was busy itself
            line.probes.spent(min(now() - sent, seconds))
            raise
        self._learn(request, now() - sent if was_open else None)
        return answer

    def _learn(self, request: Hashable, seconds: float | None) -> None:
        """Take an answer, and how long it took unless the link had to be opened."""
        if seconds is not None:
            self._line.patience(self._unit_id).answered(seconds)
        now = asyncio.get_running_loop().time()
        self._line.late_replies.answered(self._unit_id, request, now)

    async def _let_late_replies_pass(self, request: Hashable) -> None:
        line = self._line
        if line.tells_replies_apart:
            return
        now = asyncio.get_running_loop().time()
        wait = line.late_replies.wait_seconds(self._unit_id, request, now)
        await asyncio.sleep(wait)

"""How units answer, by the name of their quirk: as they should, or not."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import override

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

type Serve = Callable[[ModbusPDU], Awaitable[ModbusPDU]]

SLOW_SECONDS = 1.5
BUSY_TIMES = 2
HANGS_UP_EVERY = 4


class HangUpError(Exception):
    """The unit closes the connection instead of answering."""


class Behaviour:
    """Answers as it should."""

    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        """Return the answer; None: say nothing. Raises HangUpError."""
        return await serve(request)


class Silent(Behaviour):
    """Never answers."""

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        return None


class BusyAtFirst(Behaviour):
    """Says exception 6 the first times to each request, then serves it."""

    def __init__(self, times: int = BUSY_TIMES) -> None:
        self._times = times
        self._asked: Counter[tuple[int, int, int]] = Counter()

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        key = request.function_code, request.address, request.count
        if self._asked[key] < self._times:
            self._asked[key] += 1
            return ExceptionResponse(request.function_code, ExcCodes.DEVICE_BUSY)
        del self._asked[key]
        return await serve(request)


class Refuses(Behaviour):
    """Does not know some functions: exception 1."""

    def __init__(self, *functions: int) -> None:
        self._functions = functions

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        if request.function_code in self._functions:
            return ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_FUNCTION)
        return await serve(request)


class Fails(Behaviour):
    """Says one exception to everything."""

    def __init__(self, code: ExcCodes) -> None:
        self._code = code

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        return ExceptionResponse(request.function_code, self._code)


class Slow(Behaviour):
    """Takes its time; what it then says was true when it was asked."""

    def __init__(self, seconds: float = SLOW_SECONDS) -> None:
        self._seconds = seconds

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        response = await serve(request)
        await asyncio.sleep(self._seconds)
        return response


class HangsUp(Behaviour):
    """Closes the connection instead of giving every fourth answer."""

    def __init__(self, every: int = HANGS_UP_EVERY) -> None:
        self._every = every
        self._requests = 0

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        self._requests += 1
        if self._requests % self._every == 0:
            raise HangUpError
        return await serve(request)


class ShortAnswers(Behaviour):
    """Leaves the last register or the last eight bits of every read out."""

    @override
    async def answer(self, request: ModbusPDU, serve: Serve) -> ModbusPDU | None:
        response = await serve(request)
        response.registers = response.registers[:-1]
        response.bits = response.bits[:-8]
        return response


BEHAVIOURS: dict[str, Callable[[], Behaviour]] = {
    "": Behaviour,
    "silent": Silent,
    "busy": BusyAtFirst,
    "no single writes": lambda: Refuses(5, 6),
    "no multiple writes": lambda: Refuses(15, 16, 22, 23),
    "slow": Slow,
    "hangs up": HangsUp,
    "short answers": ShortAnswers,
    "broken": lambda: Fails(ExcCodes.DEVICE_FAILURE),
}

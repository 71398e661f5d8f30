"""Who answers on a line, and how bytes become requests; the same for every transport."""

import asyncio
import contextlib
import struct
from collections.abc import Callable, Iterator, Sequence

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU

from .behaviours import HangUpError
from .tables import Absent
from .unit import SimulatedUnit

BROADCAST = 0
LONGEST_FRAME = 260
MOST_ANSWERS_OPEN = 64


class Bus:
    """The units of a line, by id, and what is said for ids that nobody has."""

    def __init__(self, units: Sequence[SimulatedUnit], absent: Absent) -> None:
        self._by_id = {unit.table.unit_id: unit for unit in units}
        self._any = next((unit for unit in units if unit.table.any_unit), None)
        self._absent = absent

    async def answer(self, request: ModbusPDU) -> ModbusPDU | None:
        """Return the answer to a request; None: nobody says anything. Raises HangUpError."""
        unit = self._by_id.get(request.dev_id, self._any)
        if unit is not None:
            return await unit.answer(request)
        if request.dev_id == BROADCAST or self._absent is Absent.SILENT:
            return None
        return ExceptionResponse(request.function_code, ExcCodes.GATEWAY_NO_RESPONSE)

    async def broadcast(self, request: ModbusPDU) -> None:
        """Let every unit do what is asked of all; nobody answers."""
        for unit in self._by_id.values():
            await unit.answer(request)


class Conversation:
    """One client's bytes in, answers out; requests are answered as each is ready."""

    def __init__(
        self,
        bus: Bus,
        framer: type[FramerBase],
        send: Callable[[bytes], None],
        hang_up: Callable[[], None],
    ) -> None:
        self._bus = bus
        self._framer = framer(DecodePDU(True))
        self._send = send
        self._hang_up = hang_up
        self._buffer = b""
        self._answering: set[asyncio.Task[None]] = set()

    def received(self, data: bytes) -> None:
        """Take bytes; whole requests among them are answered."""
        self._buffer += data
        for request in self._requests():
            if len(self._answering) >= MOST_ANSWERS_OPEN:
                return
            task = asyncio.get_running_loop().create_task(self._answer(request))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        if len(self._buffer) > LONGEST_FRAME:
            self.forget()

    def forget(self) -> None:
        """Drop half a request, as a silence on the line does."""
        self._buffer = b""

    async def stop(self) -> None:
        """End what is being answered; idempotent."""
        for task in tuple(self._answering):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _requests(self) -> Iterator[ModbusPDU]:
        while self._buffer:
            try:
                used, request = self._framer.handleFrame(self._buffer, 0, 0)
            except ModbusIOException, struct.error, IndexError:
                self._refuse_unknown()
                return
            self._buffer = self._buffer[used:]
            if request is None:
                return
            yield request

    async def _answer(self, request: ModbusPDU) -> None:
        if request.dev_id == BROADCAST and isinstance(self._framer, FramerRTU):
            await self._bus.broadcast(request)
            return
        try:
            answer = await self._bus.answer(request)
        except HangUpError:
            self._hang_up()
            return
        if answer is not None:
            answer.dev_id, answer.transaction_id = (
                request.dev_id,
                request.transaction_id,
            )
            self._send(self._framer.buildFrame(answer))

    def _refuse_unknown(self) -> None:
        """Say exception 1 to a frame whose function pymodbus cannot decode."""
        frame, self._buffer = self._buffer, b""
        if isinstance(self._framer, FramerSocket) and len(frame) >= 8:
            refusal = ExceptionResponse(frame[7], ExcCodes.ILLEGAL_FUNCTION)
            refusal.dev_id, refusal.transaction_id = frame[6], int.from_bytes(frame[:2])
            self._send(self._framer.buildFrame(refusal))

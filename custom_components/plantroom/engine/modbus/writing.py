"""Writes of registers and coils, with the function that the device knows."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from modbus_connection import AcknowledgeError, ModbusUnit

from ..errors import DeviceOfflineError, DeviceRefusedError
from ..models import PointValue
from .lines.line import ModbusLine, Operation
from .lines.line_unit import LineUnit
from .lines.replies import ILLEGAL_FUNCTION
from .lines.turns import Urgency
from .lines.unit_requests import read_words, write_words
from .registers.codec import PointCodec
from .registers.register_map import RegisterPoint, WriteFunction
from .unit.learned import Learned

type Ask = Callable[[Operation[None], Hashable], Awaitable[None]]

_OTHER: Final = {
    WriteFunction.AUTO: WriteFunction.MULTIPLE,
    WriteFunction.SINGLE: WriteFunction.MULTIPLE,
    WriteFunction.MULTIPLE: WriteFunction.SINGLE,
}


class RegisterWriter:
    """Writes to one unit, ahead of everything else on its line, and learns how."""

    def __init__(self, line: ModbusLine, unit_id: int, learned: Learned) -> None:
        """Take the line, the unit, and where its lessons are kept."""
        self._line = line
        self._seconds = line.config.timeout_seconds
        # Never twice: what was not answered may have been done, and is read back
        self._unit = LineUnit(
            line, unit_id, Urgency.WRITE, seconds=self._seconds, once=True
        )
        self._reader = LineUnit(line, unit_id, Urgency.WRITE)
        self._learned = learned

    async def write(self, register: RegisterPoint, value: PointValue) -> None:
        """Write a value; raises DeviceError, NetworkError, and ValueError for none."""
        codec = PointCodec(register)
        if codec.is_field:
            await self._write_field(register, codec, value)
            return
        exponent = await self.exponent(register)
        words = codec.encode(value, exponent=exponent)
        await self._write_words(register, words, self._unit.ask)

    async def exponent(self, register: RegisterPoint) -> int:
        """Return the word that scales a value, 0 for one that nothing scales."""
        address = register.exponent_address
        if address is None:
            return 0
        return (await self._reader.read(register.space, address, 1))[0]

    async def _write_words(
        self, register: RegisterPoint, words: Sequence[int], ask: Ask
    ) -> None:
        function = self._function(register)
        try:
            await _send(register, words, function, ask)
        except DeviceRefusedError as err:
            other = _OTHER[function]
            if err.reason != ILLEGAL_FUNCTION or not _suffices(other, words):
                raise
            await _send(register, words, other, ask)
            self._learned.knows_function(register.space, other)

    def _function(self, register: RegisterPoint) -> WriteFunction:
        if register.write_function is not WriteFunction.AUTO:
            return register.write_function
        if register.words > 1:
            return WriteFunction.MULTIPLE
        learned = self._learned.lessons.write_functions
        return learned.get(register.space, WriteFunction.SINGLE)

    async def _write_field(
        self, register: RegisterPoint, codec: PointCodec, value: PointValue
    ) -> None:
        may_mask = register.words == 1 and self._learned.lessons.masks is not False
        if not may_mask or not await self._masked(register, codec, value):
            await self._read_and_write(register, codec, value)

    async def _masked(
        self, register: RegisterPoint, codec: PointCodec, value: PointValue
    ) -> bool:
        """Write by mask; return False for a device that does not know how."""
        keep, bits = codec.mask(value)
        known = self._learned.lessons.masks
        try:
            await self._unit.ask(
                _acknowledged(
                    lambda unit: unit.mask_write_register(register.address, keep, bits)
                ),
                ("mask", register.address, keep, bits),
            )
        except DeviceRefusedError as err:
            if err.reason != ILLEGAL_FUNCTION:
                raise
        except DeviceOfflineError:
            # Some devices say nothing to a function that they do not know
            if known:
                raise
        else:
            self._learned.lessons = replace(self._learned.lessons, masks=True)
            return True
        self._learned.lessons = replace(self._learned.lessons, masks=False)
        return False

    async def _read_and_write(
        self, register: RegisterPoint, codec: PointCodec, value: PointValue
    ) -> None:
        """Change the bits between two requests that nothing of ours comes between."""
        space, address, count = register.space, register.address, register.words
        request = (space, address, count)
        async with self._unit.turn(request, Urgency.WRITE):
            before = await self._reader.exchange(
                lambda unit: read_words(unit, space, address, count),
                request,
                self._seconds,
            )
            words = codec.encode(value, within=before)
            await self._write_words(register, words, self._ask_in_turn)

    async def _ask_in_turn(self, operation: Operation[None], request: Hashable) -> None:
        await self._unit.exchange(operation, request, self._seconds)


async def _send(
    register: RegisterPoint, words: Sequence[int], function: WriteFunction, ask: Ask
) -> None:
    """Send one request, or one a word where only single writes are known."""
    space, address = register.space, register.address
    single = function is WriteFunction.SINGLE
    parts = [[word] for word in words] if single else [[*words]]
    for offset, part in enumerate(parts):
        await ask(
            _acknowledged(
                partial(
                    write_words,
                    space=space,
                    address=address + offset,
                    words=part,
                    single=single,
                )
            ),
            ("write", space, address + offset, *part),
        )


def _suffices(function: WriteFunction, words: Sequence[int]) -> bool:
    """Return whether a function writes the words at once."""
    return function is WriteFunction.MULTIPLE or len(words) == 1


def _acknowledged(operation: Operation[None]) -> Operation[None]:
    """Take exception 5 for an answer: the device is at it (V1.1b3, 7)."""

    async def ask(unit: ModbusUnit) -> None:
        try:
            await operation(unit)
        except AcknowledgeError:
            return

    return ask

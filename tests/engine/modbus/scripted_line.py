"""A line whose units do what a test tells them, over real sockets and a real pty."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, override

from modbus_connection import ModbusUnit
from modbus_connection import pymodbus as pymodbus_backend
from modbus_connection import tmodbus as tmodbus_backend
from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.lines.link_params import link_params
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from tests.simulators.modbus.bus import Bus
from tests.simulators.modbus.image import Image
from tests.simulators.modbus.serial_line import SerialLine
from tests.simulators.modbus.socket_line import SocketLine
from tests.simulators.modbus.tables import Absent
from tests.simulators.modbus.unit import SPACES, SimulatedUnit

BACKENDS = ("pymodbus", "tmodbus")

type Script = Callable[[ModbusPDU], object]


class BackendLink(ModbusLink):
    """A link over either backend: pymodbus is ours, tmodbus is Home Assistant's."""

    def __init__(self, backend: str, config: ModbusLineConfig) -> None:
        module: Any = {"pymodbus": pymodbus_backend, "tmodbus": tmodbus_backend}
        self.connection = module[backend].ModbusConnection(link_params(config))

    @override
    def unit(self, unit_id: int) -> ModbusUnit:
        return cast(ModbusUnit, self.connection.for_unit(unit_id))

    @override
    async def close(self) -> None:
        await self.connection.close()


@dataclass(slots=True)
class _Table:
    unit_id: int
    any_unit: bool = False


class ScriptedUnit:
    """Has some registers; before each answer it does the next thing in its script.

    Of a script: a number delays the answer so many seconds, an Event until it is set,
    None swallows it, an ExcCodes answers with that, an Exception is raised; with an
    empty script it does what `always` says, and answers if that says "".
    """

    def __init__(self, unit_id: int, words: Iterable[int] = range(100)) -> None:
        self.table = _Table(unit_id)
        self.image = Image()
        for space in Space:
            self.image.put(space, 0, [w & 1 if space.of_bits else w for w in words])
        self.script: list[object] = []
        self.always: object = ""
        self.asked: list[tuple[int, int, int]] = []
        self.written: list[tuple[int, int, list[int]]] = []

    async def answer(self, request: ModbusPDU) -> ModbusPDU | None:
        self.asked.append((request.function_code, request.address, request.count))
        response = await request.datastore_update(cast(Any, self), request.dev_id)
        act = self.script.pop(0) if self.script else self.always
        if isinstance(act, Exception):
            raise act
        if isinstance(act, ExcCodes):
            return ExceptionResponse(request.function_code, act)
        if isinstance(act, int | float):
            await asyncio.sleep(act)
        if isinstance(act, asyncio.Event):
            await act.wait()
        return None if act is None else response

    async def async_getValues(  # noqa: N802
        self, _unit: int, function: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        space = SPACES[function]
        words = self.image.read(space, address, count)
        if space.of_bits and isinstance(words, list):
            return [bool(word) for word in words]
        return words

    async def async_setValues(  # noqa: N802
        self, _unit: int, function: int, address: int, values: list[Any]
    ) -> ExcCodes | None:
        space = SPACES[function]
        if not self.image.covers(space, address, len(values)):
            return ExcCodes.ILLEGAL_ADDRESS
        self.written.append((function, address, [int(value) for value in values]))
        self.image.put(space, address, [int(value) for value in values])
        return None


@asynccontextmanager
async def serving(
    transport: ModbusTransport,
    *units: ScriptedUnit,
    folder: Path | None = None,
    absent: Absent = Absent.SILENT,
) -> AsyncIterator[tuple[SocketLine | SerialLine, ModbusLineConfig]]:
    """Yield a line that serves the units, and how to reach it."""
    bus = Bus(cast("list[SimulatedUnit]", [*units]), absent)
    line: SocketLine | SerialLine
    if transport is ModbusTransport.SERIAL:
        assert folder is not None
        line = SerialLine(bus, folder / "ttyLine")
    else:
        line = SocketLine(bus, transport)
    await line.start()
    try:
        yield line, config_of(line, transport)
    finally:
        await line.stop()


def config_of(
    line: SocketLine | SerialLine, transport: ModbusTransport, **facts: Any
) -> ModbusLineConfig:
    """Return how to reach a line."""
    place: dict[str, Any] = {"device": ""}
    if isinstance(line, SerialLine):
        place = {"device": str(line.path), "baudrate": 115200}
    else:
        place = {"host": "127.0.0.1", "port": line.port}
    wanted = {"network_id": "l", "name": "Line", "timeout_seconds": 20.0}
    return ModbusLineConfig(transport=transport, **wanted | place | facts)

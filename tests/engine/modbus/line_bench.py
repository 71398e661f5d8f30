"""A line of the engine's on a scripted one, over either backend and any transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.errors import NetworkError
from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.turns import Urgency
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from tests.simulators.modbus.serial_line import SerialLine
from tests.simulators.modbus.socket_line import SocketLine

from .scripted_line import BACKENDS, BackendLink, ScriptedUnit, serving

TCP = ModbusTransport.TCP
RTU_OVER_TCP = ModbusTransport.RTU_OVER_TCP
SERIAL = ModbusTransport.SERIAL
HOLDING = Space.HOLDING
# Nobody waits so long in these tests: who does fails by the test's own time-out
NEVER = 60.0

both = pytest.mark.parametrize("backend", BACKENDS)
everywhere = pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP, SERIAL])
in_frames = pytest.mark.parametrize("transport", [RTU_OVER_TCP, SERIAL])


class LineBench:
    """A line, the other end of it, and what the line said of itself."""

    def __init__(self, line: ModbusLine, served: SocketLine | SerialLine) -> None:
        self.line = line
        self.served = served
        self.told: list[NetworkError | None] = []

    def unit(self, unit_id: int = 1, urgency: Urgency = Urgency.POLL) -> LineUnit:
        return LineUnit(self.line, unit_id, urgency)


@asynccontextmanager
async def line_bench(
    transport: ModbusTransport,
    backend: str,
    *units: ScriptedUnit,
    folder: Path,
    **facts: Any,
) -> AsyncIterator[LineBench]:
    """Yield a line on units; facts: of its configuration."""
    async with serving(transport, *units, folder=folder) as (served, reach):
        config = replace(reach, **facts)
        told: list[NetworkError | None] = []
        line = ModbusLine(config, BackendLink(backend, config), told.append)
        bench = LineBench(line, served)
        bench.told = told
        try:
            yield bench
        finally:
            await line.close()


async def until_asked(unit: ScriptedUnit) -> None:
    """Wait until a request reached a unit."""
    async with asyncio.timeout(30):
        while not unit.asked:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

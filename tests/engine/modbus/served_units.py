"""Units that pymodbus serves on loopback, and the driver's own way to them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.pymodbus_links import PymodbusLink
from custom_components.plantroom.engine.modbus.registers.register_map import Space

HOST = "127.0.0.1"
SPACES = (Space.COIL, Space.DISCRETE_INPUT, Space.HOLDING, Space.INPUT)

type Runs = Mapping[int, Sequence[int]]
"""Words, or bits as 0 and 1, by first address."""


def unit(unit_id: int, runs: Mapping[Space, Runs]) -> SimDevice:
    """Return a unit that has these addresses and refuses all others."""
    coils, discrete, holding, inputs = (
        _blocks(runs.get(space, {}), bits=space.of_bits) for space in SPACES
    )
    return SimDevice(id=unit_id, simdata=(coils, discrete, holding, inputs))


def _blocks(runs: Runs, *, bits: bool) -> list[SimData]:
    """Return what pymodbus serves; it wants something in each of the tables."""
    kept = dict(runs) or {65535: (0,)}
    return [
        SimData(
            address,
            values=[bool(word) for word in words] if bits else list(words),
            datatype=DataType.BITS if bits else DataType.UINT16,
        )
        for address, words in sorted(kept.items())
    ]


@asynccontextmanager
async def served(*units: SimDevice) -> AsyncIterator[ModbusLineConfig]:
    """Serve units on a free port; yield the line that leads to them."""
    server = ModbusTcpServer(list(units), address=(HOST, 0))
    await server.serve_forever(background=True)
    try:
        port = server.transport.sockets[0].getsockname()[1]
        yield ModbusLineConfig(
            network_id="line", name="Line", host=HOST, port=port, timeout_seconds=20.0
        )
    finally:
        await server.shutdown()


@asynccontextmanager
async def opened(config: ModbusLineConfig) -> AsyncIterator[ModbusLine]:
    """Yield the driver's line, closed afterwards."""
    line = ModbusLine(config, PymodbusLink(config), lambda _failure: None)
    try:
        yield line
    finally:
        await line.close()


@asynccontextmanager
async def reached(device: SimDevice) -> AsyncIterator[LineUnit]:
    """Serve one unit and yield what reads it."""
    async with served(device) as config, opened(config) as line:
        yield LineUnit(line, device.id)

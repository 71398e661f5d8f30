"""Clients of the Modbus side: libmodbus and pymodbus, by the name of a unit."""

import ssl
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pymodbus import FramerType
from pymodbus.client import (
    AsyncModbusSerialClient,
    AsyncModbusTcpClient,
    AsyncModbusTlsClient,
)
from pymodbus.client.base import ModbusBaseClient

from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from tests.peers.libmodbus_client import LibmodbusClient
from tests.simulators.modbus.side import ModbusSide

SILENT_SECONDS = 0.3
# For those who answer, whatever else the machine does
ANSWER_SECONDS = 30.0


@asynccontextmanager
async def pymodbus_of(
    side: ModbusSide, line: str, *, seconds: float = ANSWER_SECONDS
) -> AsyncIterator[ModbusBaseClient]:
    """Run a pymodbus client of a line."""
    client = _pymodbus(side.line_config(line), seconds)
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


def libmodbus_of(
    side: ModbusSide, unit: str, *, seconds: float = ANSWER_SECONDS
) -> LibmodbusClient:
    """Return a libmodbus client of a unit."""
    table = side.unit(unit).table
    config = side.line_config(table.line)
    if config.transport is ModbusTransport.SERIAL:
        return LibmodbusClient.rtu(config.device, table.unit_id, timeout=seconds)
    return LibmodbusClient.tcp(config.port, table.unit_id, timeout=seconds)


def float32(words: Sequence[int]) -> float:
    """Return what two words mean, the most significant first."""
    return float(struct.unpack(">f", struct.pack(">HH", *words))[0])


def uint32(words: Sequence[int]) -> int:
    """Return what two words mean, the most significant first."""
    return words[0] << 16 | words[1]


def _pymodbus(config: ModbusLineConfig, seconds: float) -> ModbusBaseClient:
    if config.transport is ModbusTransport.SERIAL:
        return AsyncModbusSerialClient(config.device, timeout=seconds, retries=0)
    if config.transport is ModbusTransport.TLS:
        context = ssl.create_default_context(cafile=config.ca_file)
        return AsyncModbusTlsClient(
            config.host,
            port=config.port,
            sslctx=context,
            timeout=seconds,
            retries=0,
            framer=FramerType.TLS,
        )
    is_rtu = config.transport is ModbusTransport.RTU_OVER_TCP
    return AsyncModbusTcpClient(
        config.host,
        port=config.port,
        framer=FramerType.RTU if is_rtu else FramerType.SOCKET,
        timeout=seconds,
        retries=0,
    )

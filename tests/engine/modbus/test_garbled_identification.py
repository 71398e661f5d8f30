"""Replies that are no answer to what was asked, through both backends there are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection as TmodbusConnection

from custom_components.plantroom.engine.errors import DeviceError
from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.pymodbus_links import PymodbusLink
from custom_components.plantroom.engine.modbus.search.identification import identify

from .served_units import HOST

REPLIES = {
    "one object twice": "2b0e0101000002 0003414243 0003444546",
    "object longer than the reply": "2b0e0101000001 00ff41",
    "fewer objects than it says": "2b0e01010000ff",
    "more follows, for ever": "2b0e0101ff0001 000141",
    "text that is none": "2b0e0101000001 0003fffe00",
    "other sub-function": "2b0d0101000000",
    "reply to a read": "03020001",
    "exception to another function": "9101",
    "server id shorter than it says": "110541",
}


class TmodbusLink(ModbusLink):
    """The backend that Home Assistant shares."""

    def __init__(self, config: ModbusLineConfig) -> None:
        params = ModbusTcpParams(host=config.host, port=config.port)
        self._connection = TmodbusConnection(params)
        self.unit = self._connection.for_unit

    async def close(self) -> None:
        await self._connection.close()


@asynccontextmanager
async def always_replying(body: bytes) -> AsyncIterator[ModbusLineConfig]:
    """Serve one reply to whatever is asked, in a frame that is in order."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(7)
                await reader.readexactly(int.from_bytes(head[4:6]) - 1)
                length = (len(body) + 1).to_bytes(2)
                writer.write(head[:4] + length + head[6:7] + body)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield ModbusLineConfig(
            network_id="line", name="Line", host=HOST, port=port, timeout_seconds=0.3
        )
    finally:
        server.close()
        server.abort_clients()
        await server.wait_closed()


@pytest.mark.parametrize("link", [PymodbusLink, TmodbusLink])
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
async def test_garbled_reply_names_nobody_and_breaks_nothing(
    reply: str, link: Callable[[ModbusLineConfig], ModbusLink]
):
    async with always_replying(bytes.fromhex(reply)) as config:
        line = ModbusLine(config, link(config), lambda _failure: None)
        try:
            unit = LineUnit(line, 1, seconds=0.3)
            for request in (unit.read_device_identification, unit.report_server_id):
                try:
                    await request()
                except DeviceError:
                    continue
            identity = await identify(unit, ())
            assert identity.profiles == ()
            assert not identity.is_sunspec
        finally:
            await line.close()

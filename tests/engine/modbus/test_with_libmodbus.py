"""The engine and libmodbus, which shares no line of code with our backends, agree."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    Space,
    ValueType,
    WriteFunction,
)
from custom_components.plantroom.engine.models import Verdict, WriteRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.peers.libmodbus_server import LibmodbusServer
from tests.peers.linked_ports import LinkedPorts
from tests.site import until

from .field_bench import BackendHost, device_of
from .register_points import register
from .scripted_line import BACKENDS

UNIT = 17
POINTS = (
    register("whole", 0, scale=0.1),
    register("single", 2, type=ValueType.FLOAT32, word_order=Order.LITTLE),
    register("input", 9, space=Space.INPUT, type=ValueType.INT16),
    register("coil", 3, space=Space.COIL, type=ValueType.BOOL, writable=True),
    register("contact", 3, space=Space.DISCRETE_INPUT, type=ValueType.BOOL),
    register("setpoint", 20, scale=0.5, writable=True),
    register("wide", 30, type=ValueType.UINT32, writable=True),
    register(
        "all_at_once", 40, writable=True, write_function=WriteFunction.MULTIPLE
    ),
    register("bit", 50, bit=4, type=ValueType.BOOL, writable=True),
    register("texts", 60, type=ValueType.STRING, length=3, writable=True),
)  # fmt: skip


@asynccontextmanager
async def peer(transport: str) -> AsyncIterator[tuple[LibmodbusServer, dict[str, Any]]]:
    """Yield a libmodbus server and how to reach it."""
    if transport == "tcp":
        async with LibmodbusServer.tcp() as server:
            yield server, {"host": "127.0.0.1", "port": server.port}
        return
    async with LinkedPorts() as ports:
        ours, theirs = ports.paths
        async with LibmodbusServer.rtu(theirs, unit_id=UNIT) as server:
            yield (
                server,
                {
                    "transport": ModbusTransport.SERIAL,
                    "device": str(ours),
                    "baudrate": 115200,
                },
            )


@asynccontextmanager
async def reading(place: dict[str, Any], backend: str) -> AsyncIterator[Running]:
    """Run an engine that reads the peer."""
    engine = Engine(BackendHost(backend=backend))
    await engine.start()
    try:
        running = Running(engine)
        line = ModbusLineConfig(
            network_id="l", name="Line", timeout_seconds=20.0, **place
        )
        device = device_of(UNIT, *POINTS)
        await running.configure(
            SiteConfig(modbus_lines=(line,), modbus_devices=(device,))
        )
        await running.watch(*(f"l:{UNIT}:{point.key}" for point in POINTS))
        yield running
    finally:
        await engine.stop()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transport", ["tcp", "serial"])
async def test_values_are_read_and_written_in_every_space(transport: str, backend: str):
    async with peer(transport) as (server, place):
        await server.set(Space.HOLDING, 0, 2301)
        await server.set(Space.HOLDING, 2, 0x199A, 0x4366)
        await server.set(Space.INPUT, 9, 0xFFFE)
        await server.set(Space.COIL, 3, 1)
        await server.set(Space.DISCRETE_INPUT, 3, 1)
        await server.set(Space.HOLDING, 50, 0xFF00)
        async with reading(place, backend) as running:
            await until(
                lambda: all(running.reading(f"l:{UNIT}:{p.key}") for p in POINTS)
            )
            found = {
                point.key: running.reading(f"l:{UNIT}:{point.key}") for point in POINTS
            }
            values = {key: each and each.value for key, each in found.items()}
            assert values == {
                "whole": 230.1, "single": 230.1, "input": -2, "coil": True,
                "contact": True, "setpoint": 0, "wide": 0, "all_at_once": 0,
                "bit": False, "texts": "",
            }  # fmt: skip
            wanted = {
                "setpoint": 21.5, "wide": 100000, "all_at_once": 7, "coil": False,
                "bit": True, "texts": "Hello",
            }  # fmt: skip
            for key, value in wanted.items():
                request = WriteRequest(point_id=f"l:{UNIT}:{key}", value=value)
                result = await running.engine.call("write", request)
                assert (key, result.verdict) == (key, Verdict.VERIFIED)
        assert await server.get(Space.HOLDING, 20, 1) == [43]
        assert await server.get(Space.HOLDING, 30, 2) == [1, 34464]
        assert await server.get(Space.HOLDING, 40, 1) == [7]
        assert await server.get(Space.HOLDING, 50, 1) == [0xFF10]
        assert await server.get(Space.HOLDING, 60, 3) == [0x4865, 0x6C6C, 0x6F00]
        assert await server.get(Space.COIL, 3, 1) == [0]
        assert {1, 2, 3, 4, 5, 6, 16, 22} <= set(await server.requests())

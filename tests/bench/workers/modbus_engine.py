"""The engine as Home Assistant runs it, with Modbus devices on TCP."""

import asyncio
from typing import Any

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    ValueType,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.bench.own_process import Window, resident_mib
from tests.bench.workers.whole_engine import (
    Readings,
    running_engine,
    survey,
    watch_all,
)


def register_map(registers: int) -> tuple[RegisterPoint, ...]:
    """Return a point for every holding register from 0 on, signed tenths."""
    return tuple(
        RegisterPoint(
            key=f"register_{number}",
            name=f"Register {number}",
            address=number,
            type=ValueType.INT16,
            scale=0.1,
        )
        for number in range(registers)
    )


def site(settings: dict[str, Any], poll_seconds: float) -> SiteConfig:
    """Return a line and a device for every host in the settings."""
    registers = register_map(settings["registers"])
    return SiteConfig(
        modbus_lines=tuple(
            ModbusLineConfig(
                network_id=f"line{n}", name=host, host=host, port=settings["port"]
            )
            for n, host in enumerate(settings["hosts"])
        ),
        modbus_devices=tuple(
            ModbusDeviceConfig(
                network_id=f"line{n}",
                unit_id=1,
                registers=registers,
                # Chosen, all of them get an entity
                points=tuple(point.key for point in registers),
                poll_seconds=poll_seconds,
            )
            for n in range(len(settings["hosts"]))
        ),
    )


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the cost of polling at the pace asked for, and as fast as it goes."""
    points = settings["registers"] * len(settings["hosts"])
    async with running_engine(settings["folder"]) as engine:
        empty_mib = resident_mib()
        readings = Readings()
        engine.events.listen(readings.take)
        await engine.call("configure", site(settings, settings["poll_seconds"]))
        snapshot = await survey(engine, points)
        first_seconds = await watch_all(engine, snapshot, readings)
        result: dict[str, Any] = {
            "points": points,
            "poll_seconds": settings["poll_seconds"],
            "empty_mib": empty_mib,
            "first_readings_seconds": first_seconds,
            "steady": await _polled(readings, settings["seconds"]),
        }
        result["fast"] = await _polled_fast(engine, readings, settings)
        return result


async def _polled_fast(
    engine: Engine, readings: Readings, settings: dict[str, Any]
) -> dict[str, Any]:
    await engine.call("configure", site(settings, settings["fast_poll_seconds"]))
    await asyncio.sleep(3 * settings["fast_poll_seconds"])
    return await _polled(readings, settings["fast_seconds"])


async def _polled(readings: Readings, seconds: float) -> dict[str, Any]:
    before = readings.count
    async with Window() as window:
        await asyncio.sleep(seconds)
    return window.result | {"readings": readings.count - before}

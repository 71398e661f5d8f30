"""The engine serves the Modbus side of the simulated building, on every transport at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.modbus.configuration import ModbusDeviceConfig
from custom_components.plantroom.engine.models import (
    ProblemCode,
    Verdict,
    WriteRequest,
    WriteResult,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.simulators.modbus.difficult import DIFFICULT
from tests.simulators.modbus.office import SECURE
from tests.simulators.modbus.side import ModbusSide
from tests.site import SiteHost, until

GOOD_METERS = ("in order", "busy", "swaps words", "has a hole", "slow", "rolls over")
SINGLE_FLOAT = 1e-6


@asynccontextmanager
async def serving(
    side: ModbusSide, *devices: ModbusDeviceConfig, **line_facts: Any
) -> AsyncIterator[Running]:
    """Run an engine that serves these devices, all points watched."""
    names = {name.replace(" ", "_"): name for name in side.lines}
    lines = {device.network_id for device in devices}
    engine = Engine(SiteHost())
    await engine.start()
    try:
        running = Running(engine)
        await running.configure(
            SiteConfig(
                modbus_lines=tuple(
                    side.line_config(names[line], **line_facts)
                    for line in sorted(lines)
                ),
                modbus_devices=devices,
            )
        )
        await watch_all(running)
        yield running
    finally:
        await engine.stop()


async def watch_all(running: Running) -> None:
    """Watch every point there is by now."""
    snapshot = await running.snapshot()
    await running.watch(*(point.point_id for point in snapshot.points))


def shown(side: ModbusSide, unit: str) -> dict[str, Any]:
    """Return what a unit's registers say, by key."""
    return {
        point.key: side.unit(unit).get(point.key)
        for point in side.unit(unit).table.points
    }


def value_of(running: Running, point_id: str) -> Any:
    """Return a point's value, None before it was read."""
    reading = running.reading(point_id)
    return None if reading is None else reading.value


async def write(running: Running, point_id: str, value: Any) -> WriteResult:
    result: WriteResult = await running.engine.call(
        "write", WriteRequest(point_id=point_id, value=value, actor="t")
    )
    return result


@pytest.mark.parametrize(
    ("unit", "secure"),
    [
        ("main meter", False),
        ("main meter", True),
        ("cooling meter", False),
        ("spare meter", False),
        ("heat meter", False),
    ],
)
async def test_a_meter_reads_what_it_shows(unit: str, secure: bool) -> None:
    async with ModbusSide(speed=0) as side:
        side.pass_time(600)
        facts = {"network_id": SECURE.replace(" ", "_")} if secure else {}
        device = side.device_config(unit, **facts)
        async with serving(side, device) as running:
            points = (await running.snapshot()).points
            truth = shown(side, unit)
            wanted = {
                point.point_id: truth[point.reference]
                for point in points
                if point.reference in truth
                and not isinstance(truth[point.reference], str)
            }
            assert len(wanted) >= 5
            await until(lambda: all(running.reading(each) for each in wanted))
            for point_id, value in wanted.items():
                if value_of(running, point_id) is not None:
                    assert value_of(running, point_id) == pytest.approx(
                        value, rel=SINGLE_FLOAT
                    )


async def test_the_inverter_tells_its_power_and_energy() -> None:
    async with ModbusSide(speed=0, only=("roof",)) as side:
        side.pass_time(3600)
        truth = side.unit("inverter").model.values()
        async with serving(side, side.device_config("inverter")) as running:
            await until(lambda: running.online() == {"roof:1"})
            await watch_all(running)
            power, energy = "roof:1:m103_w", "roof:1:m103_wh"
            await until(lambda: value_of(running, power) and value_of(running, energy))
            assert value_of(running, power) == pytest.approx(truth["power"], abs=5)
            assert value_of(running, energy) == truth["energy"]


async def test_a_setpoint_written_on_the_serial_line_moves_the_room() -> None:
    async with ModbusSide(speed=0, only=("rooms",)) as side:
        devices = [
            side.device_config(f"thermostat {n}", poll_seconds=0.1) for n in (1, 2)
        ]
        async with serving(side, *devices) as running:
            room_1, room_2 = (f"rooms:{n}:room_temperature" for n in (1, 2))
            await until(lambda: value_of(running, room_1) and value_of(running, room_2))
            result = await write(running, "rooms:1:comfort_setpoint", 24.0)
            assert result.verdict is Verdict.VERIFIED
            assert side.unit("thermostat 1").get("comfort_setpoint") == 24.0
            for _ in range(6):
                side.pass_time(1800)
            await until(lambda: value_of(running, room_1) > 23)
            assert value_of(running, room_2) < 23
            result = await write(running, "rooms:2:operating_mode_command", 3)
            assert result.verdict is Verdict.VERIFIED
            assert side.unit("thermostat 2").model.values()["mode"] == 4


async def test_difficult_units_are_read_and_only_the_dead_one_is_offline() -> None:
    async with ModbusSide(profile="difficult", speed=0, only=(DIFFICULT,)) as side:
        side.pass_time(60)
        units = {side.unit(name).table.unit_id: name for name in GOOD_METERS}
        devices = [side.device_config(name) for name in (*GOOD_METERS, "never answers")]
        async with serving(side, *devices, timeout_seconds=3.0) as running:
            energies = {
                f"{DIFFICULT}:{unit}:energy": name for unit, name in units.items()
            }
            await until(lambda: all(running.reading(each) for each in energies), 90)
            for point_id, name in energies.items():
                shown_now = side.unit(name).get("energy")
                assert value_of(running, point_id) == pytest.approx(shown_now)
            dead = side.unit("never answers").table.unit_id
            assert f"{DIFFICULT}:{dead}" not in running.online()


async def test_a_line_that_goes_and_comes_is_followed() -> None:
    async with ModbusSide(speed=0, only=("rooms",)) as side:
        device = side.device_config("thermostat 1", poll_seconds=0.1)
        async with serving(side, device, timeout_seconds=0.3) as running:
            await until(lambda: running.online() == {"rooms:1"})
            await side.kill("rooms")
            await until(
                lambda: running.problems() == {"rooms": ProblemCode.LINE_UNREACHABLE}
            )
            side.unit("thermostat 1").set("room_temperature", 17.5)
            await side.revive("rooms")
            await until(lambda: running.online() == {"rooms:1"})
            await until(lambda: value_of(running, "rooms:1:room_temperature") == 17.5)
            assert running.problems() == {}

import dataclasses

import pytest

from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
    Parity,
)
from tests.peers.libmodbus_client import LibmodbusClient
from tests.simulators.building import Building
from tests.simulators.client import SimulatorControl, SimulatorError


async def test_a_building_in_its_own_process_says_how_its_lines_are_reached() -> None:
    control = await SimulatorControl.spawn("--modbus", "--speed", "0")
    try:
        lines = {
            name: ModbusLineConfig(
                **facts
                | {
                    "transport": ModbusTransport(facts["transport"]),
                    "parity": Parity(facts["parity"]),
                }
            )
            for name, facts in control.modbus["lines"].items()
        }
        units = {unit["name"]: unit for unit in control.modbus["units"]}
        assert units["main meter"]["profile"] == "eastron_sdm630"
        unit_id = units["main meter"]["unit_id"]
        async with LibmodbusClient.tcp(lines["gateway"].port, unit_id) as client:
            await control.command(
                "modbus_set", unit="main meter", key="frequency", value=50.0
            )
            assert await client.read_input(70, 2) == [0x4248, 0]
        async with LibmodbusClient.rtu(lines["rooms"].device, 1) as client:
            await client.write_register(102, 23 * 50)
        setpoint = await control.command(
            "modbus_get", unit="thermostat 1", key="comfort_setpoint"
        )
        assert setpoint == 23.0
        with pytest.raises(SimulatorError, match="UnknownUnit"):
            await control.command("modbus_unplug", unit="nobody")
    finally:
        await control.stop()
    assert control.returncode == 0


async def test_every_command_does_as_it_is_called() -> None:
    control = await SimulatorControl.spawn("--modbus", "--profile", "all")
    try:
        for command, facts in (
            ("release", {"unit": "main meter", "key": "frequency"}),
            ("unplug", {"unit": "main meter"}),
            ("plug", {"unit": "main meter"}),
            ("misbehave", {"unit": "main meter", "quirk": "silent"}),
            ("swap_words", {"unit": "spare meter"}),
            ("kill", {"line": "gateway"}),
            ("revive", {"line": "gateway"}),
            ("drop", {"line": "gateway"}),
        ):
            await control.command(f"modbus_{command}", **facts)
        before = await control.command("modbus_truth", unit="main meter")
        await control.command("pass_time", seconds=600)
        after = await control.command("modbus_truth", unit="main meter")
        assert after["imported_kwh"] > before["imported_kwh"]
        await control.command("modbus_replace_meter", unit="main meter", energy_kwh=7)
        values = await control.command("modbus_values", unit="main meter")
        assert values["import_energy"] < 8
        place = {"unit": "relay module", "space": "holding", "address": 0}
        await control.command("modbus_set_words", words=[5, 6], **place)
        assert await control.command("modbus_words", count=2, **place) == [5, 6]
        assert (await control.command("modbus_statistics"))["relay module"] == {}
        assert await control.command("modbus_describe") == control.modbus
    finally:
        await control.stop()


async def test_the_meters_measure_what_the_plants_of_the_building_do() -> None:
    async with Building(only=(3002, 3001), speed=0, modbus=True) as building:
        assert building.modbus is not None
        building.pass_time(3600)
        chiller = building.surroundings.chiller_kw
        assert chiller is not None
        cooling = building.modbus.unit("cooling meter").model.values()
        assert cooling["power_kw"] == pytest.approx(0.9 + chiller * 1.12, rel=0.05)
        heat = building.modbus.unit("heat meter").model.values()
        assert heat["power"] == building.surroundings.boiler_heat_kw


async def test_device_and_line_configurations_fit_the_contract() -> None:
    async with Building(only=("nothing",), speed=0, modbus=True) as building:
        side = building.modbus
        assert side is not None
        for name, unit in side.units.items():
            config = side.device_config(name)
            line = side.line_config(unit.table.line)
            assert config.network_id == line.network_id
            assert bool(config.profile) != bool(config.registers)
        other = side.device_config("spare meter", poll_seconds=1.0)
        assert dataclasses.replace(other, poll_seconds=10.0) == side.device_config(
            "spare meter"
        )

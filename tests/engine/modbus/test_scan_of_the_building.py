"""Real lines of the simulated building, searched by the real driver."""

import pytest

from custom_components.plantroom.engine.errors import LineUnreachableError
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.knowledge.profiles import Profiles
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.search.scan import scan_line
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.requests import ScanRequest
from tests.simulators.modbus.side import ModbusSide

from .served_units import opened


async def scanned(config: ModbusLineConfig, high: int) -> dict[int, FoundDevice]:
    profiles = Profiles(None)
    await profiles.load()
    request = ScanRequest(network_id=config.network_id, task_id="t", low=1, high=high)
    async with opened(config) as line:
        found = await scan_line(
            config,
            request,
            lambda unit_id, seconds: LineUnit(line, unit_id, seconds=seconds),
            profiles.all(),
            lambda _share, _text: None,
        )
    return {device.instance: device for device in found}


async def test_units_behind_a_gateway_are_found_in_the_whole_range():
    async with ModbusSide(only=["gateway"], speed=0) as side:
        found = await scanned(side.line_config("gateway"), 247)
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert found[4].profile == "abb_b23_b24"
    assert (found[5].vendor, found[5].model) == ("Northwind Controls", "NW-R8")
    assert not any(device.answers_every_id for device in found.values())


async def test_inverter_is_found_as_sunspec_with_its_points():
    async with ModbusSide(only=["roof"], speed=0) as side:
        found = await scanned(side.line_config("roof", timeout_seconds=0.5), 3)
    assert sorted(found) == [1]
    inverter = found[1]
    assert (inverter.vendor, inverter.model) == ("Northwind Solar", "NW-90K")
    assert (inverter.profile, inverter.firmware) == ("sunspec", "3.11")
    assert inverter.points is not None
    assert inverter.points > 100


@pytest.mark.parametrize(
    ("line", "high", "ids"), [("serial server", 13, [11, 12]), ("rooms", 4, [1, 2])]
)
async def test_units_on_rtu_lines_are_found(line: str, high: int, ids: list[int]):
    async with ModbusSide(only=[line], speed=0) as side:
        found = await scanned(side.line_config(line, timeout_seconds=0.5), high)
    assert sorted(found) == ids


async def test_device_that_ignores_ids_is_found_once():
    async with ModbusSide(profile="difficult", only=["any unit"], speed=0) as side:
        found = await scanned(side.line_config("any unit"), 247)
    assert sorted(found) == [1]
    assert found[1].answers_every_id


async def test_difficult_units_are_found_but_the_one_that_never_answers():
    async with ModbusSide(profile="difficult", only=["difficult"], speed=0) as side:
        config = side.line_config("difficult", timeout_seconds=0.5)
        found = await scanned(config, 7)
    # Unit 2 never answers, unit 3 is busy at first
    assert sorted(found) == [1, 3, 4, 5, 6, 7]


async def test_host_with_nothing_on_its_port_is_unreachable():
    async with ModbusSide(only=["gateway"], speed=0) as side:
        config = side.line_config("gateway")
    with pytest.raises(LineUnreachableError):
        await scanned(config, 247)

"""The actions that look into Modbus units, and what others say of Modbus points."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.diagnostics import async_get_config_entry_diagnostics
from custom_components.plantroom.engine.events import ProblemsChanged
from custom_components.plantroom.engine.modbus.csv_map import read_csv_map
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.host import lasting_host
from custom_components.plantroom.modbus_actions import decoded
from custom_components.plantroom.system_health import system_health_info

from .entries import AIR_HANDLER, NETWORK, plantroom_entry
from .fake_units import ENERGY, METER_POINTS, SETPOINT, words_of_float
from .office import entity_id_of
from .plant import LINE, METER, THERMOSTAT, furnish, open_plant, served

AHU = AIR_HANDLER.device_id


async def ask(hass: HomeAssistant, action: str, *, answer: bool = True, **data: Any):
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=answer
    )


def registry_id(hass: HomeAssistant, entry, identifier: str) -> str:
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )
    return device.id


async def test_registers_of_a_device_are_shown_in_every_way(hass, world):
    entry, _ = await open_plant(hass, world)
    answer = await ask(
        hass,
        "read_registers",
        device_id=registry_id(hass, entry, METER.device_id),
        space="input",
        address=0,
        count=4,
    )
    high, low = words_of_float(3.5)
    assert answer["words"] == [high, low, 0, 12345]
    assert answer["hex"] == ["4060", "0000", "0000", "3039"]
    assert answer["decoded"]["float32"]["abcd"][0] == 3.5
    assert answer["decoded"]["uint32"]["abcd"][1] == 12345
    assert answer["decoded"]["uint16"] == [high, low, 0, 12345]
    assert answer["decoded"]["uint64"].keys() == {"abcd", "cdab", "badc", "dcba"}


async def test_bits_are_only_bits(hass, world):
    entry, _ = await open_plant(hass, world)
    device_id = registry_id(hass, entry, THERMOSTAT.device_id)
    answer = await ask(
        hass, "read_registers", device_id=device_id, space="coil", address=0
    )
    assert answer == {"words": [1]}


async def test_a_unit_that_is_not_configured_is_read_on_its_line(hass, world):
    entry, _ = await open_plant(hass, world)
    world.units[77] = world.units[9]
    device_id = registry_id(hass, entry, LINE.network_id)
    answer = await ask(
        hass, "read_registers", device_id=device_id, unit_id=77, address=10
    )
    assert answer["words"] == [5]
    with pytest.raises(ServiceValidationError, match="which unit id on Riser"):
        await ask(hass, "read_registers", device_id=device_id, address=10)
    with pytest.raises(HomeAssistantError, match="illegal-data-address"):
        await ask(hass, "read_registers", device_id=device_id, unit_id=77, address=99)


@pytest.mark.parametrize("identifier", [AHU, NETWORK.network_id])
async def test_what_is_not_on_modbus_is_refused(hass, world, identifier):
    entry = plantroom_entry(hass, devices=[AIR_HANDLER])
    assert await hass.config_entries.async_setup(entry.entry_id)
    device_id = registry_id(hass, entry, identifier)
    with pytest.raises(ServiceValidationError, match="not on Modbus"):
        await ask(hass, "read_registers", device_id=device_id, address=0)


def test_what_is_no_number_of_a_type_is_none():
    shown = decoded([0x7FC0, 0])
    assert shown["float32"]["abcd"] == [None]
    assert shown["bcd16"] == [None, 0]
    assert "float64" not in shown


@pytest.mark.parametrize("swapped", [False, True])
async def test_a_register_map_is_exported_as_it_is_read(hass, world, swapped):
    entry = plantroom_entry(
        hass, networks=[], lines=[LINE], units=[replace(METER, swap_words=swapped)]
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    device_id = registry_id(hass, entry, METER.device_id)
    answer = await ask(hass, "export_register_map", device_id=device_id)
    assert answer["registers"] == 2
    points = read_csv_map(answer["csv"])
    assert (points == METER_POINTS) is not swapped
    assert {str(p.word_order) for p in points} == {"little" if swapped else "big"}


async def test_a_meter_is_set_or_said_to_be_replaced(hass, world):
    await open_plant(hass, world)
    energy = entity_id_of(hass, served(ENERGY).point_id)
    await ask(hass, "set_meter", answer=False, entity_id=energy, total=500)
    await ask(hass, "set_meter", answer=False, entity_id=energy)
    assert [(r.point_id, r.total) for r in world.meters_set] == [
        (served(ENERGY).point_id, 500.0),
        (served(ENERGY).point_id, None),
    ]
    assert world.meters_set[0].actor == "Automation"
    with pytest.raises(ServiceValidationError, match="not an entity of Plantroom"):
        await ask(hass, "set_meter", answer=False, entity_id="sun.sun")


async def test_there_are_no_priorities_on_modbus(hass, world):
    await open_plant(hass, world)
    setpoint = entity_id_of(hass, served(SETPOINT, THERMOSTAT).point_id)
    written = await ask(hass, "write_property", entity_id=setpoint, value=22)
    assert written[setpoint]["verdict"] == "verified"
    for action, data in (
        ("write_property", {"value": 22, "priority": 8}),
        ("release", {}),
    ):
        with pytest.raises(ServiceValidationError, match="no priorities"):
            await ask(hass, action, entity_id=setpoint, **data)
    assert len(world.writes) == 1


async def test_who_is_asks_bacnet_networks_only(hass, world):
    furnish(world)
    entry = plantroom_entry(hass, lines=[LINE], units=[METER])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await ask(hass, "who_is")
    assert world.scans[0].network_id == NETWORK.network_id
    with pytest.raises(ServiceValidationError, match="There are: Building"):
        await ask(hass, "who_is", network="Riser")


async def test_system_health_says_which_lines_are_well(hass, world):
    _, engine = await open_plant(hass, world)
    assert (await system_health_info(hass))["modbus"] == "ok"
    problem = Problem(code=ProblemCode.LINE_UNREACHABLE, subject=LINE.network_id)
    engine.tell(ProblemsChanged(problems=(problem,)))
    info = await system_health_info(hass)
    assert info["modbus"] == {"type": "failed", "error": "line_unreachable"}
    assert (info["networks_up"], info["devices_online"]) == ("1 / 1", "2 / 2")


async def test_diagnostics_show_lines_and_their_connections(hass, world):
    entry, _ = await open_plant(hass, world)
    link = lasting_host(hass, entry.entry_id).modbus_link(LINE)
    link.unit(5)
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["modbus_connections"] == [
        {"endpoint": ("tcp", "meters.local", 502), "connected": False}
    ]
    await link.close()
    assert [device["profile"] for device in found["devices"]] == ["acme_meter", ""]
    assert found["devices"][0]["points"] == 2

"""Changing the settings, the points and the map of a Modbus device that is there."""

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.modbus.configuration import ModbusDeviceConfig
from custom_components.plantroom.modbus_subentries import unit_config

from .entries import data_of, plantroom_entry, subentry
from .fake_engine import World
from .fake_units import MODE, POWER, SETPOINT, meter, thermostat
from .flow_steps import Walk, change_unit, field, labels
from .test_modbus_device_flow import LINE, METER, run

THERMOSTAT = ModbusDeviceConfig(
    network_id="line0001", unit_id=9, name="Hall", registers=(MODE, SETPOINT)
)
INVERTER = ModbusDeviceConfig(
    network_id="line0001", unit_id=6, name="Roof", profile="sunspec"
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with a line, a meter, a thermostat and an inverter."""
    world.units = {5: meter(), 6: meter(), 9: thermostat()}
    units = [METER, THERMOSTAT, INVERTER]
    added = plantroom_entry(hass, networks=[], lines=[LINE], units=units)
    await run(hass, added)
    return added


async def test_settings_are_changed_and_what_others_keep_stays(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    item = subentry(entry, "device:line0001:5")
    hass.config_entries.async_update_subentry(
        entry, item, data={**item.data, "dashboard_role": "grid", "poll_seconds": 5}
    )
    await hass.async_block_till_done()
    connections = len(world.connections)
    form = await change_unit(hass, entry, walk, 5, "settings")
    assert field(form, "poll_seconds")[0].default() == 5
    assert labels(form, "points") == ["Energy | total (energy)", "Power (power)"]
    answers = {"name": "Main meter", "poll_seconds": 10, "all_points": True}
    done = await walk.answer(form, answers)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    data = data_of(entry, "device:line0001:5")
    assert data["dashboard_role"] == "grid"
    # The usual is not written down.
    assert "poll_seconds" not in data
    assert len(world.connections) == connections


async def test_points_are_chosen_with_a_reload(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await change_unit(hass, entry, walk, 9, "settings")
    assert field(form, "writable")[0].default() is True
    answers = {
        "name": "Hall",
        "poll_seconds": 10,
        "all_points": False,
        "points": ["mode"],
        "writable": False,
    }
    await walk.answer(form, answers)
    await hass.async_block_till_done()
    config = unit_config(data_of(entry, "device:line0001:9"))
    assert (config.points, config.writable) == (("mode",), False)
    assert config.registers == THERMOSTAT.registers
    assert len(world.connections) == 2


async def test_the_map_is_shown_and_taken_anew(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    item = subentry(entry, "device:line0001:9")
    hass.config_entries.async_update_subentry(
        entry, item, data={**item.data, "points": ["mode", "setpoint"]}
    )
    await hass.async_block_till_done()
    form = await change_unit(hass, entry, walk, 9, "paste_map")
    text = field(form, "map")[0].description["suggested_value"]
    lines = text.splitlines()
    assert lines[1].startswith("mode,Mode,10,holding,uint16")
    shorter = "\n".join(lines[:2])
    values = await walk.answer(form, {"map": shorter, "numbering": "from_0"})
    form = await walk.choose(values, "settings")
    assert field(form, "points")[0].default() == ["mode"]
    answers = {"name": "Hall", "poll_seconds": 10, "all_points": True, "writable": True}
    await walk.answer(form, answers)
    await hass.async_block_till_done()
    assert unit_config(data_of(entry, "device:line0001:9")).registers == (MODE,)


async def test_the_map_of_a_profile_can_be_made_ones_own(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await change_unit(hass, entry, walk, 5, "paste_map")
    text = field(form, "map")[0].description["suggested_value"]
    assert text.splitlines()[1].startswith("power,Power,0,input,float32")
    values = await walk.answer(form, {"map": text, "numbering": "from_0"})
    form = await walk.choose(values, "settings")
    answers = {"name": "", "poll_seconds": 10, "all_points": True}
    await walk.answer(form, answers)
    await hass.async_block_till_done()
    config = unit_config(data_of(entry, "device:line0001:5"))
    assert config.profile == ""
    assert config.registers[0] == POWER
    assert config.name == "Main meter"


async def test_the_map_of_sunspec_is_the_devices_own(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await change_unit(hass, entry, walk, 6, "paste_map")
    text = field(form, "map")[0].description["suggested_value"]
    assert len(text.splitlines()) == 1
    form = await change_unit(hass, entry, walk, 6, "settings")
    assert "points" not in form["data_schema"].schema


async def test_without_an_engine_no_map_and_no_points_are_shown(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    form = await change_unit(hass, entry, walk, 5, "paste_map")
    text = field(form, "map")[0].description["suggested_value"]
    assert len(text.splitlines()) == 1
    form = await change_unit(hass, entry, walk, 5, "settings")
    assert not {"points", "writable"} & set(form["data_schema"].schema)
    answers = {"name": "Main", "poll_seconds": 60}
    done = await walk.answer(form, answers)
    assert done["reason"] == "reconfigure_successful"
    assert data_of(entry, "device:line0001:5")["poll_seconds"] == 60

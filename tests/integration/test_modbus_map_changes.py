"""What a map says that is not being changed stays as it is."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.modbus.configuration import ModbusDeviceConfig
from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .entries import plantroom_entry, subentry
from .fake_engine import World
from .fake_units import POWER, FakeUnit, meter, thermostat, words_of_float
from .flow_steps import Walk, change_unit, field
from .test_modbus_device_flow import LINE, METER, by_unit, run
from .test_modbus_map_flow import VOLTAGE

BOARD = ModbusDeviceConfig(
    network_id="line0001", unit_id=13, name="Board", registers=(POWER,)
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with a meter and a board, both of which swap their words."""
    high, low = words_of_float(231.5)
    swapping = FakeUnit(words={(Space.INPUT, 0): (low, high, low, high)})
    world.units = {5: meter(), 12: thermostat(), 13: swapping}
    units = [METER, BOARD]
    added = plantroom_entry(hass, networks=[], lines=[LINE], units=units)
    await run(hass, added)
    for unit_id in (5, 13):
        item = subentry(added, f"device:line0001:{unit_id}")
        # As the repair does it
        hass.config_entries.async_update_subentry(
            added, item, data={**item.data, "swap_words": True}
        )
    await hass.async_block_till_done()
    return added


def shown(schema: Any) -> dict[str, Any]:
    """Return what a form shows before anybody types."""
    suggested = {
        str(key): (key.description or {}).get("suggested_value") for key in schema
    }
    default = {str(key): key.default() for key in schema if callable(key.default)}
    return default | {key: told for key, told in suggested.items() if told is not None}


async def test_what_is_changed_of_a_register_takes_nothing_else_along(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await walk.choose(await by_unit(hass, walk, entry, 12), "paste_map")
    columns = "name,address,description,counter,rollover,writable,write_function\n"
    line = "Pulses,10,In the cellar,true,1000,true,multiple\n"
    answers = {"map": columns + line, "numbering": "from_0"}
    values = await walk.answer(form, answers)
    (before,) = world.previews[-1].registers
    form = await walk.choose(values, "edit_register")
    form = await walk.answer(form, {"register": "pulses", "remove": False})
    schema = form["data_schema"].schema
    more = shown(schema["more"].schema.schema)
    assert (more["rollover"], more["write_function"]) == (1000, "multiple")
    plain = {key: told for key, told in shown(schema).items() if key != "more"}
    await walk.answer(form, plain | {"name": "Water pulses", "more": more})
    assert world.previews[-1].registers == (replace(before, name="Water pulses"),)


async def test_the_map_of_a_profile_is_shown_as_it_is_read(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await change_unit(hass, entry, walk, 5, "paste_map")
    text = field(form, "map")[0].description["suggested_value"]
    await walk.answer(form, {"map": text, "numbering": "from_0"})
    asked = world.previews[-1]
    assert {str(point.word_order) for point in asked.registers} == {"little"}
    assert not asked.swap_words


async def test_a_map_whose_words_were_exchanged_stays_so_when_it_grows(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    values = await change_unit(hass, entry, walk, 13, "previewing")
    form = await walk.choose(values, "add_register")
    added = {**VOLTAGE, "space": "input", "address": 2, "word_order": "little"}
    values = await walk.answer(form, added)
    table = values["description_placeholders"]["values"]
    assert "| Power | 231.5 kW |" in table
    assert "| Spannung L1 | 231.5 V |" in table


async def test_an_order_is_chosen_for_a_map_whose_words_were_exchanged(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    values = await change_unit(hass, entry, walk, 13, "previewing")
    assert "| Power | 231.5 kW |" in values["description_placeholders"]["values"]
    form = await walk.choose(values, "wrong_value")
    orders = await walk.answer(form, {"register": "power"})
    assert field(orders, "order")[0].default() == "cdab"
    await walk.answer(orders, {"order": "abcd", "all_of_type": True})
    asked = world.previews[-1]
    assert [str(point.word_order) for point in asked.registers] == ["big"]
    assert not asked.swap_words

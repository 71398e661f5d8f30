"""Adding one Modbus device or several, each seen live before it is added."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.errors import LineUnreachableError
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .entries import plantroom_entry, subentry
from .fake_engine import World
from .fake_units import meter, thermostat, words_of_float
from .flow_steps import Walk, field, labels

LINE = ModbusLineConfig(network_id="line0001", name="Riser", host="meters.local")
METER = ModbusDeviceConfig(
    network_id="line0001", unit_id=5, name="Main meter", profile="acme_meter"
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with one line and one meter."""
    world.units = {5: meter(), 9: thermostat()}
    added = plantroom_entry(hass, networks=[], lines=[LINE], units=[METER])
    await run(hass, added)
    return added


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


async def run(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "modbus_device"), context={"source": SOURCE_USER}
    )


async def by_unit(
    hass: HomeAssistant, walk: Walk, entry: MockConfigEntry, unit_id: int
) -> Any:
    form = await walk.choose(await start(hass, entry), "by_unit")
    return await walk.answer(form, {"unit_id": unit_id, "anyway": False})


SETTINGS: dict[str, Any] = {
    "name": "Office",
    "poll_seconds": 30,
    "all_points": True,
    "writable": True,
}


async def test_several_known_units_are_looked_at_and_added_together(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units |= {6: meter(), 7: meter(power=7.25)}
    menu = await start(hass, entry)
    assert menu["menu_options"] == ["scanning", "by_unit"]
    units = await walk.choose(menu, "scanning")
    assert labels(units, "units") == [
        "Acme M1, 2 points (unit 6)",
        "Acme M1, 2 points (unit 7)",
        "unknown device: no profile fits (unit 9)",
    ]
    assert field(units, "units")[0].default() == ["6", "7"]
    values = await walk.answer(units, {"units": ["6", "7"]})
    assert "| Power | 7.25 kW |" in values["description_placeholders"]["values"]
    done = await walk.choose(values, "take_units")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (engine,) = world.running
    assert [unit.unit_id for unit in engine.site.modbus_devices] == [5, 7, 6]
    assert len(world.connections) == 2


@pytest.mark.parametrize(
    ("chosen", "error"), [([], "nothing_chosen"), (["6", "9"], "one_at_a_time")]
)
async def test_a_unit_that_nobody_knows_is_added_alone(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    walk: Walk,
    chosen: list[str],
    error: str,
) -> None:
    world.units[6] = meter()
    units = await walk.choose(await start(hass, entry), "scanning")
    result = await walk.answer(units, {"units": chosen})
    assert result["errors"] == {"units": error}
    source = await walk.answer(result, {"units": ["9"]})
    assert source["step_id"] == "source"


async def test_one_known_unit_is_shown_and_named(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[6] = meter()
    units = await walk.choose(await start(hass, entry), "scanning")
    values = await walk.answer(units, {"units": ["6"]})
    assert values["step_id"] == "values"
    assert values["menu_options"] == ["settings", "wrong_value", "previewing", "source"]
    said = values["description_placeholders"]
    assert (said["device"], said["unit"]) == ("Acme M1", "6")
    assert said["values"].splitlines() == [
        "| Point | Value |",
        "| :--- | ---: |",
        "| Power | 3.5 kW |",
        "| Energy \\| total | 1234.5 kWh |",
    ]
    form = await walk.choose(values, "settings")
    assert field(form, "name")[0].default() == "Acme M1"
    assert labels(form, "points") == ["Energy | total (energy)", "Power (power)"]
    done = await walk.answer(
        form,
        {
            "name": "Kitchen",
            "poll_seconds": 5,
            "all_points": False,
            "points": ["power"],
        },
    )
    assert done["title"] == "Kitchen"
    assert done["data"] == {
        "network_id": "line0001",
        "unit_id": 6,
        "name": "Kitchen",
        "profile": "acme_meter",
        "poll_seconds": 5,
        "points": ["power"],
    }


async def test_a_unit_id_that_is_typed_is_asked_what_it_is(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[6] = meter()
    source = await by_unit(hass, walk, entry, 6)
    assert (world.scans[0].low, world.scans[0].high) == (6, 6)
    assert source["step_id"] == "source"
    assert source["menu_options"] == [
        "proposed",
        "choose_profile",
        "sunspec",
        "describe",
        "paste_map",
    ]
    assert source["description_placeholders"] == {
        "unit": "6",
        "line": "Riser",
        "device": "Acme M1",
    }
    values = await walk.choose(source, "proposed")
    assert values["step_id"] == "values"


async def test_a_unit_id_is_added_once(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    result = await by_unit(hass, walk, entry, 5)
    assert result["errors"] == {"unit_id": "already_configured"}


async def test_a_unit_that_is_off_can_be_added_all_the_same(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    result = await by_unit(hass, walk, entry, 8)
    assert result["errors"] == {"unit_id": "no_answer"}
    source = await walk.answer(result, {"unit_id": 8, "anyway": True})
    assert source["menu_options"][0] == "choose_profile"
    form = await walk.choose(source, "choose_profile")
    assert labels(form, "profile") == [
        "Acme — M1 (electricity meter, 2 points)",
        "Acme — T1 (thermostat, 3 points)",
    ]
    failed = await walk.answer(form, {"profile": "acme_thermostat"})
    assert failed["step_id"] == "no_values"
    assert failed["menu_options"] == ["previewing", "source", "settings"]
    assert "does not answer" in failed["description_placeholders"]["reason"]
    world.units[8] = thermostat()
    values = await walk.choose(failed, "previewing")
    assert "| Mode | Heat |" in values["description_placeholders"]["values"]
    world.units.pop(8)
    failed = await walk.choose(values, "previewing")
    form = await walk.choose(failed, "settings")
    assert field(form, "name")[0].default() == "Riser 8"
    done = await walk.answer(form, SETTINGS)
    assert done["data"].items() >= {"unit_id": 8, "name": "Office"}.items()


async def test_a_line_that_fails_is_said_and_can_be_passed_over(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.failures["scan"] = LineUnreachableError("cable cut", line="Riser", reason="")
    result = await by_unit(hass, walk, entry, 8)
    assert result["errors"] == {"base": "scan_failed"}
    said = result["description_placeholders"]["reason"]
    assert said == "The line Riser cannot be reached: cable cut"
    source = await walk.answer(result, {"unit_id": 8, "anyway": True})
    assert source["step_id"] == "source"
    world.failures["modbus_profiles"] = LineUnreachableError("cut", line="", reason="")
    ended = await walk.choose(source, "choose_profile")
    assert ended["reason"] == "profiles_failed"


async def test_what_can_be_written_is_shown_with_its_texts(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[9].words[(Space.COIL, 0)] = ()
    source = await by_unit(hass, walk, entry, 9)
    assert "proposed" not in source["menu_options"]
    form = await walk.choose(source, "choose_profile")
    values = await walk.answer(form, {"profile": "acme_thermostat"})
    assert values["description_placeholders"]["values"].splitlines()[2:] == [
        "| Mode | Heat |",
        "| Setpoint | 21.5 °C |",
        "| Relay | — (illegal-data-address) |",
    ]
    # Each value is one register: there is no order to be doubted.
    assert "wrong_value" not in values["menu_options"]
    form = await walk.choose(values, "settings")
    assert field(form, "writable")[0].default() is True
    done = await walk.answer(form, {**SETTINGS, "writable": False})
    assert done["data"]["writable"] is False


async def test_a_sunspec_device_says_itself_what_it_has(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[6] = replace(meter(), profile="sunspec")
    source = await by_unit(hass, walk, entry, 6)
    values = await walk.choose(source, "sunspec")
    assert world.previews[-1].profile == "sunspec"
    # Its order of bytes is the standard's.
    assert "wrong_value" not in values["menu_options"]


# The order of bytes


async def test_words_that_are_exchanged_are_seen_and_put_right(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    high, low = words_of_float(231.4)
    world.units[6] = meter()
    world.units[6].words = {(Space.INPUT, 0): (low, high, 12345, 0)}
    source = await by_unit(hass, walk, entry, 6)
    values = await walk.choose(source, "proposed")
    form = await walk.choose(values, "wrong_value")
    assert [label.partition(":")[0] for label in labels(form, "register")] == [
        "Power",
        "Energy | total",
    ]
    orders = await walk.answer(form, {"register": "power"})
    assert orders["step_id"] == "orders"
    assert labels(orders, "order")[1] == "CDAB: 231.4 kW"
    assert field(orders, "order")[0].default() == "abcd"
    assert "all_of_type" not in orders["data_schema"].schema

    refused = await walk.answer(orders, {"order": "dcba"})
    assert refused["errors"] == {"order": "bytes_of_profile"}

    values = await walk.answer(refused, {"order": "cdab"})
    shown = values["description_placeholders"]["values"]
    assert "| Power | 231.4 kW |" in shown
    assert "| Energy \\| total | 1234.5 kWh |" in shown

    # Once more: what is read now is what one begins with.
    form = await walk.choose(values, "wrong_value")
    orders = await walk.answer(form, {"register": "power"})
    assert field(orders, "order")[0].default() == "cdab"
    values = await walk.answer(orders, {"order": "cdab"})
    done = await walk.answer(await walk.choose(values, "settings"), SETTINGS_OF_METER)
    assert done["data"]["swap_words"] is True


SETTINGS_OF_METER = {"name": "Kitchen", "poll_seconds": 10, "all_points": True}


async def test_a_register_that_cannot_be_read_again_is_said(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[6] = meter()
    source = await by_unit(hass, walk, entry, 6)
    values = await walk.choose(source, "proposed")
    form = await walk.choose(values, "wrong_value")
    world.units.pop(6)
    result = await walk.answer(form, {"register": "power"})
    assert result["errors"] == {"base": "read_failed"}
    assert "does not answer" in result["description_placeholders"]["reason"]


# Where the flow may not go on


async def test_several_lines_are_asked_for_first(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    other = replace(LINE, network_id="line0002", name="Roof", host="roof.local")
    entry = plantroom_entry(hass, networks=[], lines=[LINE, other])
    await run(hass, entry)
    form = await start(hass, entry)
    assert labels(form, "network_id") == ["Riser", "Roof"]
    menu = await walk.answer(form, {"network_id": "line0002"})
    assert menu["description_placeholders"] == {"line": "Roof"}
    menu = await walk.answer(menu)
    assert menu["step_id"] == "how"
    await walk.choose(menu, "scanning")
    assert world.scans[0].network_id == "line0002"


async def test_a_line_must_be_there(hass: HomeAssistant, world: World) -> None:
    entry = plantroom_entry(hass)
    await run(hass, entry)
    assert (await start(hass, entry))["reason"] == "no_lines"


async def test_the_engine_must_run(hass: HomeAssistant) -> None:
    entry = plantroom_entry(hass, lines=[LINE])
    assert (await start(hass, entry))["reason"] == "not_loaded"


async def test_an_engine_that_stopped_meanwhile_is_a_failed_search(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await start(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await walk.choose(menu, "scanning"))["step_id"] == "scan_failed"


async def test_a_line_removed_meanwhile_ends_the_flow(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await start(hass, entry)
    line = subentry(entry, "network:line0001")
    hass.config_entries.async_remove_subentry(entry, line.subentry_id)
    assert (await walk.choose(menu, "scanning"))["reason"] == "line_gone"
    await hass.async_block_till_done()


async def test_a_device_added_meanwhile_is_not_added_again(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.units[6] = meter()
    slow = await walk.choose(await by_unit(hass, walk, entry, 6), "proposed")
    slow = await walk.choose(slow, "settings")
    fast = await walk.choose(await by_unit(hass, walk, entry, 6), "proposed")
    fast = await walk.choose(fast, "settings")
    done = await walk.answer(fast, SETTINGS_OF_METER)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    late = await walk.answer(slow, SETTINGS_OF_METER)
    assert late["reason"] == "already_configured"
    await hass.async_block_till_done()

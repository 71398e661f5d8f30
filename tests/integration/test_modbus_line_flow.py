"""The first Modbus line, and the units that a search finds on it."""

import asyncio

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.engine.errors import (
    LineUnreachableError,
    StorageError,
)
from custom_components.plantroom.engine.events import Progress

from .fake_engine import World
from .fake_units import FakeUnit, meter, thermostat
from .flow_steps import (
    ADVANCED,
    SERIAL,
    TCP,
    answer,
    choose,
    field,
    labels,
    start_line,
)

pytestmark = pytest.mark.usefixtures("world")


async def test_the_first_line_and_the_units_ticked_become_subentries(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter(), 9: thermostat(), 7: meter(vendor="")}
    form = await start_line(hass)
    assert form["step_id"] == "modbus_line"
    units = await answer(hass, form, TCP)
    assert units["step_id"] == "units"
    assert labels(units, "units") == [
        "Acme M1, 2 points (unit 5)",
        "M1, 2 points (unit 7)",
    ]
    assert field(units, "units")[0].default() == ["5", "7"]
    unknown = units["description_placeholders"]["unknown"]
    assert unknown.startswith("\n\nNo profile fits the units 9.")

    values = await answer(hass, units, {"units": ["5"]})
    assert values["step_id"] == "found_values"
    assert values["menu_options"] == ["take_units", "units"]
    shown = values["description_placeholders"]["values"]
    assert shown.startswith("**Acme M1** (Unit 5 on Riser)")
    assert "| Power | 3.5 kW |" in shown
    assert "| Energy \\| total | 1234.5 kWh |" in shown

    done = await choose(hass, values, "take_units")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    line, device = done["result"].subentries.values()
    network_id = line.data["network_id"]
    assert (line.subentry_type, line.title) == ("modbus_line", "Riser")
    assert line.unique_id == f"network:{network_id}"
    assert line.data["host"] == "meters.local"
    assert (device.subentry_type, device.title) == ("modbus_device", "Acme M1")
    assert device.unique_id == f"device:{network_id}:5"
    assert device.data == {
        "network_id": network_id,
        "unit_id": 5,
        "name": "Acme M1",
        "profile": "acme_meter",
    }
    await hass.async_block_till_done()
    assert done["result"].state is ConfigEntryState.LOADED
    (engine,) = world.running
    assert [item.device_id for item in engine.site.modbus_devices] == [
        f"{network_id}:5"
    ]


async def test_a_serial_line_asks_for_its_settings(
    hass: HomeAssistant, world: World
) -> None:
    menu = await answer(hass, await start_line(hass), SERIAL)
    assert menu["step_id"] == "no_units"
    assert menu["menu_options"] == ["scanning", "without_units"]
    assert menu["description_placeholders"] == {"line": "Riser", "last": "247"}
    done = await choose(hass, menu, "without_units")
    (line,) = done["result"].subentries.values()
    assert (
        line.data.items()
        >= {
            "transport": "serial",
            "device": "/dev/ttyUSB0",
            "host": "",
            "baudrate": 19200,
            "parity": "E",
            "stopbits": 1,
        }.items()
    )


async def test_the_search_can_be_kept_short_and_said_again(
    hass: HomeAssistant, world: World
) -> None:
    answers = {**TCP, "advanced": {**ADVANCED, "search_to": 10}}
    menu = await answer(hass, await start_line(hass), answers)
    assert (world.scans[0].low, world.scans[0].high) == (1, 10)
    world.units = {5: meter()}
    assert (await choose(hass, menu, "scanning"))["step_id"] == "units"


async def test_the_search_shows_how_far_it_is(
    hass: HomeAssistant, world: World
) -> None:
    world.scan_gate = asyncio.Event()
    form = await start_line(hass)
    flows = hass.config_entries.flow
    shown = await flows.async_configure(form["flow_id"], TCP)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["description_placeholders"] == {
        "line": "Riser",
        "last": "247",
        "found": "0",
    }
    await world.scanning.wait()
    (engine,) = world.running
    engine.tell(Progress(task_id="another", fraction=0.1, text="8"))
    engine.tell(Progress(task_id=world.scans[0].task_id, fraction=0.1, text="2"))
    shown = await flows.async_configure(form["flow_id"])
    assert shown["description_placeholders"]["found"] == "2"
    world.scan_gate.set()
    await hass.async_block_till_done()
    assert (await flows.async_configure(form["flow_id"]))["step_id"] == "no_units"


async def test_a_search_that_fails_says_why(hass: HomeAssistant, world: World) -> None:
    world.failures["scan"] = LineUnreachableError(
        "cannot", line="Riser", reason="refused"
    )
    menu = await answer(hass, await start_line(hass), TCP)
    assert menu["step_id"] == "scan_failed"
    said = menu["description_placeholders"]["reason"]
    assert said.startswith("The line Riser cannot be reached: it refuses connections.")


async def test_a_unit_can_be_left_out_after_its_values(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter(), 7: meter()}
    units = await answer(hass, await start_line(hass), TCP)
    values = await answer(hass, units, {"units": ["5", "7"]})
    units = await choose(hass, values, "units")
    done = await answer(hass, units, {"units": []})
    assert len(done["result"].subentries) == 1


async def test_units_that_nobody_knows_are_only_named(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {9: thermostat()}
    units = await answer(hass, await start_line(hass), TCP)
    assert units["data_schema"].schema == {}
    done = await answer(hass, units, {})
    assert len(done["result"].subentries) == 1


async def test_labels_say_what_is_known_of_a_unit(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {
        1: meter(name="Main meter", answers_every_id=True),
        2: FakeUnit(profile="sunspec", vendor="Sun"),
        3: meter(counted=False),
    }
    units = await answer(hass, await start_line(hass), TCP)
    assert labels(units, "units") == [
        "Main meter, 2 points (answers to every unit id, 1 is used)",
        "Sun, SunSpec, 7 points (unit 2)",
        "Acme M1 (unit 3)",
    ]


async def test_values_that_cannot_be_read_say_why(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter()}
    units = await answer(hass, await start_line(hass), TCP)
    world.units = {}
    values = await answer(hass, units, {"units": ["5"]})
    assert "unit 5 does not answer" in values["description_placeholders"]["values"]
    units = await choose(hass, values, "units")
    world.failures["configure"] = StorageError("no room", path="", reason="")
    values = await answer(hass, units, {"units": ["5"]})
    assert values["step_id"] == "found_values"
    assert values["description_placeholders"]["values"].startswith("— ")


async def test_the_host_is_taken_without_brackets(hass: HomeAssistant) -> None:
    menu = await answer(hass, await start_line(hass), {**TCP, "host": "[fe80::1]"})
    done = await choose(hass, menu, "without_units")
    (line,) = done["result"].subentries.values()
    assert line.data["host"] == "fe80::1"

"""Saying which points are meters, of devices of both protocols."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.models import Quantity

from .entries import AIR_HANDLER, NETWORK, data_of, plantroom_entry, subentry
from .fake_engine import World
from .fake_units import METER_POINTS, THERMOSTAT_POINTS, plain_point
from .flow_steps import Walk, field, labels
from .office import point
from .test_modbus_device_flow import LINE, METER

POWER = point("analog-input,9", "Fan power", unit="kilowatts")
PULSES = point("accumulator,1", "Water pulses")
COUNT = point("integer-value,2", "Gas count", unit="no-units")
DERIVED = replace(
    POWER,
    point_id=f"{POWER.point_id}~energy",
    reference="analog-input,9~energy",
    derived_from="analog-input,9",
)
ROOM = point("analog-input,1", "Room", unit="degrees-celsius")
AHU = "device:cafe0001:1001"
MAIN = "device:line0001:5"


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with an air handler on BACnet and a meter on Modbus."""
    for each in (POWER, PULSES, COUNT, DERIVED, ROOM):
        world.points[each.point_id] = each
    for register in METER_POINTS:
        served = plain_point(register, "line0001:5")
        world.points[served.point_id] = served
    added = plantroom_entry(
        hass, networks=[NETWORK], devices=[AIR_HANDLER], lines=[LINE], units=[METER]
    )
    assert await hass.config_entries.async_setup(added.entry_id)
    await hass.async_block_till_done()
    return added


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


async def metering(
    hass: HomeAssistant, walk: Walk, entry: MockConfigEntry, unique_id: str
) -> Any:
    """Return the form of a device's meters."""
    item = subentry(entry, unique_id)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, item.subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )
    return await walk.choose(menu, "metering")


AUTOMATIC: dict[str, Any] = {
    "energy_automatic": True,
    "demand_automatic": True,
    "demand_minutes": "15",
}


async def test_only_what_can_be_a_meter_is_offered(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await metering(hass, walk, entry, AHU)
    assert labels(form, "energy_from") == ["Fan power (analog-input,9)"]
    assert labels(form, "counters") == [
        "Gas count (integer-value,2)",
        "Water pulses (accumulator,1)",
    ]
    assert field(form, "energy_automatic")[0].default() is True
    assert field(form, "demand_minutes")[0].default() == "15"


async def test_energy_and_demand_of_a_bacnet_device_change_without_a_reload(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await metering(hass, walk, entry, AHU)
    done = await walk.answer(
        form,
        {
            "energy_automatic": False,
            "energy_from": ["analog-input,9"],
            "demand_automatic": False,
            "demand_from": [],
            "demand_minutes": "30",
            "counters": [],
        },
    )
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (device,) = world.running[0].site.devices
    assert device.metering == MeteringConfig(
        energy_from=("analog-input,9",), demand_from=(), demand_minutes=30
    )
    assert len(world.connections) == 1
    form = await metering(hass, walk, entry, AHU)
    assert field(form, "energy_from")[0].default() == ["analog-input,9"]
    assert field(form, "demand_automatic")[0].default() is False


async def test_each_counter_is_asked_what_it_counts(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await metering(hass, walk, entry, AHU)
    counters = ["accumulator,1", "integer-value,2"]
    form = await walk.answer(form, {**AUTOMATIC, "counters": counters})
    assert form["step_id"] == "counter"
    assert form["description_placeholders"] == {"point": "Water pulses"}
    water = {
        "factor": 0.01,
        "unit": "cubic-meters",
        "quantity": "water",
        "rollover": 65536,
    }
    refused = await walk.answer(form, {**water, "factor": 0})
    assert refused["errors"] == {"factor": "bad_factor"}
    refused = await walk.answer(refused, {**water, "rollover": 0})
    assert refused["errors"] == {"rollover": "bad_rollover"}
    form = await walk.answer(refused, water)
    assert form["description_placeholders"] == {"point": "Gas count"}
    gas = {"factor": 0.1, "unit": "cubic-meters", "quantity": "none"}
    await walk.answer(form, gas)
    await hass.async_block_till_done()
    (device,) = world.running[0].site.devices
    assert device.metering.counters == (
        CounterConfig(
            reference="accumulator,1",
            factor=0.01,
            unit="cubic-meters",
            quantity=Quantity.WATER,
            rollover=65536,
        ),
        CounterConfig(reference="integer-value,2", factor=0.1, unit="cubic-meters"),
    )

    # Once more: what is there is shown, though the point may be gone.
    world.points.pop(PULSES.point_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    form = await metering(hass, walk, entry, AHU)
    assert field(form, "counters")[0].default() == counters
    form = await walk.answer(form, {**AUTOMATIC, "counters": ["accumulator,1"]})
    assert form["description_placeholders"] == {"point": "accumulator,1"}
    assert field(form, "factor")[0].default() == 0.01
    assert field(form, "rollover")[0].description == {"suggested_value": 65536}
    await walk.answer(form, water)
    await hass.async_block_till_done()
    assert len(data_of(entry, AHU)["metering"]["counters"]) == 1


async def test_meters_of_a_modbus_device_change_without_a_reload(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await metering(hass, walk, entry, MAIN)
    assert labels(form, "demand_from") == ["Power (power)"]
    # A counter says its unit itself, and may be told another.
    assert labels(form, "counters") == ["Energy | total (energy)"]
    answers = {**AUTOMATIC, "demand_minutes": "5", "counters": ["energy"]}
    form = await walk.answer(form, answers)
    assert field(form, "unit")[0].description == {"suggested_value": "kilowatt-hours"}
    assert field(form, "quantity")[0].default() == "energy_import"
    counted = {"factor": 2, "unit": "kilowatt-hours", "quantity": "energy_import"}
    done = await walk.answer(form, counted)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (device,) = world.running[0].site.modbus_devices
    assert device.metering.demand_minutes == 5
    assert device.metering.counters[0].factor == 2
    assert len(world.connections) == 1
    assert subentry(entry, MAIN).title == "Main meter"


async def test_a_device_without_meters_says_so(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.points.clear()
    served = plain_point(THERMOSTAT_POINTS[1], "line0001:5")
    world.points[served.point_id] = served
    assert await hass.config_entries.async_reload(entry.entry_id)
    result = await metering(hass, walk, entry, MAIN)
    assert result["reason"] == "no_meters"
    await hass.config_entries.async_unload(entry.entry_id)
    result = await metering(hass, walk, entry, MAIN)
    assert result["reason"] == "no_meters"


async def test_what_has_no_power_is_asked_for_counters_only(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.points.pop(POWER.point_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    form = await metering(hass, walk, entry, AHU)
    assert set(form["data_schema"].schema) == {"counters"}
    await walk.answer(form, {"counters": []})
    await hass.async_block_till_done()
    (device,) = world.running[0].site.devices
    assert device.metering == MeteringConfig()

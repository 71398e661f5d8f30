"""Meters of a device that is there reach the Energy dashboard from its own dialogue."""

from typing import Any

import pytest
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component

from custom_components.plantroom.engine.models import Quantity

from ..entries import subentry
from ..flow_steps import Walk, field
from ..office import METER, TEMPERATURE, entity_id_of, furnish, open_office, point
from .test_action import EXPORT, GAS, IMPORT, POWER, UNIQUE_ID, add, sources

# Home Assistant's own http component
pytestmark = pytest.mark.filterwarnings(
    "ignore::aiohttp.web_exceptions.NotAppKeyWarning"
)
WATER = point("accumulator,4", "Water", unit="cubic-meters", quantity=Quantity.WATER)


@pytest.fixture
async def energy(recorder_mock: Recorder, hass: HomeAssistant, world: Any) -> None:
    """Run a Home Assistant with an Energy dashboard."""
    assert await async_setup_component(hass, "energy", {})


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


async def ask(hass: HomeAssistant, walk: Walk, entry: ConfigEntry) -> Any:
    item = subentry(entry, UNIQUE_ID)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, item.subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )
    return await walk.choose(menu, "on_dashboard")


@pytest.mark.usefixtures("energy")
async def test_a_main_meter_is_added_in_its_role(hass, world, walk):
    furnish(world, IMPORT, EXPORT, POWER, TEMPERATURE)
    entry, _ = await open_office(hass, world)
    form = await ask(hass, walk, entry)
    counted = entity_id_of(hass, IMPORT.point_id)
    assert field(form, "meters")[0].default() == [counted]
    assert "water" not in field(form, "role")[1].config["options"]
    done = await walk.answer(form, {"meters": [counted], "role": "grid"})
    assert done["reason"] == "on_dashboard"
    (grid,) = await sources(hass)
    assert grid["stat_energy_from"] == counted
    assert grid["stat_energy_to"] == entity_id_of(hass, EXPORT.point_id)


@pytest.mark.usefixtures("energy")
async def test_each_meter_is_what_it_counts_unless_a_person_says_else(
    hass, world, walk
):
    furnish(world, GAS, WATER)
    entry, _ = await open_office(hass, world)
    form = await ask(hass, walk, entry)
    nothing = await walk.answer(form, {"meters": []})
    assert nothing["errors"] == {"meters": "no_meter_chosen"}
    both = [entity_id_of(hass, each.point_id) for each in (GAS, WATER)]
    wrong = await walk.answer(nothing, {"meters": both, "role": "gas"})
    assert wrong["errors"] == {"role": "role_does_not_fit"}
    done = await walk.answer(wrong, {"meters": both})
    assert done["reason"] == "on_dashboard"
    assert {each["type"] for each in await sources(hass)} == {"gas", "water"}


@pytest.mark.usefixtures("energy")
async def test_energy_counters_that_say_nothing_else_are_sub_meters_by_their_names(
    hass, world, walk
):
    second = point("accumulator,2", "Lighting", unit="kilowatt-hours")
    furnish(world, METER, second, POWER)
    entry, _ = await open_office(hass, world)
    form = await ask(hass, walk, entry)
    both = [entity_id_of(hass, each.point_id) for each in (METER, second)]
    assert field(form, "meters")[0].default() == both
    await walk.answer(form, {"meters": both})
    manager = await async_get_manager(hass)
    assert manager.data["device_consumption"] == [
        {"stat_consumption": both[0], "name": METER.name},
        {"stat_consumption": both[1], "name": "Lighting"},
    ]


@pytest.mark.usefixtures("energy")
async def test_a_device_without_meters_says_so(hass, world, walk):
    furnish(world, TEMPERATURE)
    entry, _ = await open_office(hass, world)
    assert (await ask(hass, walk, entry))["reason"] == "no_meters"
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await ask(hass, walk, entry))["reason"] == "no_meters"


async def test_without_the_energy_dashboard_the_step_says_so(hass, world, walk):
    furnish(world, IMPORT)
    entry, _ = await open_office(hass, world)
    assert (await ask(hass, walk, entry))["reason"] == "no_dashboard"


@pytest.mark.usefixtures("energy")
async def test_what_only_gives_back_counts_in_any_role(hass, world):
    furnish(world, EXPORT)
    await open_office(hass, world)
    await add(hass, EXPORT.point_id, role="solar")
    await add(hass, EXPORT.point_id, role="consumer")
    counted = entity_id_of(hass, EXPORT.point_id)
    (solar,) = await sources(hass)
    assert solar["stat_energy_from"] == counted
    manager = await async_get_manager(hass)
    (device,) = manager.data["device_consumption"]
    assert device["stat_consumption"] == counted


@pytest.mark.usefixtures("energy")
async def test_water_cannot_be_added_as_energy(hass, world):
    furnish(world, WATER)
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError) as caught:
        await add(hass, WATER.point_id, role="grid")
    assert caught.value.translation_key == "role_does_not_fit"
    assert await sources(hass) == []

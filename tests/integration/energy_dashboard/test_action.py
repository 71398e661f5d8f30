"""Meters reach the Energy dashboard by an action, or by a wish of their flow."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.plantroom.const import CONF_DASHBOARD_ROLE, DOMAIN
from custom_components.plantroom.energy_dashboard import wishes
from custom_components.plantroom.engine.models import Quantity
from tests.site import until

from ..entries import AIR_HANDLER, data_of
from ..office import METER, TEMPERATURE, entity_id_of, furnish, open_office, point

IMPORT = replace(METER, quantity=Quantity.ENERGY_IMPORT)
EXPORT = point(
    "accumulator,2",
    "AHU-1.Returned",
    unit="kilowatt-hours",
    quantity=Quantity.ENERGY_EXPORT,
)
POWER = point("analog-input,7", "AHU-1.Power", unit="watts", quantity=Quantity.POWER)
GAS = point("accumulator,3", "Gas", unit="cubic-meters", quantity=Quantity.GAS)
# Home Assistant's own http component
pytestmark = pytest.mark.filterwarnings(
    "ignore::aiohttp.web_exceptions.NotAppKeyWarning"
)
UNIQUE_ID = f"device:{AIR_HANDLER.device_id}"


@pytest.fixture
async def energy(recorder_mock: Recorder, hass: HomeAssistant, world: Any) -> None:
    """Furnish a world with meters, in a Home Assistant with an Energy dashboard."""
    assert await async_setup_component(hass, "energy", {})
    furnish(world, IMPORT, EXPORT, POWER, GAS, TEMPERATURE)


async def sources(hass: HomeAssistant) -> list[Any]:
    manager = await async_get_manager(hass)
    return [*manager.data["energy_sources"]] if manager.data else []


async def add(hass: HomeAssistant, unique_id: str, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN,
        "add_to_energy_dashboard",
        {"entity_id": [entity_id_of(hass, unique_id)], **data},
        blocking=True,
        return_response=True,
    )


@pytest.mark.usefixtures("energy")
async def test_a_main_meter_is_added_whole_and_once(hass, world):
    await open_office(hass, world)
    assert await add(hass, IMPORT.point_id, role="grid") == {"added": ["AHU-1"]}
    (grid,) = await sources(hass)
    assert grid["stat_energy_from"] == entity_id_of(hass, IMPORT.point_id)
    assert grid["stat_energy_to"] == entity_id_of(hass, EXPORT.point_id)
    assert grid["stat_rate"] == entity_id_of(hass, POWER.point_id)
    assert await add(hass, IMPORT.point_id, role="grid") == {"added": []}


@pytest.mark.usefixtures("energy")
async def test_home_assistant_finds_no_fault_with_units_and_classes(hass, world):
    await open_office(hass, world)
    await add(hass, IMPORT.point_id, role="grid")
    await add(hass, GAS.point_id)
    found = await async_validate(hass)
    kinds = {
        kind
        for issues in (*found.energy_sources, *found.device_consumption)
        for kind in issues.issues
    }
    assert not {kind for kind in kinds if "unexpected" in kind}, kinds


@pytest.mark.usefixtures("energy")
async def test_without_a_role_energy_is_an_individual_device(hass, world):
    await open_office(hass, world)
    await add(hass, IMPORT.point_id)
    manager = await async_get_manager(hass)
    (device,) = manager.data["device_consumption"]
    assert device["stat_consumption"] == entity_id_of(hass, IMPORT.point_id)


@pytest.mark.usefixtures("energy")
async def test_what_counts_nothing_is_refused(hass, world):
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError) as caught:
        await add(hass, TEMPERATURE.point_id)
    assert caught.value.translation_key == "not_a_meter"


async def test_without_the_energy_dashboard_the_action_says_so(hass, world):
    furnish(world, IMPORT)
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError) as caught:
        await add(hass, IMPORT.point_id)
    assert caught.value.translation_key == "no_energy_dashboard"


@pytest.mark.usefixtures("energy")
async def test_a_wish_is_granted_once_and_forgotten(hass, world, monkeypatch):
    monkeypatch.setattr(wishes, "SETTLE_SECONDS", 0)
    entry, _ = await open_office(hass, world, **{CONF_DASHBOARD_ROLE: "grid"})
    await until(lambda: CONF_DASHBOARD_ROLE not in data_of(entry, UNIQUE_ID))
    await hass.async_block_till_done(wait_background_tasks=True)
    (grid,) = await sources(hass)
    assert grid["type"] == "grid"

    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": []})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await sources(hass) == []


@pytest.mark.usefixtures("energy")
async def test_a_disabled_meter_keeps_its_wish(hass, world, monkeypatch):
    monkeypatch.setattr(wishes, "SETTLE_SECONDS", 0)
    er.async_get(hass).async_get_or_create(
        "sensor", DOMAIN, IMPORT.point_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    furnish(world, IMPORT)
    del world.points[EXPORT.point_id], world.points[GAS.point_id]
    entry, _ = await open_office(hass, world, **{CONF_DASHBOARD_ROLE: "grid"})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await sources(hass) == []
    assert data_of(entry, UNIQUE_ID)[CONF_DASHBOARD_ROLE] == "grid"

"""The actions that are aimed at networks and devices."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.requests import AuditRow

from .entries import AIR_HANDLER, BOILER, NETWORK, plantroom_entry
from .office import AHU, FAN, SETPOINT, entity_id_of, open_office

ROW = AuditRow(
    number=1,
    at="2026-11-21T12:00:00+00:00",
    actor="Demo",
    action="write",
    point_id=SETPOINT.point_id,
    old=20.0,
    new=22.0,
    priority=8,
    verdict="verified",
)


async def ask(hass: HomeAssistant, action: str, **data: Any):
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


def registry_id(hass: HomeAssistant, entry, identifier: str) -> str:
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )
    return device.id


async def test_read_property_answers_with_the_value(hass, world):
    entry, _ = await open_office(hass, world)
    world.answers[(AHU, "analog-value,1", "priority-array")] = [None, 21.0]
    assert await ask(
        hass,
        "read_property",
        device_id=registry_id(hass, entry, AHU),
        object="analog-value,1",
        property="priority-array",
    ) == {
        "object": "analog-value,1",
        "property": "priority-array",
        "value": [None, 21.0],
    }


async def test_read_property_tells_that_the_device_is_silent(hass, world):
    entry, _ = await open_office(hass, world)
    world.failures["read_property"] = DeviceOfflineError("x", device="AHU-1")
    with pytest.raises(HomeAssistantError, match="AHU-1 does not answer"):
        await ask(
            hass,
            "read_property",
            device_id=registry_id(hass, entry, AHU),
            object="analog-value,1",
        )


async def test_network_is_no_field_device(hass, world):
    entry, _ = await open_office(hass, world)
    with pytest.raises(ServiceValidationError, match="not a field device"):
        await ask(
            hass, "survey", device_id=registry_id(hass, entry, NETWORK.network_id)
        )


async def test_who_is_returns_what_answers(hass, world):
    world.found = [AIR_HANDLER, BOILER]
    await open_office(hass, world)
    answer = await ask(hass, "who_is", network="Building", low=1002, seconds=2)
    assert [item["name"] for item in answer["devices"]] == ["Boiler"]
    (scan,) = world.scans
    assert (scan.low, scan.seconds, scan.network_id) == (1002, 2, NETWORK.network_id)


async def test_who_is_asks_back_which_network(hass, world):
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError, match="There are: Building"):
        await ask(hass, "who_is", network="Other")


async def test_two_networks_have_to_be_told_apart(hass, world):
    second = replace(NETWORK, network_id="cafe0002", name="Annex", port=47809)
    entry = plantroom_entry(hass, networks=(NETWORK, second))
    assert await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="Building, Annex"):
        await ask(hass, "who_is")
    await ask(hass, "who_is", network="Annex", config_entry_id=entry.entry_id)
    assert world.scans[0].network_id == "cafe0002"


async def test_survey_returns_the_difference(hass, world):
    entry, _ = await open_office(hass, world)
    answer = await ask(hass, "survey", device_id=registry_id(hass, entry, AHU))
    assert answer == {"added": [], "removed": [], "renamed": [], "changed": []}


async def test_audit_log_of_an_entity(hass, world):
    world.audit = [ROW, replace(ROW, number=2, point_id=FAN.point_id)]
    await open_office(hass, world)
    answer = await ask(hass, "audit_log")
    assert [row["number"] for row in answer["rows"]] == [1, 2]
    entity_id = entity_id_of(hass, SETPOINT.point_id)
    answer = await ask(hass, "audit_log", entity_id=entity_id)
    assert [row["point"] for row in answer["rows"]] == [SETPOINT.point_id]


async def test_audit_log_of_a_foreign_entity_is_refused(hass, world):
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError, match=r"sun\.sun is not an entity"):
        await ask(hass, "audit_log", entity_id="sun.sun")

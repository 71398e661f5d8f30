"""Maintenance begun and ended by a switch, of a device, a network and the site."""

from datetime import UTC, datetime
from typing import Any

import pytest
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.engine.alarms.models import Maintenance
from custom_components.plantroom.engine.alarms.requests import MaintenanceRequest
from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.events import MaintenanceChanged
from custom_components.plantroom.origins import EVENT_AUTOMATION

from .fake_engine import AT, World
from .office import AHU, entity_id_of, open_office, state_of

KEY = "-maintenance_mode"


async def switch(
    hass: HomeAssistant, action: str, unique_id: str, context: Context | None = None
) -> None:
    await hass.services.async_call(
        "switch",
        action,
        {"entity_id": entity_id_of(hass, unique_id)},
        blocking=True,
        context=context,
    )


async def test_the_switch_begins_and_ends_maintenance_in_the_persons_name(
    hass: HomeAssistant, world: World, hass_admin_user: Any
) -> None:
    _, engine = await open_office(hass, world)
    unique_id = f"{AHU}:{KEY}"
    assert state_of(hass, unique_id).state == "off"
    await switch(hass, "turn_off", unique_id)
    assert world.alarms.asked == []
    await switch(hass, "turn_on", unique_id, Context(user_id=hass_admin_user.id))
    person = hass_admin_user.name
    assert world.alarms.asked == [
        MaintenanceRequest(subject=AHU, active=True, until=None, actor=person)
    ]
    begun = Maintenance(subject=AHU, since=AT, actor=person)
    engine.tell(MaintenanceChanged(maintenance=(begun,)))
    state = state_of(hass, unique_id)
    assert state.state == "on"
    assert state.attributes["actor"] == person
    assert state.attributes["until"] is None
    await switch(hass, "turn_off", unique_id)
    ended = world.alarms.asked[-1]
    assert (ended.subject, ended.active) == (AHU, False)


async def test_automation_that_begins_maintenance_is_named(
    hass: HomeAssistant, world: World
) -> None:
    await open_office(hass, world)
    context = Context()
    hass.bus.async_fire(
        EVENT_AUTOMATION,
        {"name": "Service day", "entity_id": "automation.service_day"},
        context=context,
    )
    await hass.async_block_till_done()
    await switch(hass, "turn_on", f"{AHU}:{KEY}", context)
    (asked,) = world.alarms.asked
    assert asked.via == "Service day (automation.service_day)"


async def test_maintenance_with_an_end_shows_it_and_is_not_prolonged_by_the_switch(
    hass: HomeAssistant, world: World
) -> None:
    until = datetime(2026, 11, 22, tzinfo=UTC)
    world.alarms.maintenance = (
        Maintenance(subject="cafe0001", since=AT, until=until, comment="Filters"),
    )
    entry, _ = await open_office(hass, world)
    state = state_of(hass, f"cafe0001:{KEY}")
    assert state.state == "on"
    assert state.attributes["until"] == until
    assert state.attributes["comment"] == "Filters"
    await switch(hass, "turn_on", f"cafe0001:{KEY}")
    assert world.alarms.asked == []
    # What the network's keeps quiet, the device's own does not end.
    assert state_of(hass, f"{AHU}:{KEY}").state == "off"
    assert state_of(hass, f"{entry.entry_id}:{KEY}").state == "off"


async def test_the_switch_is_a_setting_and_says_why_it_failed(
    hass: HomeAssistant, world: World
) -> None:
    await open_office(hass, world)
    entity_id = entity_id_of(hass, f"{AHU}:{KEY}")
    kept = er.async_get(hass).async_get(entity_id)
    assert kept is not None
    assert kept.entity_category is EntityCategory.CONFIG
    world.failures["set_maintenance"] = StorageError("disk full")
    with pytest.raises(HomeAssistantError) as caught:
        await switch(hass, "turn_on", f"{AHU}:{KEY}")
    assert caught.value.translation_key == "storage"

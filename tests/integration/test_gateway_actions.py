"""Parked events are listed and replayed by actions; support sees no secret of a store."""

from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.plantroom.engine.gateway.models import ParkedEvent
from custom_components.plantroom.system_health import system_health_info

from .fake_engine import World
from .fake_gateway import (
    AT,
    DATABASE,
    FILLED,
    served,
    served_entry,
    subscription_entity,
)


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> Any:
    """Set up a subscription that put three events aside."""
    world.gateway.parked = [
        ParkedEvent(
            subscription_id="plant",
            event_id=f"event {number}",
            position=number,
            event_type="ValueUpdate",
            reason="malformed: presentValue",
            at=AT,
            data='{"presentValue": "warm"}',
        )
        for number in (3, 2, 1)
    ]
    made = served_entry(hass, FILLED)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    return made


@pytest.fixture
def device(hass: HomeAssistant, entry: Any) -> dr.AnyDeviceEntry:
    """Return the device of the subscription."""
    entity = er.async_get(hass).async_get(subscription_entity(hass, "parked_events"))
    assert entity is not None
    assert entity.device_id is not None
    found = dr.async_get(hass).async_get(entity.device_id)
    assert found is not None
    return found


async def listed(hass: HomeAssistant, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "list_parked_events", data, blocking=True, return_response=True
    )


async def test_parked_events_are_listed_with_reason_and_content(
    hass: HomeAssistant, device: dr.AnyDeviceEntry
) -> None:
    answer = await listed(hass, device_id=device.id)
    assert answer["known"] == 3
    assert [each["id"] for each in answer["events"]] == [
        "event 3",
        "event 2",
        "event 1",
    ]
    assert answer["events"][0] == {
        "id": "event 3",
        "position": 3,
        "type": "ValueUpdate",
        "reason": "malformed: presentValue",
        "at": AT,
        "data": '{"presentValue": "warm"}',
    }
    some = await listed(hass, device_id=device.id, limit=1)
    assert (len(some["events"]), some["known"]) == (1, 3)


async def test_parked_events_are_replayed(
    hass: HomeAssistant, world: World, device: dr.AnyDeviceEntry
) -> None:
    await hass.services.async_call(
        DOMAIN, "replay_parked_events", {"device_id": device.id}, blocking=True
    )
    assert world.gateway.replayed == ["plant"]


async def test_only_a_subscription_has_parked_events(
    hass: HomeAssistant, entry: Any
) -> None:
    site = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    assert site is not None
    with pytest.raises(ServiceValidationError) as caught:
        await listed(hass, device_id=site.id)
    assert caught.value.translation_key == "not_a_subscription"


async def test_diagnostics_hold_health_and_no_secret_of_a_store(
    hass: HomeAssistant, entry: Any, device: dr.AnyDeviceEntry
) -> None:
    facts = await async_get_config_entry_diagnostics(hass, entry)
    assert [each["subscription_id"] for each in facts["subscriptions"]] == ["plant"]
    stores = [
        item["data"]
        for item in facts["entry"]["subentries"]
        if item["subentry_type"] == "event_store"
    ]
    assert len(stores) == 2
    text = str(facts)
    for secret in (DATABASE.password, DATABASE.uri):
        assert secret not in text
    assert {each["user"] for each in stores} <= {"**REDACTED**", ""}

    of_device = await async_get_device_diagnostics(hass, entry, device)
    assert of_device["subscription"]["state"] == "running"
    assert of_device["parked"][0]["reason"] == "malformed: presentValue"
    assert "warm" not in str(of_device)


async def test_system_information_counts_subscriptions(
    hass: HomeAssistant, entry: Any
) -> None:
    assert (await system_health_info(hass))["subscriptions_running"] == "1 / 1"

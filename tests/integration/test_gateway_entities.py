"""An event subscription is a device that says how far it is and what waits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import PlantroomError
from custom_components.plantroom.engine.events import (
    SubscriptionChanged,
    SubscriptionRemoved,
)
from custom_components.plantroom.engine.gateway.models import SubscriptionState

from .entries import subentry
from .fake_engine import FakeConnection, World
from .fake_gateway import RUNNING, served, served_entry, subscription_entity

OWNED = "event_subscription:"
STATES = {
    "subscription_state": "running",
    "event_store": "on",
    "recovery_cache": "on",
    "lag_events": "0",
    "lag_seconds": "0.0",
    "parked_events": "0",
    "served_objects": "12",
    "commands_waiting": "0",
}


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


async def set_up(hass: HomeAssistant, **facts: Any) -> Any:
    entry = served_entry(hass, **facts)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def state(hass: HomeAssistant, key: str) -> Any:
    found = hass.states.get(subscription_entity(hass, key))
    assert found is not None
    return found


async def tell(hass: HomeAssistant, engine: FakeConnection, **facts: Any) -> None:
    engine.tell(SubscriptionChanged(status=replace(RUNNING, **facts)))
    await hass.async_block_till_done()


async def test_all_that_matters_of_a_subscription_is_shown(
    hass: HomeAssistant, world: World
) -> None:
    await set_up(hass)
    assert {key: state(hass, key).state for key in STATES} == STATES
    registry = er.async_get(hass)
    for key in ("unsaved_events", "handled_events"):
        item = registry.async_get(subscription_entity(hass, key))
        assert item is not None
        assert item.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    entities = [e for e in registry.entities.values() if OWNED in e.unique_id]
    assert {e.entity_category for e in entities} == {EntityCategory.DIAGNOSTIC}


async def test_its_device_is_a_service_below_the_site(hass: HomeAssistant) -> None:
    entry = await set_up(hass)
    registry = dr.async_get(hass)
    item = subentry(entry, "event_subscription:plant")
    device = registry.async_get_device_by_identifier(
        (DOMAIN, f"{OWNED}{item.subentry_id}"), entry.entry_id
    )
    site = registry.async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    assert device is not None
    assert site is not None
    assert device.name == "Events: Plant"
    assert device.via_device_id == site.id
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    assert device.config_subentry_id == item.subentry_id


async def test_a_subscription_that_stopped_says_why(
    hass: HomeAssistant, world: World
) -> None:
    await set_up(hass)
    why = {"reason": "event_source_refused", "detail": "password is not accepted"}
    await tell(
        hass,
        world.running[0],
        state=SubscriptionState.STOPPED,
        lag_events=None,
        lag_seconds=None,
        cache_connected=False,
        parked=3,
        commands_waiting=2,
        **why,
    )
    stopped = state(hass, "subscription_state")
    assert stopped.state == "stopped"
    assert why.items() <= stopped.attributes.items()
    store = state(hass, "event_store")
    assert store.state == "off"
    assert {**why, "state": "stopped"}.items() <= store.attributes.items()
    shown = {
        key: state(hass, key).state
        for key in ("recovery_cache", "lag_events", "lag_seconds", "parked_events")
    }
    assert shown == {
        "recovery_cache": "off",
        "lag_events": "unknown",
        "lag_seconds": "unknown",
        "parked_events": "3",
    }
    assert state(hass, "commands_waiting").state == "2"


async def test_a_standby_has_its_event_store(hass: HomeAssistant, world: World) -> None:
    await set_up(hass)
    await tell(hass, world.running[0], state=SubscriptionState.STANDBY)
    assert state(hass, "event_store").state == "on"
    assert "reason" not in state(hass, "event_store").attributes


async def test_nothing_is_said_while_the_server_or_the_subscription_is_gone(
    hass: HomeAssistant, world: World
) -> None:
    await set_up(hass)
    engine = world.running[0]
    engine.tell(SubscriptionRemoved(subscription_id="plant"))
    await hass.async_block_till_done()
    assert {state(hass, key).state for key in STATES} == {"unavailable"}
    await tell(hass, engine)
    assert state(hass, "event_store").state == "on"
    engine.lose()
    await hass.async_block_till_done()
    assert {state(hass, key).state for key in STATES} == {"unavailable"}


async def test_parked_events_are_tried_again_by_a_button(
    hass: HomeAssistant, world: World
) -> None:
    await set_up(hass)
    target = {"entity_id": subscription_entity(hass, "replay_parked")}
    await hass.services.async_call("button", "press", target, blocking=True)
    assert world.gateway.replayed == ["plant"]
    world.failures["replay_parked"] = PlantroomError("The event store is not connected")
    with pytest.raises(HomeAssistantError, match="not connected"):
        await hass.services.async_call("button", "press", target, blocking=True)


async def test_a_subscription_that_is_removed_takes_device_and_entities_along(
    hass: HomeAssistant, world: World
) -> None:
    entry = await set_up(hass)
    item = subentry(entry, "event_subscription:plant")
    hass.config_entries.async_remove_subentry(entry, item.subentry_id)
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    assert not [e for e in registry.entities.values() if OWNED in e.unique_id]
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert "Events: Plant" not in {device.name for device in devices}
    assert world.running[0].site.gateway.subscriptions == ()

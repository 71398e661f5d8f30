"""An object that an event deleted takes its entity along; one that is late does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plantroom.deleted_objects import LOOK_SECONDS
from custom_components.plantroom.engine.events import PointsChanged, SubscriptionChanged
from custom_components.plantroom.engine.gateway.models import SubscriptionState
from custom_components.plantroom.engine.models import Device, DeviceStatus

from .entries import NETWORK
from .fake_engine import FakeConnection, World
from .fake_gateway import AT, RUNNING, served, served_entry
from .office import point, reading

OWN = f"{NETWORK.network_id}:{NETWORK.instance}"
SUPPLY = point("analog-input,1", "Supply", device_id=OWN, unit="degrees-celsius")
VALVE = point("analog-output,2", "Valve", device_id=OWN, unit="percent")


@pytest.fixture(autouse=True)
def filled(world: World) -> Iterator[None]:
    """Let events have made two objects."""
    world.devices[OWN] = Device(
        device_id=OWN,
        network_id=NETWORK.network_id,
        instance=NETWORK.instance,
        name="Plantroom Building",
        address="10.10.10.10",
    )
    world.statuses[OWN] = DeviceStatus(device_id=OWN, online=True, since=AT)
    for item in (SUPPLY, VALVE):
        world.points[item.point_id] = item
        world.readings[item.point_id] = reading(20.0)
    with served(world):
        yield


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> Any:
    """Set up what shows them."""
    made = served_entry(hass)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == {SUPPLY.point_id, VALVE.point_id}
    return made


def shown(hass: HomeAssistant) -> set[str]:
    return {
        item.unique_id
        for item in er.async_get(hass).entities.values()
        if item.unique_id in {SUPPLY.point_id, VALVE.point_id}
    }


async def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory, times: int) -> None:
    for _ in range(times):
        freezer.tick(timedelta(seconds=LOOK_SECONDS + 1))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()


async def delete(hass: HomeAssistant, world: World, engine: FakeConnection) -> None:
    world.points.pop(SUPPLY.point_id, None)
    engine.tell(PointsChanged(device_id=OWN, removed=(SUPPLY.point_id,)))
    await hass.async_block_till_done()


async def become(hass: HomeAssistant, engine: FakeConnection, **facts: Any) -> None:
    engine.tell(SubscriptionChanged(status=replace(RUNNING, **facts)))
    await hass.async_block_till_done()


async def test_what_an_event_deletes_is_gone_and_comes_again(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    engine = world.running[0]
    await look(hass, freezer, 2)
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", "plantroom", SUPPLY.point_id
    )
    assert entity_id is not None
    er.async_get(hass).async_update_entity(entity_id, name="Mine")
    await delete(hass, world, engine)
    await look(hass, freezer, 1)
    assert shown(hass) == {VALVE.point_id}

    world.points[SUPPLY.point_id] = SUPPLY
    engine.tell(PointsChanged(device_id=OWN, added=(SUPPLY,)))
    await hass.async_block_till_done()
    found = er.async_get(hass).async_get(entity_id)
    assert found is not None
    assert (found.unique_id, found.name) == (SUPPLY.point_id, "Mine")
    assert hass.states.get(entity_id) is not None


@pytest.mark.parametrize(
    "facts",
    [
        {"state": SubscriptionState.RESTORING},
        {"state": SubscriptionState.CONNECTING},
        {"state": SubscriptionState.STOPPED},
        {"lag_events": 5000, "lag_seconds": 86400.0},
        {"lag_events": 5000, "lag_seconds": None},
        {"lag_events": None, "lag_seconds": None},
        {"lag_events": None, "lag_seconds": 86400.0},
    ],
    ids=str,
)
async def test_nothing_goes_before_the_present_is_known_for_a_while(
    hass: HomeAssistant,
    world: World,
    entry: Any,
    freezer: FrozenDateTimeFactory,
    facts: dict[str, Any],
) -> None:
    engine = world.running[0]
    await look(hass, freezer, 2)
    await become(hass, engine, **facts)
    await delete(hass, world, engine)
    await look(hass, freezer, 3)
    assert shown(hass) == {SUPPLY.point_id, VALVE.point_id}
    await become(hass, engine)
    await look(hass, freezer, 1)
    assert shown(hass) == {SUPPLY.point_id, VALVE.point_id}
    await look(hass, freezer, 1)
    assert shown(hass) == {VALVE.point_id}


async def test_events_that_are_many_and_new_are_the_present(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    engine = world.running[0]
    await become(hass, engine, lag_events=300, lag_seconds=0.4)
    await delete(hass, world, engine)
    await look(hass, freezer, 2)
    assert shown(hass) == {VALVE.point_id}


async def test_what_was_deleted_while_nobody_looked_goes_too(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    del world.points[SUPPLY.point_id]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == {SUPPLY.point_id, VALVE.point_id}
    await look(hass, freezer, 2)
    assert shown(hass) == {VALVE.point_id}


async def test_a_device_that_has_no_objects_at_all_keeps_its_entities(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    gone = (SUPPLY.point_id, VALVE.point_id)
    world.running[0].tell(PointsChanged(device_id=OWN, removed=gone))
    await look(hass, freezer, 3)
    assert shown(hass) == {*gone}

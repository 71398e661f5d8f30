"""Plantroom and Home Assistant are reloaded, restarted and removed."""

import pytest

from tests.demo.house import DemoHouse
from tests.home_assistant.plantroom import DOMAIN, Entities, find_entry
from tests.home_assistant.state_feed import StateFeed

from .outage import unplugged

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

VALUES_SECONDS = 60.0
BACK_SECONDS = 90.0
SETPOINT = "analog-value,1"


async def test_reload_brings_every_value_back(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    assert house.entry is not None
    path = f"/api/config/config_entries/entry/{house.entry['entry_id']}/reload"
    answer = await house.api.rest("POST", path)
    assert answer["require_restart"] is False
    await feed.wait_for_values(entities.enabled_points, VALUES_SECONDS)
    entry = await find_entry(house.api)
    assert entry is not None
    assert entry["state"] == "loaded"


async def test_restart_knows_a_device_that_is_away(
    house: DemoHouse, entities: Entities
):
    away, there = entities.points_of(2012), entities.points_of(2011)
    feed = StateFeed()
    async with unplugged(house.building, 2012):
        await house.restart_home_assistant()
        await house.api.wait_until_running()
        await feed.start(house.api)
        assert not any("restored" in feed.attributes[e] for e in (*away, *there))
        await feed.wait_for_values(there, VALUES_SECONDS)
        assert {feed.states[e] for e in away} == {"unavailable"}
        devices = await house.api.command("config/device_registry/list")
        device = next(item for item in devices if item["name"] == "VAV-12")
        assert device["model"] == "NC-210 Zone"
    await feed.wait_for_values(away, BACK_SECONDS)


async def test_command_given_before_a_restart_is_still_ours_to_release(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    entity_id = entities.of_point(2010, SETPOINT)
    await house.api.action("number.set_value", {"entity_id": entity_id, "value": 23.5})
    await house.restart_home_assistant()
    await house.api.wait_until_running()
    again = StateFeed()
    await again.start(house.api)
    await again.wait_for(entity_id, "23.5", VALUES_SECONDS)
    await house.api.action("plantroom.release", {"entity_id": entity_id})
    truth = await house.building.get(2010, SETPOINT)
    assert truth["priority_array"] == [None] * 16


async def test_removal_leaves_nothing_and_plantroom_can_be_added_again(
    house: DemoHouse, feed: StateFeed
):
    assert house.entry is not None
    path = f"/api/config/config_entries/entry/{house.entry['entry_id']}"
    await house.api.rest("DELETE", path)
    assert (await Entities.load(house.api)).all == ()
    assert await find_entry(house.api) is None
    assert not (house.folder / ".storage" / DOMAIN).exists()
    subscribed = await house.building.cov_subscriptions(2001)
    assert subscribed == [], "subscriptions are cancelled"
    house.entry = None
    await house.set_up()
    entities = await house.wait_for_entities()
    await feed.wait_for_values(entities.enabled_points, VALUES_SECONDS)

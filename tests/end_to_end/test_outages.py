"""Devices fall silent, come back and restart; nobody else notices."""

import asyncio

import pytest

from tests.demo.house import DemoHouse
from tests.home_assistant.config_flows import ConfigFlow
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed

from .outage import unplugged

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

SILENT, RESTARTING, NEIGHBOUR = 2003, 2006, 2004
POLL_SECONDS = 5
LOST_SECONDS = 45.0
BACK_SECONDS = 60.0
RESUBSCRIBED_SECONDS = 45.0
WAIT_SECONDS = 30.0


async def poll_often(house: DemoHouse, instance: int) -> None:
    """Change a device's polling interval, as a person does in its options."""
    assert house.entry is not None
    entry_id = house.entry["entry_id"]
    subentries = await house.api.command(
        "config_entries/subentries/list", entry_id=entry_id
    )
    subentry = next(
        item
        for item in subentries
        if (item["unique_id"] or "").endswith(f":{instance}")
    )
    flow = await ConfigFlow.start_subentry(
        house.api,
        entry_id,
        subentry["subentry_type"],
        reconfigure=subentry["subentry_id"],
    )
    await flow.submit({"next_step_id": "options"})
    answers = {
        item["name"]: item["default"]
        for item in flow.step["data_schema"]
        if "default" in item
    }
    step = await flow.submit(answers | {"poll_seconds": POLL_SECONDS})
    assert step["reason"] == "reconfigure_successful"


async def said(house: DemoHouse, text: str) -> int:
    """Return how often the log says it, once it does; the log is written by a thread."""
    count = 0
    async with asyncio.timeout(WAIT_SECONDS):
        while not count:
            await asyncio.sleep(0.1)
            count = sum(text in record for record in house.server.trouble())
    return count


async def test_silent_device_is_unavailable_alone_and_comes_back(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    await poll_often(house, SILENT)
    lost = set(entities.points_of(SILENT))
    feed.changes.clear()
    async with unplugged(house.building, SILENT):
        await feed.wait_until(
            lambda f: all(f.states[e] == "unavailable" for e in lost), LOST_SECONDS
        )
        connectivity = entities.of_device(SILENT, "connectivity")
        await feed.wait_for(connectivity, "off", WAIT_SECONDS)
    await feed.wait_for_values(lost, BACK_SECONDS)
    await feed.wait_for(entities.of_device(SILENT, "connectivity"), "on", WAIT_SECONDS)
    others = set(entities.enabled_points) - lost
    assert [c for c in feed.changes if c.entity_id in others and not c.has_value] == []
    assert await said(house, f":{SILENT} answers again") == 1
    assert await said(house, f":{SILENT} does not answer") == 1


async def test_restarted_device_reports_changes_again(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    entity_id = entities.of_point(RESTARTING, "analog-input,1")
    await house.building.restart(RESTARTING, 0.5)
    subscribed: set[str] = set()

    async def change(value: float) -> None:
        await house.building.set(RESTARTING, "analog-input,1", value)
        await feed.wait_for(entity_id, str(value), RESUBSCRIBED_SECONDS)

    await change(25.5)
    # What is read anew may come before the subscription
    async with asyncio.timeout(WAIT_SECONDS):
        while "analog-input,1" not in subscribed:
            rows = await house.building.cov_subscriptions(RESTARTING)
            subscribed = {row["object"] for row in rows}
    await change(24.5)
    await house.building.release(RESTARTING, "analog-input,1")


async def test_repeated_outage_of_one_device_costs_its_neighbour_nothing(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    neighbour = entities.of_point(NEIGHBOUR, "analog-input,1")
    async with unplugged(house.building, SILENT):
        for value in (19.5, 20.5, 21.5) * 3:
            await house.building.set(NEIGHBOUR, "analog-input,1", value)
            await feed.wait_for(neighbour, str(value), WAIT_SECONDS)
        connectivity = entities.of_device(NEIGHBOUR, "connectivity")
        assert feed.states[connectivity] == "on"
    await house.building.release(NEIGHBOUR, "analog-input,1")
    await feed.wait_for_values(entities.points_of(SILENT), BACK_SECONDS)

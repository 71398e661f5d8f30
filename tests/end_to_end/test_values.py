"""What Home Assistant shows is what the devices hold."""

import asyncio
from contextlib import suppress

import pytest

from tests.demo.house import DemoHouse
from tests.demo.latency import measure_latency
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed

from .truth import disagreement, office_points

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

WAIT_SECONDS = 30.0


async def test_every_entity_shows_its_points_value_and_unit(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    points = office_points()
    shown = [e for e in entities.of_objects if not e.disabled]
    truth = {}
    for entity in shown:
        instance, _, reference = entity.point.partition(":")
        truth[entity] = (await house.building.get(int(instance), reference))["value"]

    def wrong(feed: StateFeed) -> list[str]:
        said = [
            disagreement(points[entity.point], value, entity.entity_id, feed)
            for entity, value in truth.items()
        ]
        return [text for text in said if text]

    # What the test before has released may be on its way
    with suppress(TimeoutError):
        await feed.wait_until(lambda f: not wrong(f), WAIT_SECONDS)
    assert wrong(feed) == []
    platforms = {entity.platform for entity in shown}
    assert platforms == {"binary_sensor", "number", "select", "sensor", "switch"}


@pytest.mark.parametrize(
    ("entity_id", "unit", "key", "tolerance"),
    [
        ("sensor.main_meter_active_power", "main meter", "active_power", 0.2),
        ("sensor.lighting_voltage_l1", "lighting meter", "voltage_l1", 0.03),
        (
            "sensor.cooling_active_energy_imported",
            "cooling meter",
            "active_energy_imported",
            0.001,
        ),
        (
            "sensor.reception_room_temperature",
            "thermostat 1",
            "room_temperature",
            0.05,
        ),
    ],
)
async def test_modbus_entities_show_what_the_units_hold(
    house: DemoHouse, entity_id: str, unit: str, key: str, tolerance: float
):
    truth = await house.building.command("modbus_get", unit=unit, key=key)
    shown = float((await house.api.state(entity_id))["state"])
    # Time passes between the two
    assert shown == pytest.approx(truth, rel=tolerance)


async def test_devices_tell_what_they_are_and_where(house: DemoHouse):
    devices = {
        device["name"]: device
        for device in await house.api.command("config/device_registry/list")
    }
    areas = {
        area["area_id"]: area["name"]
        for area in await house.api.command("config/area_registry/list")
    }
    boiler, fan_coil = devices["Boiler plant"], devices["Fan coil 1"]
    assert (boiler["manufacturer"], boiler["model"]) == ("Hearth & Sons", "HB-40")
    assert boiler["sw_version"] == "2.18"
    assert areas[boiler["area_id"]] == "Basement"
    assert areas[devices["VAV-03"]["area_id"]] == "Room 1.03"
    assert fan_coil["via_device_id"] == devices["MS/TP router"]["id"]


async def test_changes_arrive_by_change_of_value(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    # The first values are read, and may come before the subscriptions
    subscribed: set[str] = set()
    async with asyncio.timeout(WAIT_SECONDS):
        while "analog-input,1" not in subscribed:
            rows = await house.building.cov_subscriptions(2001)
            subscribed = {row["object"] for row in rows}
    latency = await measure_latency(house.building, entities, feed)
    assert latency.changes == 200


async def test_every_kind_of_entity_follows_its_point(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    for reference, value, state in (
        ("binary-input,3", True, "on"),
        ("multi-state-input,1", 2, "Heating"),
        ("multi-state-value,1", 4, "Cool"),
        ("binary-output,1", False, "off"),
        ("analog-value,1", 18.5, "18.5"),
        ("characterstring-value,1", "Belt slips", "Belt slips"),
    ):
        before = (await house.building.get(1001, reference))["value"]
        await house.building.set(1001, reference, value)
        await feed.wait_for(entities.of_point(1001, reference), state, WAIT_SECONDS)
        await house.building.set(1001, reference, before)
        await house.building.release(1001, reference)


async def test_unreliable_value_is_not_shown(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    entity_id = entities.of_point(2002, "analog-input,1")
    before = feed.states[entity_id]
    await house.building.set(2002, "analog-input,1", "open-loop", "reliability")
    await feed.wait_for(entity_id, "unavailable", WAIT_SECONDS)
    await house.building.set(2002, "analog-input,1", "no-fault-detected", "reliability")
    await feed.wait_for(entity_id, before, WAIT_SECONDS)

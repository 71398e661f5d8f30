"""The fast path against devices by other hands: the simulated building and rusty-bacnet."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.octets.rpm import PropertyRef
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
    Target,
)
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits
from custom_components.plantroom.engine.bacnet.reading.property_reader import (
    PropertyReader,
)
from custom_components.plantroom.engine.bacnet.reading.read_plan import ReadPlan
from tests.peers.rusty_server import INPUT_VALUES, RustyServer
from tests.ports import free_port
from tests.simulators.building import Building
from tests.simulators.tables.office import (
    ROUTED_DEVICE,
    ROUTED_MAC,
    ROUTED_NETWORK,
)

from .scripted_device import requests_on_loopback

DEVICE, NOTIFICATION_CLASS = 8, 15
TREND_LOG, TREND_LOG_MULTIPLE = 20, 27
OBJECT_LIST, OBJECT_NAME, PRIORITY_ARRAY = 76, 77, 87
HASTE_SECONDS = 0.4


@pytest.fixture
async def requests() -> AsyncIterator[ConfirmedRequests]:
    async with requests_on_loopback(timeout_seconds=5.0) as requests:
        yield requests


def target_of(building: Building, name: str | int, max_apdu: int) -> Target:
    host, _, port = building.device(name).address.partition(":")
    return Target(addr=(host, int(port)), max_apdu=max_apdu)


async def survey_and_poll(requests, target, instance):
    """Return names, values and errors of all objects of a device."""
    limits = DeviceLimits(target.max_apdu)
    reader = PropertyReader(requests, target, limits)
    found = await reader.read_array(DEVICE, instance, OBJECT_LIST)
    objects = [item for item in found if isinstance(item, ObjectId)]
    assert len(objects) == len(found)
    results = await reader.read([PropertyRef(*item, OBJECT_NAME) for item in objects])
    names = [result.values[0] if result.values else result.error for result in results]
    no_points = (DEVICE, NOTIFICATION_CLASS, TREND_LOG, TREND_LOG_MULTIPLE)
    points = [item for item in objects if item.object_type not in no_points]
    plan = ReadPlan([(f"{k},{n}", k, n) for k, n in points], limits)
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for _ in range(2):
        async for reading in plan.run(requests, target):
            values |= dict(zip(reading.point_ids, reading.values, strict=True))
            errors |= reading.errors
    return names, values, errors


@pytest.mark.parametrize(
    ("quirk", "max_apdu", "expected_errors"),
    [
        ("no read multiple", 1476, {}),
        ("small apdu", 128, {}),
        ("refuses a read", 1476, {"0,2": "read-access-denied"}),
        ("unknown types", 1476, {}),
        ("garbage value", 1476, {"0,2": "malformed-value"}),
        ("latin-1 names", 1476, {}),
        ("ucs-2 names", 1476, {}),
        ("lossy", 1476, {}),
    ],
)
async def test_good_points_of_a_difficult_device_are_read(
    requests, quirk, max_apdu, expected_errors
):
    if quirk == "lossy":
        requests._tick_seconds = HASTE_SECONDS / 8
    async with Building(profile="difficult", only=(quirk,), speed=0.001) as building:
        building.set(quirk, "analog-input,1", "presentValue", 12.5)
        target = target_of(building, quirk, max_apdu)
        instance = building.device(quirk).table.instance
        names, values, errors = await survey_and_poll(requests, target, instance)
    assert values["0,1"] == 12.5
    assert errors == expected_errors
    assert all(isinstance(name, str) and "\ufffd" not in name for name in names)
    accented = "Außenluft Fühler" in " ".join(names)
    assert accented == (quirk in {"latin-1 names", "ucs-2 names"})


async def test_whole_office_is_polled_at_once(requests):
    async with Building(profile="office", speed=0.001) as building:
        direct = [d for d in building.devices if not d.network_address]
        outcomes = await asyncio.gather(
            *(
                survey_and_poll(requests, target_of(building, instance, 1476), instance)
                for instance in (device.table.instance for device in direct)
            )
        )
    for device, (_, values, errors) in zip(direct, outcomes, strict=True):
        assert len(values) == len(device.table.points)
        assert errors == {}


async def test_device_behind_a_router_is_polled(requests):
    async with Building(profile="office", speed=0.001) as building:
        router = target_of(building, "router", 1476)
        building.set(ROUTED_DEVICE.instance, "analog-input,1", "presentValue", 12.5)
        target = Target(
            addr=router.addr,
            network=ROUTED_NETWORK,
            mac=bytes((ROUTED_MAC,)),
            max_apdu=ROUTED_DEVICE.max_apdu,
        )
        _, values, errors = await survey_and_poll(
            requests, target, ROUTED_DEVICE.instance
        )
    assert (values["0,1"], errors) == (12.5, {})


async def test_another_stack_s_device_is_read(requests):
    async with RustyServer(port=free_port()) as server:
        target = Target(addr=(server.host, server.port), max_apdu=1476)
        names, values, _ = await survey_and_poll(requests, target, server.instance)
        reader = PropertyReader(requests, target, DeviceLimits(1476))
        array = await reader.read_array(1, 1, PRIORITY_ARRAY)
        (unknown,) = await reader.read([PropertyRef(0, 99, 85)])
    assert [values[f"0,{number}"] for number in (1, 2, 3)] == list(INPUT_VALUES)
    assert "Valve" in names
    assert array == [None] * 16
    assert unknown.error == "unknown-object"

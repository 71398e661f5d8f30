import asyncio
from typing import Any

import pytest
from bac_py.client import Client
from bacpypes3.apdu import Error
from bacpypes3.primitivedata import Null

from tests.peers.rusty_client import RustyClient
from tests.simulators.building import Building
from tests.simulators.objects import STANDARD_CLASSES
from tests.simulators.tables.office import OFFICE
from tests.site import until

from .conftest import MakeBench


def test_the_tables_hold_what_the_office_promises() -> None:
    sizes = {device.name: len(device.points) for device in OFFICE}
    assert sizes["AHU-1"] == 35
    assert [sizes[f"VAV-{n:02}"] for n in range(1, 13)] == [14] * 12
    kinds = {point.object_type for device in OFFICE for point in device.points}
    assert kinds == set(STANDARD_CLASSES)


async def test_a_broadcast_reaches_every_device(bench: MakeBench) -> None:
    async with bench(profile="office") as b:
        expected = sorted(d.table.instance for d in b.building.devices)
        heard = b.client.announcements
        await b.client.who_is(timeout=0.5)
        await until(lambda: len(heard) >= len(expected))
        assert sorted(each.iAmDeviceIdentifier[1] for each in heard) == expected


async def test_three_stacks_agree_on_every_present_value(bench: MakeBench) -> None:
    async with bench(1001, 3001) as b:
        port = b.building.port
        async with (
            RustyClient(port=port) as rusty,
            Client(
                instance_number=598,
                interface="127.0.0.3",
                port=port,
                broadcast_address="127.255.255.255",
            ) as bac,
        ):
            for device in (1001, 3001):
                address = b.building.device(device).address
                for point in b.building.device(device).table.points:
                    name = point.object_id
                    one = await b.read(device, name, "presentValue")
                    two = await rusty.read(address, name, "present-value")
                    three = await bac.read(address, name, "present-value")
                    assert one == two == three, point.object_id


async def test_a_device_behind_the_router_answers_by_network_and_mac(
    bench: MakeBench,
) -> None:
    async with bench("router") as b:
        await b.client.who_is(5001, 5001, timeout=30)
        assert b.building.device(5001).address == "20:5"
        assert await b.read(5001, "analog-input,1", "objectName") == "FCU1.RoomTemp"
        async with RustyClient(port=b.building.port) as rusty:
            routers: list[Any] = []
            async with asyncio.timeout(30):
                while not routers:
                    routers = await rusty.raw.discover_routers(timeout_ms=200)
            assert [router.networks for router in routers] == [[20]]


async def test_a_write_wins_until_it_is_relinquished(bench: MakeBench) -> None:
    async with bench(2001) as b:
        await b.write(2001, "analog-value,1", 24.0, priority=8)
        truth = b.building.get(2001, "analog-value,1")
        assert (truth.value, (truth.priority_array or [])[7]) == (24.0, 24.0)
        await b.write(2001, "analog-value,1", Null(()), priority=8)
        assert b.building.get(2001, "analog-value,1").value == 21.5


@pytest.mark.parametrize(
    ("object_id", "value", "code"),
    [
        ("analog-value,1", 99.0, "value-out-of-range"),
        ("multi-state-value,1", 4, "value-out-of-range"),
        ("analog-input,1", 20.0, "write-access-denied"),
    ],
)
async def test_a_wrong_write_is_refused_with_the_standard_code(
    bench: MakeBench, object_id: str, value: float, code: str
) -> None:
    async with bench(2001) as b:
        with pytest.raises(Error, match=code):
            await b.write(2001, object_id, value, priority=8)


async def test_a_change_reaches_the_subscriber(bench: MakeBench) -> None:
    async with bench(2001) as b:
        await b.subscribe(2001, "analog-input,1", confirmed=True)
        await until(lambda: len(b.client.notifications) == 1)
        b.building.set(2001, "analog-input,1", "presentValue", 27.0)
        await until(lambda: len(b.client.notifications) == 2)
        b.building.set(2001, "analog-input,1", "reliability", "unreliableOther")
        await until(lambda: len(b.client.notifications) == 3)
        assert len(b.building.cov_subscriptions(2001)) == 1


async def test_time_passes_as_fast_as_asked(bench: MakeBench) -> None:
    async with Building(only=(3001,), speed=0) as building:
        before = float(building.get(3001, "accumulator,1").value)
        building.pass_time(3600)
        assert float(building.get(3001, "accumulator,1").value) > before


async def test_every_device_may_have_its_own_port_instead() -> None:
    async with Building(only=(2001, 2002), distinct_ports=True) as building:
        addresses = [device.address for device in building.devices]
        assert [a.partition(":")[0] for a in addresses] == ["127.0.0.1"] * 2
        assert len(set(addresses)) == 2

"""A network of kind BACnet/SC does what one of BACnet/IP does."""

from dataclasses import replace

import pytest

from custom_components.plantroom.engine.bacnet import device, secure_access
from custom_components.plantroom.engine.errors import ConfigurationError, NetworkError
from custom_components.plantroom.engine.models import Access, Health
from custom_components.plantroom.engine.requests import ScanRequest
from custom_components.plantroom.engine.secure_connect.models import HubConnection

from .answers import SCAN_SECONDS, answers_of
from .field_bench import NETWORK
from .secure_bench import secure_bench

ROOM, AHU = 2001, 1001
SCAN = ScanRequest(network_id=NETWORK, task_id="t", seconds=SCAN_SECONDS)


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(secure_access, "HUB_CHANGE_SECONDS", 0.2)
    monkeypatch.setattr(device, "HEARD_SECONDS", 0.0)


def ignore(_fraction: float, _text: str) -> None:
    return


async def test_devices_are_found_by_their_vmac():
    async with secure_bench(ROOM, AHU) as (building, bench, _):
        await bench.until(lambda: bench.health.health is Health.HEALTHY)
        with answers_of(ROOM, AHU):
            found = await bench.network.scan(SCAN, ignore)
        assert {each.instance: each.address for each in found} == {
            ROOM: building.device(ROOM).address,
            AHU: building.device(AHU).address,
        }
        assert all(each.address.startswith("02:1a:") for each in found)


async def test_a_device_is_surveyed_read_and_tells_its_changes():
    async with secure_bench(ROOM) as (building, bench, _):
        await bench.serve(ROOM, poll_seconds=3600)
        await bench.watch_all(ROOM)
        (served,) = bench.network.devices()
        assert served.address == building.device(ROOM).address
        await bench.until(lambda: bench.cov_points(ROOM) > 0)
        building.set(ROOM, "analog-input,1", "presentValue", 31.5)
        await bench.until(lambda: bench.value(ROOM, "analog-input,1") == 31.5)


async def test_a_write_is_sent_and_read_back():
    async with secure_bench(AHU) as (building, bench, _):
        await bench.serve(AHU)
        await bench.watch_all(AHU)
        point = next(p for p in bench.points(AHU) if p.access is Access.COMMANDABLE)
        await bench.network.send_write(point, 21.0, 8)
        read_back = await bench.network.read_back(point)
        assert read_back.priority_array[7] == 21.0
        assert building.get(AHU, point.reference).priority_array[7] == 21.0


async def test_a_hub_that_is_lost_takes_its_devices_along_and_brings_them_back():
    async with secure_bench(ROOM) as (_, bench, side):
        await bench.serve(ROOM, poll_seconds=3600)
        await bench.watch_all(ROOM)
        side.switch.go_down()
        await bench.until(lambda: not bench.status(ROOM).online)
        await bench.until(lambda: bench.health.health is Health.DOWN)
        assert bench.health.reason == "hub_silent"
        with pytest.raises(NetworkError, match="has no hub"):
            await bench.network.scan(SCAN, ignore)
        side.switch.come_up()
        await bench.online(ROOM)
        assert bench.health.health is Health.HEALTHY
        await bench.until(lambda: bench.cov_points(ROOM) > 0)
        assert [each.connection for each in side.told] == [
            HubConnection.NONE,
            HubConnection.PRIMARY,
            HubConnection.NONE,
            HubConnection.PRIMARY,
        ]


async def test_another_hub_in_time_is_no_loss_and_what_was_missed_is_asked_for(
    monkeypatch,
):
    monkeypatch.setattr(secure_access, "HUB_CHANGE_SECONDS", 20)
    async with secure_bench(ROOM) as (building, bench, side):
        await bench.serve(ROOM, poll_seconds=3600)
        await bench.watch_all(ROOM)
        await bench.until(lambda: bench.cov_points(ROOM) > 0)
        link = bench.network._link
        side.switch.go_down()
        building.set(ROOM, "analog-input,1", "presentValue", 27.5)
        side.switch.come_up(HubConnection.FAILOVER)
        await bench.until(lambda: bench.value(ROOM, "analog-input,1") == 27.5)
        await bench.until(lambda: bench.health.health is Health.DEGRADED)
        assert bench.network._link is link
        assert [s.online for s in bench.statuses(ROOM)] == [True] * len(
            bench.statuses(ROOM)
        )


async def test_a_node_that_has_to_take_another_vmac_goes_on_with_it():
    async with secure_bench(ROOM) as (building, bench, side):
        await bench.serve(ROOM, poll_seconds=3600)
        await bench.watch_all(ROOM)
        side.node.move(b"\x02\xee\xee\xee\xee\xee")
        await bench.until(
            lambda: bench.network._link.address.host == "02:ee:ee:ee:ee:ee"
        )
        await bench.online(ROOM)
        building.set(ROOM, "analog-input,1", "presentValue", 19.5)
        await bench.until(lambda: bench.value(ROOM, "analog-input,1") == 19.5)


async def test_a_device_that_comes_back_with_another_vmac_is_followed(monkeypatch):
    async with secure_bench(ROOM) as (building, bench, _):
        await bench.serve(ROOM, poll_seconds=1)
        await bench.watch_all(ROOM)
        # Too long to wait for a request that nobody answers
        monkeypatch.setattr(bench.network._link.requests, "_tick_seconds", 0.01)
        building.unplug(ROOM)
        await bench.until(lambda: not bench.status(ROOM).online)
        wire = building.device(ROOM).link
        wire.node.move(b"\x02\xdd\xdd\xdd\xdd\xdd")
        building.plug(ROOM)
        await bench.online(ROOM)
        assert str(bench.device(ROOM).address) == "02:dd:dd:dd:dd:dd"


async def test_addresses_of_the_other_kind_are_refused():
    async with secure_bench(ROOM) as (_, bench, _side):
        await bench.until(lambda: bench.health.health is Health.HEALTHY)
        with pytest.raises(ConfigurationError, match="VMAC"):
            await bench.network.scan(replace(SCAN, address="127.0.0.9:47808"), ignore)


async def test_a_scan_of_one_vmac_asks_that_device_alone():
    async with secure_bench(ROOM, AHU) as (building, bench, _):
        await bench.until(lambda: bench.health.health is Health.HEALTHY)
        address = building.device(AHU).address
        found = await bench.network.scan(replace(SCAN, address=address), ignore)
        assert [each.instance for each in found] == [AHU]

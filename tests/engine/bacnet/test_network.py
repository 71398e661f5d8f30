import asyncio
import socket
from typing import Any

import pytest

from custom_components.plantroom.engine.bacnet import device, ip_access, network
from custom_components.plantroom.engine.bacnet.who_is import IAm
from custom_components.plantroom.engine.bacnet.wire import foreign_device
from custom_components.plantroom.engine.bacnet.wire.notifications import LEAST_MAX_APDU
from custom_components.plantroom.engine.errors import (
    BbmdRefusedError,
    ConfigurationError,
    DeviceOfflineError,
    DeviceRefusedError,
    NetworkError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.events import DeviceRemoved, DeviceSeen
from custom_components.plantroom.engine.models import Health, ProblemCode
from custom_components.plantroom.engine.requests import (
    ReadPropertyRequest,
    ScanRequest,
)
from tests.ports import free_port
from tests.simulators.building import Building

from .answers import SCAN_SECONDS, answers_of
from .field_bench import NETWORK, building_and_bench, field_bench


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(ip_access, "backoff_seconds", lambda failures: 0.05)
    monkeypatch.setattr(ip_access, "INTERFACE_CHECK_SECONDS", 0.05)
    monkeypatch.setattr(foreign_device, "ANSWER_SECONDS", 10.0)
    monkeypatch.setattr(foreign_device, "FORGOTTEN_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(foreign_device, "backoff_seconds", lambda failures: 0.05)


def scan(**more: Any) -> ScanRequest:
    asked = {"network_id": NETWORK, "task_id": "t", "seconds": SCAN_SECONDS}
    return ScanRequest(**asked | more)


def ignore(fraction: float, text: str) -> None:
    return


def i_am(instance: int, address: str) -> IAm:
    return IAm(
        instance=instance,
        address=address,
        max_apdu=LEAST_MAX_APDU,
        segmentation=3,
        vendor_id=1,
    )


async def test_a_port_in_use_is_a_problem_until_it_is_free(caplog):
    port = free_port()
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    holder.bind(("127.0.0.1", port))
    async with field_bench(port) as bench:
        assert bench.health.health is Health.DOWN
        assert bench.health.reason == "port_in_use"
        problem = bench.problem(ProblemCode.PORT_IN_USE)
        assert problem is not None
        assert problem.facts["port"] == str(port)
        assert problem.facts["owner"]
        with pytest.raises(NetworkError, match="down"):
            await bench.network.scan(scan(), ignore)
        await bench.serve(6013)
        with pytest.raises(NetworkError, match="down"):
            await bench.network.survey(f"{NETWORK}:6013")
        await asyncio.sleep(0.2)
        holder.close()
        await bench.until(lambda: bench.health.health is Health.HEALTHY)
        assert bench.problem(ProblemCode.PORT_IN_USE) is None
    warnings = [r for r in caplog.records if "is down" in r.getMessage()]
    assert len(warnings) == 1


async def test_a_closed_network_frees_its_port_and_opens_again():
    port = free_port()
    for _ in range(2):
        async with field_bench(port) as bench:
            assert bench.health.health is Health.HEALTHY
            await bench.network.stop()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind(("127.0.0.1", port))


async def test_stopping_leaves_no_task_behind():
    before = asyncio.all_tasks()
    async with building_and_bench("restarts", 5000) as (building, bench):
        await bench.serve(6013, 5001, 999)
        await bench.watch_all(6013, 5001)
        building.device("restarts").announce()
        await bench.network.stop()
        await bench.poller.stop()
        await bench.booked.stop()
        names = {task.get_name() for task in asyncio.all_tasks() - before}
        assert not [name for name in names if "plantroom" in name]
        assert not bench.network._tasks
        assert not bench.network._by_address
        await bench.network.stop()


async def test_an_interface_that_goes_takes_its_devices_offline(monkeypatch):
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013)
        await bench.watch_all(6013)
        there = False

        async def is_there(link) -> bool:
            return there

        monkeypatch.setattr(ip_access.IpCarrier, "interface_is_there", is_there)
        await bench.until(lambda: bench.problem(ProblemCode.INTERFACE_GONE) is not None)
        status = bench.status(6013)
        assert status is not None
        assert (status.online, status.reason) == (False, "interface_gone")
        there = True
        await bench.online(6013)
        assert bench.health.health is Health.HEALTHY
        assert bench.problem(ProblemCode.INTERFACE_GONE) is None


async def test_a_network_without_its_interface_says_so():
    async with field_bench(free_port(), address="192.0.2.7/24") as bench:
        assert bench.health.reason == "interface_gone"
        assert bench.problem(ProblemCode.INTERFACE_GONE) is not None


async def test_another_fault_of_the_socket_has_no_repair(monkeypatch):
    async def refuse(link) -> None:
        raise NetworkError("no", address="x")

    monkeypatch.setattr(network.Link, "open", refuse)
    async with field_bench(free_port()) as bench:
        assert bench.health.health is Health.DOWN
        assert bench.records.problems.all() == ()


async def test_a_scan_describes_the_devices_that_answer():
    async with building_and_bench("restarts", 5000) as (building, bench):
        with answers_of(6013, 5000, 5001):
            found = await bench.network.scan(scan(), ignore)
        by_instance = {device.instance: device for device in found}
        assert set(by_instance) == {6013, 5000, 5001}
        assert by_instance[6013].name == "Difficult 13: restarts"
        assert by_instance[5001].address == (f"20:5@{building.device(5000).address}")


async def test_a_scan_of_one_address_finds_it_alone():
    async with building_and_bench("restarts", "bbmd") as (building, bench):
        address = building.device("restarts").address
        found = await bench.network.scan(scan(address=address), ignore)
        assert [device.instance for device in found] == [6013]
        host = address.partition(":")[0]
        found = await bench.network.scan(scan(address=host), ignore)
        assert [device.instance for device in found] == [6013]
        with pytest.raises(ConfigurationError):
            await bench.network.scan(scan(address="nowhere"), ignore)


async def test_a_scan_through_a_bbmd_finds_devices():
    async with Building(profile="all", only=("bbmd", "restarts"), speed=0) as building:
        bbmd = building.device("bbmd").address
        async with field_bench(building.port, bbmd=bbmd, address="127.0.0.1/32") as (
            bench
        ):
            with answers_of(6013, 6019):
                found = await bench.network.scan(scan(), ignore)
            assert {device.instance for device in found} == {6013, 6019}
            assert bench.health.health is Health.HEALTHY
            link = building.device("bbmd").link
            link.foreign_devices.clear()
            await bench.network.scan(scan(seconds=0.05), ignore)
            await bench.until(link.registered)
            with answers_of(6013, 6019):
                found = await bench.network.scan(scan(), ignore)
            assert {device.instance for device in found} == {6013, 6019}


async def test_a_refusing_bbmd_is_a_problem_until_it_consents(monkeypatch):
    async with Building(
        profile="all", only=("refuses foreign devices",), speed=0
    ) as building:
        refusing = building.device("refuses foreign devices")
        async with field_bench(building.port, bbmd=refusing.address) as bench:
            with pytest.raises(BbmdRefusedError):
                await bench.network.scan(scan(), ignore)
            assert bench.health.health is Health.DEGRADED
            assert bench.health.reason == "bbmd_refused"
            problem = bench.problem(ProblemCode.BBMD_REFUSED)
            assert problem is not None
            assert problem.facts["reason"] == "refused"
            monkeypatch.setattr(foreign_device, "ANSWER_SECONDS", 0.1)
            refusing.unplug()
            await bench.until(
                lambda: (
                    (p := bench.problem(ProblemCode.BBMD_REFUSED))
                    and p.facts["reason"] == "silent"
                )
            )
            refusing.link.control = lambda function, body, source: refusing.link.send(
                b"\x81\x00\x00\x06\x00\x00", source
            )
            monkeypatch.setattr(foreign_device, "ANSWER_SECONDS", 10.0)
            refusing.plug()
            await bench.until(lambda: bench.health.health is Health.HEALTHY)
            assert bench.problem(ProblemCode.BBMD_REFUSED) is None


async def test_new_devices_show_themselves_at_a_census(monkeypatch):
    monkeypatch.setattr(network, "FIRST_CENSUS_SECONDS", 0.01)
    async with building_and_bench("restarts") as (_, bench):
        await bench.until(
            lambda: [e for e in bench.events if isinstance(e, DeviceSeen)]
        )


async def test_a_flood_of_moves_leaves_one_entry():
    async with field_bench(free_port(), poll=False) as bench:
        await bench.serve(7)
        served = bench.device(7)
        await served.heard(i_am(7, "127.0.0.9"))
        served._reports.failed(DeviceOfflineError("x", device="x"), "x", "")
        for number in range(100):
            await served.heard(i_am(7, f"127.0.1.{number}"))
        assert len(bench.network._by_address) == 1


async def test_many_i_ams_at_once_open_one_session():
    async with field_bench(free_port(), poll=False) as bench:
        await bench.serve(7)
        before = asyncio.all_tasks()
        for number in range(50):
            bench.network._take_i_am(i_am(7, f"127.0.1.{number}"))
        await asyncio.gather(*(asyncio.all_tasks() - before))
        assert len(bench.network._by_address) == 1
        assert str(bench.device(7).address) == "127.0.1.0"


async def test_a_device_no_longer_asked_for_is_gone():
    async with building_and_bench("restarts", "bbmd") as (building, bench):
        await bench.serve(6013, 6019)
        await bench.watch_all(6013, 6019)
        await bench.until(lambda: building.cov_subscriptions("restarts"))
        await bench.serve(6019)
        assert bench.points(6013) == ()
        assert bench.status(6013) is None
        assert DeviceRemoved(device_id=f"{NETWORK}:6013") in bench.events
        assert f"{NETWORK}:6013" not in await bench.records.store.load()
        await bench.until(lambda: not building.cov_subscriptions("restarts"))
        assert [d.instance for d in bench.network.devices()] == [6019]


async def test_a_survey_that_ends_after_its_device_is_gone_changes_nothing(
    monkeypatch,
):
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013)
        await bench.online(6013)
        found, gone = asyncio.Event(), asyncio.Event()
        original = device.survey_device

        async def survey(reader: Any, **options: Any) -> Any:
            result = await original(reader, **options)
            found.set()
            await gone.wait()
            return result

        monkeypatch.setattr(device, "survey_device", survey)
        task = asyncio.create_task(bench.network.survey(f"{NETWORK}:6013"))
        await found.wait()
        await bench.serve()
        gone.set()
        with pytest.raises(DeviceOfflineError):
            await task
        assert bench.points(6013) == ()
        assert bench.status(6013) is None


async def test_what_does_not_exist_is_an_unknown_target():
    async with building_and_bench("restarts") as (_, bench):
        for device_id in (f"{NETWORK}:1", f"{NETWORK}:x", "other:6013"):
            with pytest.raises(UnknownTargetError):
                await bench.network.survey(device_id)


async def test_any_property_is_read_for_a_person():
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013)
        await bench.online(6013)

        async def read(reference: str, name: str, index: int | None = None):
            request = ReadPropertyRequest(
                device_id=f"{NETWORK}:6013",
                reference=reference,
                property_name=name,
                index=index,
            )
            return (await bench.network.read_property(request)).value

        assert await read("device,6013", "object-name") == "Difficult 13: restarts"
        assert len(await read("analog-output,1", "priority-array")) == 16
        assert await read("device,6013", "object-list", 0) == 15
        with pytest.raises(UnknownTargetError):
            await read("device,6013", "nonsense")
        with pytest.raises(UnknownTargetError):
            await read("nonsense", "object-name")
        with pytest.raises(DeviceRefusedError) as caught:
            await read("analog-input,99", "object-name")
        assert caught.value.reason == "unknown-object"


async def test_an_array_too_long_for_its_device_is_read_by_elements():
    async with building_and_bench(6006) as (_, bench):
        await bench.serve(6006)
        await bench.online(6006)
        request = ReadPropertyRequest(
            device_id=f"{NETWORK}:6006",
            reference="device,6006",
            property_name="object-list",
        )
        answer = await bench.network.read_property(request)
        assert isinstance(answer.value, list)
        assert len(answer.value) == 37


async def test_a_stored_device_is_shown_while_the_network_is_down(tmp_path):
    async with building_and_bench("restarts", folder=tmp_path) as (building, bench):
        await bench.serve(6013)
        await bench.online(6013)
        port = building.port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", port))
        async with field_bench(port, folder=tmp_path) as bench:
            await bench.serve(6013, 6014)
            assert [d.instance for d in bench.network.devices()] == [6013]
            assert len(bench.points(6013)) == 14

"""Every datatype is written as its object has it, by the truth and by another stack."""

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import Target
from custom_components.plantroom.engine.bacnet.writing import (
    CovSubscriber,
    write_present_value,
)
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.models import Verdict
from custom_components.plantroom.engine.write_rules import judge
from tests.peers.rusty_client import RustyClient
from tests.peers.rusty_server import RustyServer
from tests.ports import free_port
from tests.simulators.points import Point

from .field_bench import building_and_bench, field_bench

EXTRAS = (
    Point(
        object_type="large-analog-value", instance=1, name="Energy", value=1.0,
        writable=True,
    ),
    Point(
        object_type="integer-value", instance=1, name="Offset", value=1, writable=True
    ),
    Point(
        object_type="positive-integer-value", instance=1, name="Count", value=1,
        writable=True,
    ),
    Point(
        object_type="characterstring-value", instance=1, name="Text", value="x",
        writable=True,
    ),
)  # fmt: skip
TARGET = Target(addr=("127.0.0.9", 47808), max_apdu=1476)


def approx(value: object) -> object:
    """Return what equals a value as a REAL may hold it; binaries are 0 and 1."""
    return value if isinstance(value, bool | str) else pytest.approx(value)


@pytest.mark.parametrize(
    ("reference", "value", "priority"),
    [
        ("analog-output,1", 42.25, 8),
        ("analog-value,1", 19.5, 16),
        ("binary-output,1", True, 8),
        ("binary-value,1", False, 3),
        ("multi-state-value,1", 3, 8),
        ("large-analog-value,1", 1234567890.123, None),
        ("integer-value,1", -5, None),
        ("positive-integer-value,1", 70000, None),
        ("characterstring-value,1", "Größe", None),
    ],
)
async def test_a_value_is_written_in_its_datatype(reference, value, priority):
    async with building_and_bench("restarts", poll=False) as (building, bench):
        for extra in EXTRAS:
            building.add_object("restarts", extra)
        await bench.serve(6013, change_of_value=False)
        await bench.poll(6013)
        point = bench.point(6013, reference)
        await bench.network.send_write(point, value, priority)
        back = await bench.network.read_back(point)
        truth = building.get("restarts", reference)
        assert truth.value == approx(value)
        assert judge(value, priority, back) == (Verdict.VERIFIED, "", None)
        assert bench.value(6013, reference) == approx(value)
        async with RustyClient(port=building.port) as client:
            address = building.device("restarts").address
            assert await client.read(address, reference, "present-value") == approx(
                value
            )
        if priority is None:
            return
        assert truth.priority_array[priority - 1] == approx(value)
        await bench.network.send_write(point, None, priority)
        back = await bench.network.read_back(point)
        assert judge(None, priority, back) == (Verdict.VERIFIED, "", None)
        assert building.get("restarts", reference).priority_array == [None] * 16


async def test_an_override_is_named_by_its_priority():
    async with building_and_bench("overridden", poll=False) as (_, bench):
        await bench.serve(6016, change_of_value=False)
        await bench.poll(6016)
        point = bench.point(6016, "analog-output,1")
        await bench.network.send_write(point, 10.0, 8)
        back = await bench.network.read_back(point)
        assert judge(10.0, 8, back) == (Verdict.OVERRIDDEN, "", 5)
        assert bench.reading(6016, "analog-output,1").priority == 5


async def test_a_write_without_effect_and_a_refused_one_are_told_apart():
    async with building_and_bench(6017, 6018, poll=False) as (_, bench):
        await bench.serve(6017, 6018, change_of_value=False)
        for instance in (6017, 6018):
            await bench.poll(instance)
        ignored = bench.point(6017, "analog-output,1")
        await bench.network.send_write(ignored, 10.0, 8)
        back = await bench.network.read_back(ignored)
        assert judge(10.0, 8, back)[0] is Verdict.FAILED
        with pytest.raises(DeviceRefusedError) as caught:
            await bench.network.send_write(
                bench.point(6018, "analog-output,1"), 10.0, 8
            )
        assert caught.value.reason == "write-access-denied"


async def test_a_device_of_another_stack_behaves_the_same():
    port = free_port()
    async with RustyServer(port=port) as server, field_bench(port, poll=False) as bench:
        await bench.serve(server.instance, change_of_value=False)
        await bench.poll(server.instance)
        for reference, value in (
            ("analog-value,1", 21.5),
            ("analog-output,1", 55.0),
            ("binary-output,1", True),
            ("multi-state-value,1", 2),
        ):
            point = bench.point(server.instance, reference)
            await bench.network.send_write(point, value, 8)
            back = await bench.network.read_back(point)
            assert judge(value, 8, back) == (Verdict.VERIFIED, "", None)
            assert back.priority_in_command == 8


async def test_a_point_behind_a_router_is_written():
    async with building_and_bench(5000, poll=False) as (building, bench):
        await bench.serve(5001)
        await bench.poll(5001)
        point = bench.point(5001, "analog-value,1")
        await bench.network.send_write(point, 19.0, 8)
        await bench.network.read_back(point)
        assert building.get(5001, "analog-value,1").value == 19.0


async def test_the_device_s_own_settings_decide_priority_and_plain_writes():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await bench.serve(6013, priority=9, writable=("analog-input,1",))
        await bench.poll(6013)
        settings = bench.network.write_settings
        assert settings(bench.point(6013, "analog-input,1")) == (9, True)
        assert settings(bench.point(6013, "analog-input,2")) == (9, False)


async def test_a_device_not_found_yet_cannot_be_written():
    async with field_bench(free_port(), poll=False) as bench:
        await bench.serve(7)
        with pytest.raises(DeviceOfflineError):
            bench.device(7).session_for(None)


class Sent:
    """Takes requests and keeps their octets."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, bytes, dict[str, object]]] = []

    async def request(self, target, service, data, **options: object) -> bytes:
        self.requests.append((service, data, options))
        return b""


@pytest.mark.parametrize(("object_type", "value"), [(48, -1), (19, -1), (2, 1e39)])
async def test_a_value_that_does_not_fit_is_never_sent(object_type, value):
    sent = Sent()
    with pytest.raises(WriteRefusedError) as caught:
        await write_present_value(sent, TARGET, ObjectId(object_type, 1), value, None)
    assert caught.value.reason == "invalid_value"
    assert sent.requests == []


async def test_a_write_goes_before_waiting_reads():
    sent = Sent()
    await write_present_value(sent, TARGET, ObjectId(1, 1), 1.0, 8)
    ((service, data, options),) = sent.requests
    assert (service, options["urgent"]) == (15, True)
    assert data == bytes.fromhex("0c0040000119553e443f8000003f4908")


async def test_a_subscription_asks_for_confirmed_notifications_for_its_lifetime():
    sent = Sent()
    subscriber = CovSubscriber(sent, TARGET)
    await subscriber.subscribe(ObjectId(0, 1), 600)
    await subscriber.unsubscribe(ObjectId(0, 1))
    (_, first, _), (_, second, options) = sent.requests
    assert first == bytes.fromhex("0a504c1c0000000129013a0258")
    assert second == bytes.fromhex("0a504c1c00000001")
    assert options["retries"] == 0

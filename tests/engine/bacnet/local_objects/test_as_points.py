"""Objects of our own device are points: shown at once, written, gone when they go."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.local_objects import as_points
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalDefinition,
    LocalDeviceFacts,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import StorageError, WriteRefusedError
from custom_components.plantroom.engine.events import DeviceRemoved
from custom_components.plantroom.engine.models import (
    Access,
    PointKind,
    PointRole,
    ProblemCode,
    ReadingSource,
    StatusFlags,
    Verdict,
    WriteRequest,
)
from custom_components.plantroom.engine.requests import ReadPropertyRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.ports import free_port
from tests.site import SiteHost, device_config, network_config, until

from .clients import raw_client
from .serving import DEFINITIONS, MODE, PUMP, STAGE, TEMPERATURE, VALVE

OWN = "n:4194000"
VALVE_POINT = f"{OWN}:analog-output,2"
HOST = "127.0.13.1"


@pytest.fixture
async def running(monkeypatch):
    monkeypatch.setattr(as_points, "SETTLE_SECONDS", 0.01)
    monkeypatch.setattr(as_points, "EMPTY_SECONDS", 0.05)
    engine = Engine(SiteHost())
    await engine.start()
    found = Running(engine)
    network = network_config(free_port(), address=f"{HOST}/8")
    await found.configure(SiteConfig(networks=(network,)))
    yield found
    await engine.stop()


@pytest.fixture
async def objects(running):
    found = running.engine._gatekeeping.objects_of("n")
    for definition in DEFINITIONS.values():
        found.define(definition, None)
    await until(lambda: running.reading(VALVE_POINT))
    return found


async def points_of(running):
    snapshot = await running.snapshot()
    return {point.reference: point for point in snapshot.points}


async def test_without_objects_there_is_no_device(running):
    snapshot = await running.snapshot()
    assert snapshot.devices == ()
    assert snapshot.statuses == ()


async def test_objects_are_points_of_a_device_that_is_online(running, objects):
    snapshot = await running.snapshot()
    (device,) = snapshot.devices
    assert (device.device_id, device.instance) == (OWN, 4194000)
    assert "subscribe-cov" in device.services
    assert running.online() == {OWN}
    points = {point.reference: point for point in snapshot.points}
    assert len(points) == 9
    temperature = points["analog-input,1"]
    assert temperature.kind is PointKind.ANALOG
    assert temperature.role is PointRole.INPUT
    assert temperature.access is Access.READ_ONLY
    assert temperature.unit == "degrees-celsius"
    assert (temperature.minimum, temperature.maximum) == (-40.0, 60.0)
    assert points["analog-output,2"].access is Access.COMMANDABLE
    assert points["analog-value,3"].access is Access.COMMANDABLE
    assert points["binary-value,6"].access is Access.READ_ONLY
    assert points["multi-state-input,7"].states == ("one", "two", "three")


async def test_what_an_object_shows_is_a_reading_at_once(running, objects):
    flags = StatusFlags(fault=True)
    objects.show(TEMPERATURE, value=-5.5, flags=flags, reliability="no-sensor")
    point_id = f"{OWN}:analog-input,1"
    await until(lambda: running.reading(point_id).value == -5.5)
    reading = running.reading(point_id)
    assert reading.source is ReadingSource.COV
    assert reading.flags == flags
    assert reading.reliability == "no-sensor"


async def test_what_is_no_number_has_no_value(running, objects):
    objects.show(TEMPERATURE, value=float("nan"))
    point_id = f"{OWN}:analog-input,1"
    await until(lambda: running.reading(point_id).error == "value-not-finite")
    assert running.reading(point_id).value is None


@pytest.mark.parametrize(
    ("reference", "key", "value", "shown"),
    [
        ("analog-output,2", VALVE, 40.0, 40.0),
        ("binary-output,5", PUMP, "on", True),
        ("multi-state-output,8", MODE, "hand", 2),
    ],
)
async def test_a_person_writes_and_releases_an_object(
    running, objects, reference, key, value, shown
):
    heard: list[LocalCommand] = []

    async def listen(command: LocalCommand) -> None:
        heard.append(command)

    objects.listen_commands(listen)
    request = WriteRequest(point_id=f"{OWN}:{reference}", value=value)
    result = await running.engine.call("write", request)
    assert (result.verdict, result.priority) == (Verdict.VERIFIED, 8)
    assert objects.state(key).slots[7] == shown
    assert running.reading(f"{OWN}:{reference}").priority == 8
    release = WriteRequest(point_id=f"{OWN}:{reference}", value=None)
    result = await running.engine.call("write", release)
    assert result.verdict is Verdict.VERIFIED
    assert objects.state(key).slots[7] is None
    assert [each.source for each in heard] == ["Plantroom", "Plantroom"]


async def test_a_write_below_a_stronger_priority_is_reported_as_overridden(
    running, objects
):
    objects.show(VALVE, value=5.0, priority=3)
    request = WriteRequest(point_id=VALVE_POINT, value=40.0)
    result = await running.engine.call("write", request)
    assert (result.verdict, result.overridden_by) == (Verdict.OVERRIDDEN, 3)


async def test_a_command_that_cannot_be_kept_is_a_write_that_failed(running, objects):
    async def listen(command: LocalCommand) -> None:
        raise StorageError("The disk is full")

    objects.listen_commands(listen)
    request = WriteRequest(point_id=VALVE_POINT, value=40.0)
    result = await running.engine.call("write", request)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "operational-problem")
    assert objects.state(VALVE).value == 10.0


async def test_the_priority_of_minimum_times_is_nobody_s(running, objects):
    request = WriteRequest(
        point_id=VALVE_POINT, value=40.0, priority=6, allow_reserved=True
    )
    result = await running.engine.call("write", request)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "write-access-denied")


async def test_an_input_cannot_be_written_by_people(running, objects):
    request = WriteRequest(point_id=f"{OWN}:multi-state-input,7", value=2)
    with pytest.raises(WriteRefusedError):
        await running.engine.call("write", request)
    assert objects.state(STAGE).value == 1


async def test_any_property_of_ours_can_be_read(running, objects):
    request = ReadPropertyRequest(
        device_id=OWN, reference="analog-output,2", property_name="priority-array"
    )
    answer = await running.engine.call("read_property", request)
    assert answer.value == [None] * 16


async def test_points_come_change_and_go_with_their_objects(running, objects):
    key = ObjectKey(LocalType.ANALOG_VALUE, 50)
    objects.define(LocalDefinition(key=key, name="First"), None)
    await until(lambda: running.reading(f"{OWN}:analog-value,50"))
    objects.define(LocalDefinition(key=key, name="Second"), None)
    point = running.engine._points.get
    await until(lambda: point(f"{OWN}:analog-value,50").name == "Second")
    objects.delete(key)
    await until(lambda: point(f"{OWN}:analog-value,50") is None)
    assert "analog-value,50" not in await points_of(running)


async def test_the_device_goes_when_all_objects_stay_away(running, objects):
    for key in tuple(objects.keys()):
        objects.delete(key)
    await until(lambda: running.online() == set())
    snapshot = await running.snapshot()
    assert (snapshot.devices, snapshot.points) == ((), ())
    assert DeviceRemoved(device_id=OWN) in running.heard


async def test_objects_that_come_again_at_once_are_the_same_points(running, objects):
    for definition in DEFINITIONS.values():
        objects.delete(definition.key)
    for definition in DEFINITIONS.values():
        objects.define(definition, None)
    objects.show(VALVE, value=50.0)
    await until(lambda: running.reading(VALVE_POINT).value == 50.0)
    assert DeviceRemoved(device_id=OWN) not in running.heard


async def test_the_device_is_called_as_the_gateway_says(running, objects):
    objects.describe_device(LocalDeviceFacts(name="North plant"))
    (device,) = (await running.snapshot()).devices
    assert device.name == "North plant"


async def test_the_objects_are_served_on_the_network(running, objects):
    network = (await running.engine.call("site")).networks[0]
    async with raw_client(f"{HOST}:{network.port}") as raw:
        found = await raw.exchange(12, b"\x0c\x00\x00\x00\x01\x19\x55")
    assert found[0] == 0x30


async def test_objects_outlive_a_change_of_their_network(running, objects):
    network = network_config(free_port(), address=f"{HOST}/8", instance=77)
    await running.configure(SiteConfig(networks=(network,)))
    await until(lambda: running.reading("n:77:analog-output,2"))
    snapshot = await running.snapshot()
    assert [device.device_id for device in snapshot.devices] == ["n:77"]
    assert len(snapshot.points) == 9


async def test_what_is_configured_of_our_own_device_is_how_people_write(
    running, objects
):
    network = (await running.engine.call("site")).networks[0]
    own = device_config(4194000, priority=9)
    await running.configure(SiteConfig(networks=(network,), devices=(own,)))
    request = WriteRequest(point_id=VALVE_POINT, value=40.0)
    result = await running.engine.call("write", request)
    assert (result.verdict, result.priority) == (Verdict.VERIFIED, 9)
    (device,) = (await running.snapshot()).devices
    assert device.device_id == OWN


async def test_a_server_that_is_silent_knows_the_other_one_as_itself(running, objects):
    objects.set_live(False)
    network = (await running.engine.call("site")).networks[0]
    i_am = b"\x10\x00\xc4\x02\x3f\xfe\xd0\x22\x05\xc4\x91\x00\x22\x03\xe7"
    async with raw_client(f"{HOST}:{network.port}") as raw:
        raw.ask(i_am, b"\x01\x00")
        await asyncio.sleep(0.1)
        assert running.problems() == {}
        objects.set_live(True)
        raw.ask(i_am, b"\x01\x00")
        await until(running.problems)
    assert running.problems() == {"n": ProblemCode.DUPLICATE_INSTANCE}

"""What a client may expect of every command, over every wire there is."""

import asyncio
from typing import Any

import pytest

from custom_components.plantroom.engine.errors import (
    DeviceRefusedError,
    PlantroomError,
    UnknownCommandError,
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.events import (
    DeviceSeen,
    EngineEvent,
    PointsChanged,
    Progress,
    ReadingsChanged,
    WriteDone,
)
from custom_components.plantroom.engine.models import (
    PointsDifference,
    Reading,
    Verdict,
    WriteRequest,
)
from custom_components.plantroom.engine.requests import (
    AuditQuery,
    ReadPropertyRequest,
    ScanRequest,
    SetMeterRequest,
    WatchRequest,
)
from tests.simulators.points import analog
from tests.site import until

from .conftest import OpenOffice
from .office import (
    ALL,
    IGNORES,
    OVERRIDDEN,
    REFUSES,
    ROOM,
    SETPOINT,
    VAV,
    assert_mirror_is_right,
    first,
)


async def test_watched_point_is_read_and_followed(office: OpenOffice):
    opened = await office(VAV)
    readings: list[Reading] = []
    unwatch = opened.client.watch(ROOM, readings.append)
    await until(lambda: readings)
    opened.building.set(VAV, "analog-input,1", "presentValue", 27.5)
    await until(lambda: readings[-1].value == 27.5)
    assert opened.client.mirror.readings[ROOM] == readings[-1]
    unwatch()
    await until(lambda: not opened.building.cov_subscriptions(VAV))


async def test_points_nobody_watches_are_not_read(office: OpenOffice):
    opened = await office(VAV)
    readings: list[Reading] = []
    opened.client.watch(ROOM, readings.append)
    await until(lambda: readings)
    assert opened.client.mirror.readings.keys() == {ROOM}


async def test_two_clients_watches_add_up_until_each_withdraws_its_own(
    office: OpenOffice,
):
    opened = await office(VAV)
    call, building = opened.connection.call, opened.building

    def subscribed() -> set[Any]:
        return {each["object"] for each in building.cov_subscriptions(VAV)}

    await call("watch", WatchRequest(client_id="a", point_ids=(ROOM,)))
    await call("watch", WatchRequest(client_id="b", point_ids=(ROOM, SETPOINT)))
    await until(lambda: len(subscribed()) == 2)
    await call("watch", WatchRequest(client_id="b", point_ids=()))
    await until(lambda: len(subscribed()) == 1)
    await call("watch", WatchRequest(client_id="a", point_ids=()))
    await until(lambda: not subscribed())


async def test_watching_what_does_not_exist_harms_nothing(office: OpenOffice):
    opened = await office(VAV)
    readings: list[Reading] = []
    opened.client.watch("n:1:analog-input,1", readings.append)
    opened.client.watch("nonsense", readings.append)
    opened.client.watch(ROOM, readings.append)
    await until(lambda: readings)
    assert opened.client.mirror.readings.keys() == {ROOM}


async def test_scan_finds_the_devices_and_tells_its_progress(office: OpenOffice):
    opened = await office()
    heard: list[EngineEvent] = []
    opened.client.listen_changes(heard.append)
    request = ScanRequest(network_id="n", task_id="t1", seconds=2)
    found = await opened.client.scan(request)
    assert sorted(each.instance for each in found) == sorted(ALL)
    vav = next(each for each in found if each.instance == VAV)
    assert (vav.name, vav.vendor, vav.device_id) == (
        "VAV-01", "Northwind Controls", f"n:{VAV}",
    )  # fmt: skip
    await until(
        lambda: [e for e in heard if isinstance(e, Progress) and e.fraction == 1]
    )
    fractions = [e.fraction for e in heard if isinstance(e, Progress)]
    assert fractions == sorted(fractions)
    assert {e.task_id for e in heard if isinstance(e, Progress)} == {"t1"}
    assert {e.found.instance for e in heard if isinstance(e, DeviceSeen)} == {*ALL}


async def test_scan_of_a_range_finds_no_others(office: OpenOffice):
    opened = await office()
    request = ScanRequest(
        network_id="n", task_id="t", low=OVERRIDDEN, high=IGNORES, seconds=2
    )
    found = await opened.client.scan(request)
    assert sorted(each.instance for each in found) == [OVERRIDDEN, IGNORES]


async def test_survey_says_what_came_went_and_was_renamed(office: OpenOffice):
    opened = await office(VAV)
    assert await opened.client.survey(f"n:{VAV}") == PointsDifference(
        device_id=f"n:{VAV}"
    )
    building = opened.building
    building.add_object(
        VAV, analog("analog-value", 77, "New", 1.0, "percent", commandable=True)
    )
    building.remove_object(VAV, "analog-value,1")
    building.rename(VAV, "analog-input,1", "Renamed")
    heard: list[EngineEvent] = []
    opened.client.listen_changes(heard.append)
    difference = await opened.client.survey(f"n:{VAV}")
    assert difference.added == ("analog-value,77",)
    assert difference.removed == ("analog-value,1",)
    assert difference.renamed == ("analog-input,1",)
    await until(lambda: first(heard, PointsChanged))
    assert opened.client.mirror.points[ROOM].name == "Renamed"
    assert SETPOINT not in opened.client.mirror.points
    await assert_mirror_is_right(opened)


async def test_write_is_verified_by_the_device(office: OpenOffice):
    opened = await office(VAV)
    heard: list[EngineEvent] = []
    opened.client.listen_changes(heard.append)
    result = await opened.client.write(
        WriteRequest(point_id=SETPOINT, value=24.0, actor="Ada")
    )
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, 24.0)
    truth = opened.building.get(VAV, "analog-value,1")
    assert (truth.priority_array or [])[7] == 24.0
    await until(lambda: first(heard, WriteDone))
    assert first(heard, WriteDone) == WriteDone(result=result, actor="Ada")
    mirror = opened.client.mirror
    await until(
        lambda: SETPOINT in mirror.readings and mirror.readings[SETPOINT].value == 24.0
    )


async def test_release_gives_the_point_back(office: OpenOffice):
    opened = await office(VAV)
    await opened.client.write(WriteRequest(point_id=SETPOINT, value=24.0))
    result = await opened.client.write(WriteRequest(point_id=SETPOINT, value=None))
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, 21.5)
    assert result.priority_array == (None,) * 16


async def test_write_below_a_hand_switch_is_overridden(office: OpenOffice):
    opened = await office(OVERRIDDEN)
    output = WriteRequest(point_id=f"n:{OVERRIDDEN}:analog-output,1", value=24.0)
    result = await opened.client.write(output)
    assert (result.verdict, result.overridden_by) == (Verdict.OVERRIDDEN, 5)
    assert result.present_value == 75.0
    assert result.priority_array[7] == 24.0
    pump = WriteRequest(point_id=f"n:{OVERRIDDEN}:binary-output,1", value="Off")
    result = await opened.client.write(pump)
    assert (result.verdict, result.overridden_by) == (Verdict.OVERRIDDEN, 1)
    assert result.present_value is True


async def test_write_that_a_device_ignores_has_failed(office: OpenOffice):
    opened = await office(IGNORES)
    request = WriteRequest(point_id=f"n:{IGNORES}:analog-output,1", value=24.0)
    result = await opened.client.write(request)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "value-not-taken")
    assert result.present_value == 30.0


async def test_write_that_a_device_refuses_has_failed(office: OpenOffice):
    opened = await office(REFUSES)
    request = WriteRequest(point_id=f"n:{REFUSES}:analog-output,1", value=24.0)
    result = await opened.client.write(request)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "write-access-denied")


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("Night", 3), ("Day", 2)])
async def test_state_is_written_by_number_from_one_or_by_its_text(
    office: OpenOffice, value: Any, number: int
):
    opened = await office(OVERRIDDEN)
    request = WriteRequest(
        point_id=f"n:{OVERRIDDEN}:multi-state-value,1", value=value, priority=16
    )
    result = await opened.client.write(request)
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, number)
    truth = opened.building.get(OVERRIDDEN, "multi-state-value,1")
    assert truth.value == number


async def test_audit_log_says_who_changed_what_and_how_it_ended(office: OpenOffice):
    opened = await office(VAV, OVERRIDDEN)
    output = f"n:{OVERRIDDEN}:analog-output,1"
    await opened.client.write(WriteRequest(point_id=SETPOINT, value=24.0, actor="Ada"))
    await opened.client.write(WriteRequest(point_id=output, value=10.0, actor="Bob"))
    rows = await opened.client.audit_log(AuditQuery(actions=("write",)))
    assert [(row.actor, row.verdict, row.new) for row in rows] == [
        ("Bob", "overridden", 10.0),
        ("Bob", "requested", 10.0),
        ("Ada", "verified", 24.0),
        ("Ada", "requested", 24.0),
    ]
    only = await opened.client.audit_log(AuditQuery(point_id=SETPOINT, limit=1))
    assert only == rows[2:3]


async def test_any_property_can_be_read(office: OpenOffice):
    opened = await office(VAV)
    answer = await opened.client.read_property(
        ReadPropertyRequest(
            device_id=f"n:{VAV}",
            reference="analog-value,1",
            property_name="object-name",
        )
    )
    assert answer.value == opened.building.get(VAV, "analog-value,1").name
    by_number = ReadPropertyRequest(
        device_id=f"n:{VAV}", reference="device,2001", property_name="70"
    )
    assert (await opened.client.read_property(by_number)).property_name == "model-name"


def read(device_id: str, reference: str, name: str) -> ReadPropertyRequest:
    return ReadPropertyRequest(
        device_id=device_id, reference=reference, property_name=name
    )


DEVICE = f"n:{VAV}"
NOBODY = ScanRequest(network_id="m", task_id="t")


@pytest.mark.parametrize(
    ("command", "request_", "error", "facts"),
    [
        ("dance", None, UnknownCommandError, {"command": "dance"}),
        ("survey", "n:99", UnknownTargetError, {"target": "n:99"}),
        ("survey", "m:1", UnknownTargetError, {"target": "m"}),
        ("survey", "nonsense", UnknownTargetError, {"target": ""}),
        ("scan", NOBODY, UnknownTargetError, {"target": "m"}),
        ("write", WriteRequest(point_id="n:9:x", value=1), UnknownTargetError,
         {"target": "n:9:x"}),
        ("write", WriteRequest(point_id=SETPOINT, value=99.0), WriteRefusedError,
         {"reason": "above_maximum", "value": "99.0"}),
        ("write", WriteRequest(point_id=SETPOINT, value=20.0, priority=1),
         WriteRefusedError, {"reason": "reserved_priority", "priority": "1"}),
        ("write", WriteRequest(point_id=ROOM, value=20.0), WriteRefusedError,
         {"reason": "not_writable"}),
        ("read_property", read(DEVICE, "nonsense", "units"), UnknownTargetError,
         {"target": "nonsense"}),
        ("read_property", read(DEVICE, "analog-value,1", "colour"), UnknownTargetError,
         {"target": "colour"}),
        ("read_property", read(DEVICE, "analog-value,999", "units"), DeviceRefusedError,
         {"device": DEVICE, "reason": "unknown-object"}),
        ("set_meter", SetMeterRequest(point_id=ROOM, total=1.0), UnknownTargetError,
         {"target": ROOM}),
    ],
)  # fmt: skip
async def test_errors_keep_their_type_and_facts(
    office: OpenOffice,
    command: str,
    request_: Any,
    error: type[PlantroomError],
    facts: dict[str, str],
):
    opened = await office(VAV)
    with pytest.raises(PlantroomError) as caught:
        await opened.connection.call(command, request_)
    assert type(caught.value) is error
    assert facts.items() <= dict(caught.value.facts).items()
    assert str(caught.value)
    if "reason" in facts:
        assert vars(caught.value).get("reason") == facts["reason"]


async def test_listener_that_fails_keeps_nothing_from_the_others(
    office: OpenOffice, caplog: pytest.LogCaptureFixture
):
    opened = await office(VAV)
    readings: list[Reading] = []
    heard: list[EngineEvent] = []
    opened.client.watch(ROOM, lambda _reading: 1 // 0)
    opened.client.watch(ROOM, readings.append)
    opened.client.listen_changes(lambda _event: 1 // 0)
    opened.client.listen_changes(heard.append)
    await until(lambda: readings)
    await opened.client.write(WriteRequest(point_id=SETPOINT, value=24.0))
    await until(lambda: first(heard, WriteDone))
    assert first(heard, ReadingsChanged) is None
    assert "ZeroDivisionError" in caplog.text


async def test_many_calls_at_once_each_get_their_own_answer(office: OpenOffice):
    opened = await office(VAV)
    names = ("object-name", "description", "units", "present-value")
    answers = await asyncio.gather(
        *(
            opened.client.read_property(read(DEVICE, "analog-value,1", n))
            for n in names * 5
        )
    )
    assert [answer.property_name for answer in answers] == [*names] * 5

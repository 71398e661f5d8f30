"""What a device does not tell is asked for: before us, in a silence, by others."""

from typing import Any

import pytest
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.object import EventEnrollmentObject

from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
)
from custom_components.plantroom.engine.bacnet import alarms as alarms_module
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from tests.simulators.building import Building

from .alarmed import (
    AHU,
    FROST,
    KIND,
    ROOM,
    VAV,
    Alarmed,
    events_of,
    recipients_of,
    set_room,
)
from .field_bench import NETWORK, building_and_bench, field_bench

pytestmark = pytest.mark.usefixtures("in_haste")


def _octets(stamp: Any) -> str:
    return bytes(stamp.encode().encode().pduData).hex()


async def test_alarm_that_asks_for_nothing_is_acknowledged_by_nobody():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.ack_required = [0, 0, 0]
        set_room(building, 35.5)
        await field.registered()
        await field.until_kinds(KIND.RAISED)
        for _ in range(2):
            bench.device(VAV).alarms.lost_touch()
            await bench.poll(VAV)
        assert field.kinds == [KIND.RAISED]
        assert field.alarm().state is AlarmState.ACTIVE
        set_room(building, 21.0)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)


async def test_alarms_that_were_there_before_us_are_found_page_by_page():
    async with building_and_bench(AHU) as (building, bench):
        events = events_of(building, AHU)
        events.flood(30)
        building.set(AHU, "binary-input,4", "presentValue", True)
        await bench.serve(AHU)
        await bench.until(lambda: len(bench.booked.told) == 31)
        assert building.device(AHU).requests_seen()["GetEventInformation"] == 4
        alarms = {a.alarm_id: a for a in bench.booked.book.all_open()}
        assert len(alarms) == 31
        frost = alarms[FROST]
        assert (frost.severity, frost.text) == (
            Severity.CRITICAL, "AHU1.FreezeStat is in alarm",
        )  # fmt: skip
        other = alarms[f"{NETWORK}:{AHU}:event-enrollment,7"]
        assert other.text == "event-enrollment,7: offnormal"
        assert recipients_of(building, AHU) == []


async def test_device_that_goes_round_in_circles_closes_nothing():
    async with building_and_bench(AHU) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, AHU)
        await field.registered(AHU)
        events.flood(2)
        await bench.until(lambda: len(field.told) == 2)
        page = list(events.states.values())[-1:]
        events.page = lambda after: (page, True)
        device = bench.device(AHU)
        device.alarms.lost_touch()
        asked = building.device(AHU).requests_seen()["GetEventInformation"]
        await bench.until(
            lambda: (
                building.device(AHU).requests_seen()["GetEventInformation"] >= asked + 2
            )
        )
        await bench.poll(AHU)
        assert field.kinds == [KIND.RAISED, KIND.RAISED]


async def test_what_happened_in_a_silence_is_made_good():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        building.unplug(VAV)
        set_room(building, 35.5)
        set_room(building, 21.0)
        await bench.until(lambda: not (bench.status(VAV) or 0).online)
        building.plug(VAV)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        raised, cleared = (t.alarm for t in field.told)
        assert raised.condition is Condition.OFFNORMAL
        assert raised.text == "VAV01.RoomTemp is too high"
        stamps = next(iter(events.states.values())).stamps
        assert raised.device_time is not None
        assert cleared.device_time is not None
        assert raised.device_time.octets == _octets(stamps[0])
        assert cleared.device_time.octets == _octets(stamps[2])
        assert cleared.state is AlarmState.CLEARED
        await field.acknowledge()
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)


async def test_alarm_that_ended_in_a_silence_is_closed():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        building.unplug(VAV)
        set_room(building, 21.0)
        (event,) = events.states.values()
        event.acked = [1, 1, 1]
        await bench.until(lambda: not (bench.status(VAV) or 0).online)
        building.plug(VAV)
        await bench.until(lambda: field.kinds[:2] == [KIND.RAISED, KIND.CLEARED])
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)


async def test_acknowledgement_that_nobody_told_us_of_is_found(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(alarms_module, "RESYNC_SECONDS", 0.0)
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        (event,) = events.states.values()
        event.acked[0] = 1
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED)
        await bench.poll(VAV)
        assert field.kinds == [KIND.RAISED, KIND.ACKNOWLEDGED]


async def test_asking_again_and_again_tells_nothing_new():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        for value in (21.0, 36.0, 21.0):
            before = len(field.told)
            set_room(building, value)
            await bench.until(lambda before=before: len(field.told) > before)
            bench.device(VAV).alarms.lost_touch()
            await bench.poll(VAV)
        assert field.kinds == [KIND.RAISED, KIND.CLEARED] * 2


async def test_restart_of_ours_tells_nothing_twice(tmp_path):
    async with Building(profile="all", only=(VAV,), speed=0) as building:
        async with field_bench(building.port, folder=tmp_path) as bench:
            field = Alarmed(building, bench)
            await field.registered()
            set_room(building, 35.5)
            await field.until_kinds(KIND.RAISED)
        async with field_bench(building.port, folder=tmp_path) as bench:
            field = Alarmed(building, bench)
            await field.registered()
            await bench.poll(VAV)
            assert field.alarm().state is AlarmState.ACTIVE
            set_room(building, 21.0)
            await field.until_kinds(KIND.CLEARED)
            await field.acknowledge()
            await bench.until(lambda: bench.booked.book.get(ROOM) is None)


class Enrollment(LocalObject, EventEnrollmentObject):
    """An object that has events and is no point."""

    _object_identifier_class = LocalObject._object_identifier_class
    _property_identifier_class = LocalObject._property_identifier_class
    _required = ("objectName",)


async def test_objects_that_are_no_points_are_called_as_their_device_calls_them():
    async with building_and_bench(AHU) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, AHU)
        for number, name in ((1, "Smoke in the duct"), (2, "Belt slips")):
            key = ("event-enrollment", number)
            building.device(AHU).app.add_object(
                Enrollment(objectIdentifier=key, objectName=name)
            )
        events.flood(1)
        await field.registered(AHU)
        await field.until_kinds(KIND.RAISED)
        assert field.told[0].alarm.name == "Smoke in the duct"
        events.flood(2)
        names = bench.device(AHU).alarms._alarms._names
        await bench.until(lambda: names.of(ObjectId(9, 2)))
        events.flood(2)
        await bench.until(lambda: len(field.told) == 5)
        assert {t.alarm.name for t in field.told[-2:]} == {
            "Smoke in the duct", "Belt slips",
        }  # fmt: skip

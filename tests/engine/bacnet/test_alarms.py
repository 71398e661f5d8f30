"""A device's alarms are ours: heard, confirmed, kept, acknowledged at the device."""

import pytest
from bacpypes3.basetypes import (
    TimeStamp,
)
from bacpypes3.primitivedata import Time

from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
)
from custom_components.plantroom.engine.errors import DeviceRefusedError

from .alarmed import (
    FCU,
    KIND,
    ROOM,
    VAV,
    Alarmed,
    events_of,
    set_room,
)
from .field_bench import NETWORK, building_and_bench

pytestmark = pytest.mark.usefixtures("in_haste")


async def test_event_is_heard_confirmed_and_kept():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        alarm = field.alarm()
        assert (alarm.condition, alarm.state) == (
            Condition.HIGH_LIMIT, AlarmState.ACTIVE,
        )  # fmt: skip
        assert (alarm.severity, alarm.priority) == (Severity.MEDIUM, 180)
        assert (alarm.text, alarm.name) == (
            "VAV01.RoomTemp is too high", "VAV01.RoomTemp",
        )  # fmt: skip
        assert (alarm.value, alarm.facts["exceeded-limit"]) == (35.5, 30.0)
        assert (alarm.event_type, alarm.notification_class) == ("out-of-range", 1)
        assert alarm.device_time is not None
        assert "T" in alarm.device_time.text
        await bench.until(lambda: events_of(building, VAV).outcomes == ["confirmed"])


@pytest.mark.parametrize("form", ["date and time", "time", "sequence number"])
async def test_alarm_lives_its_life_at_the_device_as_well(form: str):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.form = form
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        await field.acknowledge(actor="Ada Lovelace ☀")
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED)
        (event,) = events.states.values()
        assert (event.acked, event.acknowledged_by) == ([1, 1, 1], "Ada Lovelace ☀")
        assert field.alarm().state is AlarmState.ACKNOWLEDGED
        set_room(building, 10.0)
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED, KIND.CHANGED)
        assert field.alarm().condition is Condition.LOW_LIMIT
        set_room(building, 21.0)
        await bench.until(lambda: field.kinds[-1] is KIND.CLEARED)
        assert field.alarm().state is AlarmState.CLEARED
        await field.acknowledge()
        await bench.until(lambda: field.kinds[-1] is KIND.ACKNOWLEDGED)
        assert bench.booked.book.get(ROOM) is None
        assert not events.page(None)[0]


async def test_change_to_normal_that_asks_for_it_is_acknowledged_too():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.ack_required = [1, 1, 1]
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        set_room(building, 21.0)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert len(field.alarm().pending) == 2
        await field.acknowledge()
        (event,) = events.states.values()
        assert event.acked == [1, 1, 1]
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)


async def test_alarm_that_asks_for_nothing_is_over_when_it_is_over():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.ack_required = [0, 0, 0]
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        assert field.alarm().state is AlarmState.ACTIVE
        set_room(building, 21.0)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert bench.booked.book.get(ROOM) is None


async def test_fault_is_told_from_being_off_normal():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        building.set(VAV, "analog-input,1", "reliability", "open-loop")
        await field.until_kinds(KIND.RAISED)
        assert field.alarm().condition is Condition.FAULT
        building.set(VAV, "analog-input,1", "reliability", "no-fault-detected")
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)


async def test_somebody_else_s_acknowledgement_is_seen(monkeypatch: pytest.MonkeyPatch):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        (event,) = events.states.values()
        events.acknowledge(event.object_id, 3, event.stamps[0], "another station")
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED)
        assert field.told[1].actor == ""
        set_room(building, 21.0)
        await bench.until(lambda: field.kinds[-1] is KIND.CLEARED)
        assert bench.booked.book.get(ROOM) is None


async def test_acknowledging_what_nobody_has_to_asks_no_device():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.ack_required = [0, 0, 0]
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        building.unplug(VAV)
        await bench.until(lambda: not (bench.status(VAV) or 0).online)
        await field.acknowledge()
        assert "AcknowledgeAlarm" not in building.device(VAV).requests_seen()


async def test_refusal_of_an_acknowledgement_is_told_with_the_device_s_reason():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        building.device(VAV).app.refuses_acknowledgements = "serviceRequestDenied"
        with pytest.raises(DeviceRefusedError) as caught:
            await field.acknowledge()
        assert caught.value.reason == "service-request-denied"
        assert field.alarm().state is AlarmState.ACTIVE
        assert field.kinds == [KIND.RAISED]


async def test_acknowledgement_of_what_happened_again_meanwhile_is_refused_and_seen():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        (event,) = events.states.values()
        event.stamps[0] = TimeStamp(time=Time((1, 2, 3, 4)))
        with pytest.raises(DeviceRefusedError) as caught:
            await field.acknowledge()
        assert caught.value.reason == "invalid-time-stamp"
        await field.until_kinds(KIND.RAISED, KIND.CHANGED)
        await field.acknowledge()
        assert event.acked == [1, 1, 1]


async def test_device_whose_alarms_nobody_wants_is_not_asked_and_not_heard():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        await bench.until(lambda: events.outcomes == ["confirmed"])
        asked = building.device(VAV).requests_seen()["GetEventInformation"]
        await bench.serve(VAV, alarms=False, notification_classes=None)
        await field.until_kinds(KIND.RAISED, KIND.REMOVED)
        await bench.online(VAV)
        events.outcomes.clear()
        set_room(building, 21.0)
        await bench.until(lambda: events.outcomes)
        assert events.outcomes != ["confirmed"]
        seen = building.device(VAV).requests_seen()["GetEventInformation"]
        assert (seen, field.kinds) == (asked, [KIND.RAISED, KIND.REMOVED])


async def test_device_behind_a_router_tells_us_of_its_events_too():
    async with building_and_bench("router") as (building, bench):
        field = Alarmed(building, bench)
        await field.registered(FCU)
        building.set(FCU, "analog-input,1", "presentValue", 35.5)
        await field.until_kinds(KIND.RAISED)
        await field.acknowledge(f"{NETWORK}:{FCU}:analog-input,1")
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED)

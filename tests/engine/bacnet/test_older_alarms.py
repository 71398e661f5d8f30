"""A controller from 2004 is asked for its alarms by the services that it has."""

import pytest

from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.bacnet.older_alarms import (
    ALARM_SUMMARY,
    ENROLLMENT_SUMMARY,
)
from tests.simulators import device as device_module
from tests.simulators.application import SERVICES
from tests.simulators.events import Events, EventState
from tests.simulators.old_event_application import OldEventApplication

from .alarmed import ROOM, VAV, Alarmed, events_of, set_room
from .field_bench import FieldBench, building_and_bench

KIND = TransitionKind


@pytest.fixture(autouse=True)
def of_2004(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "EventApplication", OldEventApplication)


async def ask_again(bench: FieldBench) -> None:
    bench.device(VAV).alarms.lost_touch()
    await bench.poll(VAV)


def the_event(events: Events) -> EventState:
    (event,) = events.states.values()
    return event


async def test_alarms_that_were_there_before_us_are_found():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        set_room(building, 35.5)
        await bench.serve(VAV)
        await field.until_kinds(KIND.RAISED)
        alarm = field.alarm()
        assert (alarm.condition, alarm.priority) == (Condition.HIGH_LIMIT, 180)
        assert (alarm.severity, alarm.text) == (
            Severity.MEDIUM, "VAV01.RoomTemp is too high",
        )  # fmt: skip
        asked = building.device(VAV).requests_seen()
        assert asked["GetAlarmSummary"] == 1
        assert "GetEventInformation" not in asked
        await field.acknowledge()
        assert the_event(events_of(building, VAV)).acked == [1, 1, 1]


async def test_alarm_lives_its_life_though_it_tells_nobody():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        set_room(building, 35.5)
        await bench.serve(VAV)
        await field.until_kinds(KIND.RAISED)
        await ask_again(bench)
        set_room(building, 21.0)
        await ask_again(bench)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert field.alarm().state is AlarmState.CLEARED
        await ask_again(bench)
        event = the_event(events)
        events.acknowledge(event.object_id, 3, event.stamps[0], "another station")
        await ask_again(bench)
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)
        assert field.kinds[:2] == [KIND.RAISED, KIND.CLEARED]


async def test_what_waits_for_acknowledgement_is_found_when_it_is_over():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        set_room(building, 35.5)
        set_room(building, 21.0)
        await bench.serve(VAV)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert field.alarm().state is AlarmState.CLEARED
        await field.acknowledge()
        await ask_again(bench)
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)


async def test_device_with_alarm_summaries_only_is_served_too(
    monkeypatch: pytest.MonkeyPatch,
):
    services = (*SERVICES, "acknowledgeAlarm", "getAlarmSummary")
    monkeypatch.setattr(OldEventApplication, "services", services)
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        set_room(building, 35.5)
        await bench.serve(VAV)
        await field.until_kinds(KIND.RAISED)
        assert (field.alarm().priority, field.alarm().severity) == (
            None, Severity.MEDIUM,
        )  # fmt: skip
        assert "GetEnrollmentSummary" not in building.device(VAV).requests_seen()
        set_room(building, 21.0)
        await ask_again(bench)
        # It tells no more of it, and its object waits for acknowledgement
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert field.alarm().state is AlarmState.CLEARED


async def test_device_that_says_nothing_of_its_services_is_asked_by_the_newest_first(
    monkeypatch: pytest.MonkeyPatch,
):
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        set_room(building, 35.5)
        await bench.serve(VAV, alarms=False)
        await bench.online(VAV)
        await bench.serve(VAV)
        await bench.until(lambda: bench.device(VAV)._session)
        device = bench.device(VAV)
        await device.alarms._alarms._resync(device.session, ())
        await bench.until(lambda: field.kinds[:1] == [KIND.RAISED])
        asked = building.device(VAV).requests_seen()
        assert asked["GetEventInformation"] == 1
        assert asked["GetEnrollmentSummary"] >= 1


def test_services_are_called_as_devices_call_them():
    assert (ALARM_SUMMARY, ENROLLMENT_SUMMARY) == (
        "get-alarm-summary", "get-enrollment-summary",
    )  # fmt: skip

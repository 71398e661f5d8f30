"""Events are told apart and told once, however a device dates and repeats them."""

import asyncio
from collections.abc import Callable

import pytest
from bacpypes3.basetypes import (
    TimeStamp,
)
from bacpypes3.primitivedata import Time, Unsigned

from custom_components.plantroom.engine.alarms import journal_writer
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
)
from custom_components.plantroom.engine.bacnet.octets.event_notifications import (
    EventNotification,
)
from tests.simulators.events import Events

from .alarmed import (
    AHU,
    KIND,
    OWN,
    ROOM,
    VAV,
    Alarmed,
    destination,
    events_of,
    set_room,
)
from .field_bench import building_and_bench

pytestmark = pytest.mark.usefixtures("in_haste")


@pytest.mark.parametrize("form", ["date and time", "sequence number"])
async def test_event_that_comes_twice_is_one_event(form: str):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.form = form
        await field.registered()
        recipient_list = events.notification_class.recipientList
        twice = [*recipient_list, *recipient_list]
        twice[1] = destination(OWN, 20556, confirmed=False)
        events.notification_class.recipientList = twice
        set_room(building, 35.5)
        await bench.until(lambda: len(events.outcomes) == 2)
        set_room(building, 21.0)
        await bench.until(lambda: len(events.outcomes) == 4)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        assert sorted(events.outcomes) == ["confirmed"] * 2 + ["sent"] * 2


@pytest.mark.parametrize("ack_required", [False, True])
async def test_event_that_changes_no_state_is_told_and_over(*, ack_required: bool):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        (event,) = events.states.values()
        for number in (1, 2):
            # As a change of value or a buffer that is ready is told (clause 13.3)
            stamp = TimeStamp(sequenceNumber=Unsigned(number))
            event.stamps[2], event.acked[2] = stamp, int(not ack_required)
            facts = {
                "eventType": 10,
                "fromState": 0,
                "ackRequired": ack_required,
                "messageText": f"Log {number} is full",
            }
            events._tell(event, 0, 1, 150, stamp, facts)
            await bench.until(lambda number=number: len(field.told) == 2 * number)
        assert field.kinds == [KIND.RAISED, KIND.CLEARED] * 2
        assert field.told[2].text == "Log 2 is full"
        assert field.told[2].alarm.informative
        assert field.told[2].alarm.event_type == "buffer-ready"
        if ack_required:
            assert field.alarm().state is AlarmState.CLEARED
            await field.acknowledge()
            assert event.acked == [1, 1, 1]
        else:
            assert bench.booked.book.get(ROOM) is None


async def test_coarse_clock_hides_no_event(monkeypatch: pytest.MonkeyPatch):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        second = events._stamp()
        monkeypatch.setattr(Events, "_stamp", lambda _self: second)
        await field.registered()
        for value in (35.5, 21.0, 36.0, 10.0):
            before = len(field.told)
            set_room(building, value)
            await bench.until(lambda before=before: len(field.told) > before)
        assert [t.alarm.condition for t in field.told] == [
            Condition.HIGH_LIMIT,
            Condition.NORMAL,
            Condition.HIGH_LIMIT,
            Condition.LOW_LIMIT,
        ]


async def test_straggler_undoes_nothing():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        heard: list[EventNotification] = []
        alarms = bench.device(VAV).alarms
        take = alarms.notified

        def notified(event: EventNotification, confirm: Callable[[], None]) -> bool:
            heard.append(event)
            return bool(take(event, confirm))

        alarms.notified = notified
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
        await asyncio.sleep(0.02)
        set_room(building, 21.0)
        await field.until_kinds(KIND.RAISED, KIND.CLEARED)
        take(heard[0], lambda: None)
        await bench.poll(VAV)
        assert field.kinds == [KIND.RAISED, KIND.CLEARED]
        assert field.alarm().condition is Condition.NORMAL


async def test_nothing_is_confirmed_that_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch,
):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        monkeypatch.setattr(journal_writer, "MOST_WAITING", 0)
        set_room(building, 35.5)
        await bench.until(lambda: events.outcomes)
        assert events.outcomes != ["confirmed"]
        assert field.told == []
        monkeypatch.undo()
        await field.until_kinds(KIND.RAISED)


async def test_device_without_a_clock_is_understood(monkeypatch: pytest.MonkeyPatch):
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        nothing = TimeStamp(time=Time((255, 255, 255, 255)))
        monkeypatch.setattr(Events, "_stamp", lambda _self: nothing)
        await field.registered()
        for value in (35.5, 21.0, 36.0):
            before = len(field.told)
            set_room(building, value)
            await bench.until(lambda before=before: len(field.told) > before)
            bench.device(VAV).alarms.lost_touch()
            await bench.poll(VAV)
        assert field.kinds == [KIND.RAISED, KIND.CLEARED, KIND.RAISED]
        await field.acknowledge()
        (event,) = events.states.values()
        assert event.acked == [1, 1, 1]


async def test_hundred_alarms_at_once_are_all_confirmed_and_told_once():
    async with building_and_bench(AHU) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, AHU)
        await field.registered(AHU)
        events.flood(100)
        await bench.until(lambda: len(events.outcomes) == 100)
        assert set(events.outcomes) == {"confirmed"}
        await bench.until(lambda: len(field.told) >= 100)
        assert len(field.told) == 100
        events.flood(100)
        await bench.until(lambda: len(field.told) == 200)
        await asyncio.sleep(0)
        states = {a.state for a in bench.booked.book.all_open()}
        assert states == {AlarmState.CLEARED}

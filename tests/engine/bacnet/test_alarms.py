"""A device's alarms are ours: told, asked for after silence, acknowledged at the device."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from bacpypes3.basetypes import (
    DaysOfWeek,
    Destination,
    EventTransitionBits,
    Recipient,
    TimeStamp,
)
from bacpypes3.primitivedata import ObjectIdentifier, Time, Unsigned

from custom_components.plantroom.engine.alarms import journal_writer
from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmState,
    AlarmTransition,
    Condition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.bacnet import alarms as alarms_module
from custom_components.plantroom.engine.bacnet import network, recipients
from custom_components.plantroom.engine.bacnet.octets.event_notifications import (
    EventNotification,
)
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
)
from custom_components.plantroom.engine.bacnet.wire import link
from custom_components.plantroom.engine.errors import DeviceRefusedError
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.storage.devices import DeviceStore
from tests.simulators.building import Building
from tests.simulators.events import Events

from .field_bench import NETWORK, FieldBench, building_and_bench, field_bench

AHU, VAV, FCU = 1001, 2001, 5001
OWN = 4194000
ROOM = f"{NETWORK}:{VAV}:analog-input,1"
FROST = f"{NETWORK}:{AHU}:binary-input,4"
KIND = TransitionKind


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "backoff_seconds", lambda failures: 0.05)
    hasty = partial(ConfirmedRequests, timeout_seconds=0.4, retries=1)
    monkeypatch.setattr(link, "ConfirmedRequests", hasty)


def events_of(building: Building, instance: int) -> Events:
    events = building.device(instance).events
    assert events is not None
    return events


def set_room(building: Building, value: float) -> None:
    building.set(VAV, "analog-input,1", "presentValue", value)


def recipients_of(building: Building, instance: int) -> list[tuple[int, int]]:
    """Return (device, process) of everybody who is told."""
    found = events_of(building, instance).notification_class.recipientList
    return [(int(d.recipient.device[1]), int(d.processIdentifier)) for d in found]


class Alarmed:
    """A network whose devices tell us of their events, and what was told of them."""

    def __init__(self, building: Building, bench: FieldBench) -> None:
        self.building = building
        self.bench = bench

    @property
    def told(self) -> list[AlarmTransition]:
        return self.bench.booked.told

    @property
    def kinds(self) -> list[TransitionKind]:
        return [transition.kind for transition in self.told]

    def alarm(self, alarm_id: str = ROOM) -> Alarm:
        alarm = self.bench.booked.book.get(alarm_id)
        assert alarm is not None
        return alarm

    async def until_kinds(self, *kinds: TransitionKind) -> None:
        await self.bench.until(lambda: self.kinds == list(kinds))

    async def registered(self, instance: int = VAV, **config: Any) -> None:
        """Serve a device that tells us of its events."""
        await self.bench.serve(instance, **{"notification_classes": None} | config)
        await self.bench.until(lambda: recipients_of(self.building, instance))
        await self.bench.online(instance)

    async def acknowledge(self, alarm_id: str = ROOM, actor: str = "Ada") -> None:
        await self.bench.network.acknowledge_alarm(self.alarm(alarm_id), actor)


type Prepare = Callable[[Events], None]


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


async def test_fault_is_told_from_being_off_normal():
    async with building_and_bench(VAV) as (building, bench):
        field = Alarmed(building, bench)
        await field.registered()
        building.set(VAV, "analog-input,1", "reliability", "open-loop")
        await field.until_kinds(KIND.RAISED)
        assert field.alarm().condition is Condition.FAULT
        building.set(VAV, "analog-input,1", "reliability", "no-fault-detected")
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


def _octets(stamp: Any) -> str:
    return bytes(stamp.encode().encode().pduData).hex()


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
        await bench.until(lambda: bench.booked.book.get(ROOM) is None)
        assert field.kinds[:2] == [KIND.RAISED, KIND.CLEARED]


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


def destination(device: int, process: int, *, confirmed: bool = True) -> Any:
    return Destination(
        validDays=DaysOfWeek([1] * 7),
        fromTime=Time((0, 0, 0, 0)),
        toTime=Time((23, 59, 59, 99)),
        recipient=Recipient(device=ObjectIdentifier(("device", device))),
        processIdentifier=Unsigned(process),
        issueConfirmedNotifications=confirmed,
        transitions=EventTransitionBits([1, 1, 1]),
    )


async def test_we_stand_beside_others_and_leave_them_where_they_are():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        events.notification_class.recipientList = [destination(77, 5)]
        await bench.serve(VAV, notification_classes=(1,))
        wanted = [(77, 5), (OWN, 20556)]
        await bench.until(lambda: recipients_of(building, VAV) == wanted)
        await bench.online(VAV)
        await bench.serve()
        assert recipients_of(building, VAV) == [(77, 5)]
        assert field.bench.problem(ProblemCode.ALARMS_REFUSED) is None


async def test_nobody_asked_nobody_registers():
    async with building_and_bench(VAV) as (building, bench):
        await bench.serve(VAV)
        await bench.online(VAV)
        await bench.poll(VAV)
        assert recipients_of(building, VAV) == []
        assert "WriteProperty" not in building.device(VAV).requests_seen()


async def test_place_that_somebody_overwrote_is_taken_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(recipients, "CHECK_SECONDS", 0.0)
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        events.notification_class.recipientList = [destination(77, 5)]
        wanted = [(77, 5), (OWN, 20556)]
        await bench.until(lambda: recipients_of(building, VAV) == wanted)
        narrowed = destination(OWN, 20556)
        narrowed.transitions = EventTransitionBits([1, 0, 0])
        events.notification_class.recipientList = [narrowed, destination(77, 5)]
        await bench.until(lambda: recipients_of(building, VAV) == wanted)
        written = building.device(VAV).requests_seen()["WriteProperty"]
        await bench.poll(VAV)
        assert building.device(VAV).requests_seen()["WriteProperty"] == written


async def test_place_is_given_back_when_it_is_no_longer_wanted(tmp_path):
    async with Building(profile="all", only=(VAV,), speed=0) as building:
        async with field_bench(building.port, folder=tmp_path) as bench:
            await Alarmed(building, bench).registered()
            await bench.until(lambda: bench.device(VAV)._learned.recipient_of == (1,))
        assert recipients_of(building, VAV) == [(OWN, 20556)]
        async with field_bench(building.port, folder=tmp_path) as bench:
            await bench.serve(VAV)
            await bench.until(lambda: recipients_of(building, VAV) == [])


async def test_place_is_remembered_though_we_stop_while_taking_it(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    saved = DeviceStore.save_learned
    saving = asyncio.Event()

    async def save(store: DeviceStore, device_id: str, text: str) -> None:
        if '"recipient_of":[1]' in text.replace(" ", "") and not saving.is_set():
            saving.set()
            await asyncio.sleep(3600)
        await saved(store, device_id, text)

    monkeypatch.setattr(DeviceStore, "save_learned", save)
    async with Building(profile="all", only=(VAV,), speed=0) as building:
        async with field_bench(building.port, folder=tmp_path) as bench:
            await bench.serve(VAV, notification_classes=(1,))
            await bench.until(saving.is_set)
        assert recipients_of(building, VAV) == [(OWN, 20556)]
        async with field_bench(building.port, folder=tmp_path) as bench:
            await bench.serve(VAV)
            await bench.until(lambda: recipients_of(building, VAV) == [])


async def test_class_that_takes_nobody_is_a_problem_until_it_does(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(recipients, "CHECK_SECONDS", 0.0)
    async with building_and_bench(VAV) as (building, bench):
        events = events_of(building, VAV)
        events.notification_class.decide_writes(refused=True)
        await bench.serve(VAV, notification_classes=(1,))
        await bench.until(lambda: bench.problem(ProblemCode.ALARMS_REFUSED))
        problem = bench.problem(ProblemCode.ALARMS_REFUSED)
        assert problem is not None
        assert problem.facts["name"] == "VAV-01"
        assert problem.facts["reason"] == "write-access-denied"
        assert problem.facts["instance"] == "1"
        await bench.online(VAV)
        events.notification_class.decide_writes(refused=False)
        await bench.until(lambda: not bench.problem(ProblemCode.ALARMS_REFUSED))
        assert recipients_of(building, VAV) == [(OWN, 20556)]


async def test_class_that_is_not_there_is_a_problem():
    async with building_and_bench(VAV) as (_, bench):
        await bench.serve(VAV, notification_classes=(9,))
        await bench.until(lambda: bench.problem(ProblemCode.ALARMS_REFUSED))
        problem = bench.problem(ProblemCode.ALARMS_REFUSED)
        assert problem is not None
        assert problem.facts["reason"] == "unknown-object"


async def test_device_whose_alarms_nobody_wants_is_not_asked_and_not_heard():
    async with building_and_bench(VAV) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, VAV)
        await field.registered()
        set_room(building, 35.5)
        await field.until_kinds(KIND.RAISED)
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


async def test_device_behind_a_router_tells_us_of_its_events_too():
    async with building_and_bench("router") as (building, bench):
        field = Alarmed(building, bench)
        await field.registered(FCU)
        building.set(FCU, "analog-input,1", "presentValue", 35.5)
        await field.until_kinds(KIND.RAISED)
        await field.acknowledge(f"{NETWORK}:{FCU}:analog-input,1")
        await field.until_kinds(KIND.RAISED, KIND.ACKNOWLEDGED)


async def test_hundred_alarms_at_once_are_all_confirmed_and_told_once():
    async with building_and_bench(AHU) as (building, bench):
        field, events = Alarmed(building, bench), events_of(building, AHU)
        await field.registered(AHU)
        events.flood(100)
        await bench.until(lambda: len(events.outcomes) == 100)
        assert set(events.outcomes) == {"confirmed"}
        assert len(field.told) == 100
        events.flood(100)
        await bench.until(lambda: len(field.told) == 200)
        await asyncio.sleep(0)
        states = {a.state for a in bench.booked.book.all_open()}
        assert states == {AlarmState.CLEARED}

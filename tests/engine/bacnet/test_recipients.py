"""We stand in recipient lists where that is wanted, beside others, and nowhere else."""

import asyncio

import pytest
from bacpypes3.basetypes import (
    EventTransitionBits,
)

from custom_components.plantroom.engine.bacnet import recipients
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.storage.devices import DeviceStore
from tests.simulators.building import Building

from .alarmed import (
    OWN,
    VAV,
    Alarmed,
    destination,
    events_of,
    recipients_of,
)
from .field_bench import building_and_bench, field_bench

pytestmark = pytest.mark.usefixtures("in_haste")


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

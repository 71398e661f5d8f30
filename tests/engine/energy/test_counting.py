"""Counters are served as totals that go on, and an offset is kept before it is shown."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.energy.meter_setting import set_meter
from custom_components.plantroom.engine.errors import (
    StorageError,
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.models import (
    Access,
    PointKind,
    ProblemCode,
    Quantity,
    ReadingSource,
    StatusFlags,
)
from custom_components.plantroom.engine.requests import AuditQuery, SetMeterRequest
from custom_components.plantroom.engine.storage.meters import MeterStore

from .metering_bench import DEVICE, MeteringBench, counter, measured

ENERGY = f"{DEVICE}:energy"
PULSES = CounterConfig(
    reference="pulses",
    factor=0.01,
    unit="cubic-meters",
    quantity=Quantity.WATER,
    rollover=65536,
)


async def kept(bench: MeteringBench) -> None:
    """Wait until what was written at once is written."""
    if bench.metering._keeping is not None:
        await bench.metering._keeping


async def replaced(bench: MeteringBench, new: float = 3.0) -> None:
    """Let a counter at 5000 be replaced."""
    bench.read(5000.0, "energy")
    bench.pass_by(60)
    for _ in range(8):
        bench.pass_by(10)
        bench.read(new, "energy")
    await kept(bench)


async def test_counter_shows_what_its_meter_says(bench: MeteringBench):
    await bench.serve(counter())
    for value in (4711, 4711.5, 4712):
        bench.read(value, "energy")
        bench.pass_by(60)
    assert bench.told("energy") == [4711, 4711.5, 4712]
    assert bench.points.all() == bench.points.of_device(DEVICE)


async def test_new_meter_goes_on_from_the_total_and_is_told(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    assert bench.shown("energy") == 5000.0
    bench.pass_by(60)
    bench.read(4.5, "energy")
    assert bench.shown("energy") == 5001.5
    problem = bench.problem()
    assert problem is not None
    assert (problem.code, problem.subject) == (ProblemCode.METER_REPLACED, DEVICE)
    assert problem.facts == {
        "name": "Energy",
        "points": ENERGY,
        "old": "5000",
        "new": "3",
        "unit": "kilowatt-hours",
        "at": (bench.now - timedelta(seconds=70)).isoformat(timespec="seconds"),
    }


async def test_new_meter_is_told_again_after_a_restart(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    other = await bench.kill()
    await other.serve(counter())
    assert other.problem() == bench.problem()
    other.read(3.5, "energy")
    assert other.shown("energy") == 5000.5


async def test_old_meter_that_is_back_takes_the_problem_back(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench, new=0.0)
    assert bench.problem() is not None
    for _ in range(8):
        bench.pass_by(10)
        bench.read(5000.5, "energy")
    await kept(bench)
    assert bench.problem() is None
    assert bench.shown("energy") == 5000.5


async def test_offset_is_kept_before_it_is_shown(
    bench: MeteringBench, monkeypatch: pytest.MonkeyPatch
):
    await bench.serve(counter())
    save, may_save = MeterStore.save, asyncio.Event()

    async def slow_save(store: MeterStore, states: dict[str, str]) -> None:
        await may_save.wait()
        await save(store, states)

    monkeypatch.setattr(MeterStore, "save", slow_save)
    saving = asyncio.create_task(replaced(bench))
    await asyncio.sleep(0)
    bench.pass_by(60)
    bench.read(9.0, "energy")
    assert bench.shown("energy") == 5000.0
    may_save.set()
    await saving
    assert bench.shown("energy") == 5006.0
    assert bench.told("energy") == sorted(bench.told("energy"))


async def test_killed_before_the_offset_was_kept_counts_nothing_twice(
    bench: MeteringBench, monkeypatch: pytest.MonkeyPatch
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await bench.metering.keep()

    async def no_save(_store: MeterStore, _states: dict[str, str]) -> None:
        await asyncio.sleep(3600)

    with monkeypatch.context() as patched:
        patched.setattr(MeterStore, "save", no_save)
        for _ in range(8):
            bench.pass_by(10)
            bench.read(3.0, "energy")
        await asyncio.sleep(0)
        assert bench.metering._keeping is not None
        bench.metering._keeping.cancel()
    assert bench.shown("energy") == 5000.0
    other = await bench.kill()
    await other.serve(counter())
    for raw in (3.0, *[4.0] * 8):
        other.pass_by(10)
        other.read(raw, "energy")
    await kept(other)
    assert other.shown("energy") == pytest.approx(5000.0, abs=1.01)


async def test_killed_a_minute_after_the_last_keeping_counts_nothing_twice(
    bench: MeteringBench,
):
    await bench.serve(counter())
    await replaced(bench)
    await bench.metering.keep()
    bench.read(3.75, "energy")
    shown = bench.shown("energy")
    other = await bench.kill()
    await other.serve(counter())
    other.read(4.0, "energy")
    assert (shown, other.shown("energy")) == (5000.75, 5001.0)


async def test_total_is_shown_although_it_cannot_be_kept_and_that_is_said_once(
    bench: MeteringBench,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    await bench.serve(counter())

    async def no_save(_store: MeterStore, _states: dict[str, str]) -> None:
        raise StorageError("disk full", path="x", reason="disk full")

    with monkeypatch.context() as patched:
        patched.setattr(MeterStore, "save", no_save)
        await replaced(bench)
        bench.pass_by(60)
        bench.read(4.0, "energy")
        await bench.wait(120)
    assert bench.shown("energy") == 5001.0
    await bench.wait(60)
    assert caplog.text.count("cannot be kept") == 1
    assert caplog.text.count("is kept again") == 1
    other = await bench.kill()
    await other.serve(counter())
    other.read(5.0, "energy")
    assert other.shown("energy") == 5002.0


async def test_first_zero_of_a_meter_is_shown_once_it_lasts(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(0.0, "energy")
    assert bench.reading("energy") is not None
    assert bench.shown("energy") is None
    await bench.wait(180)
    assert bench.shown("energy") == 0.0


async def test_zero_of_a_meter_that_starts_with_us_never_counts(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(0.0, "energy")
    bench.pass_by(10)
    bench.read(45_000.0, "energy")
    assert bench.told("energy") == [None, 45_000.0]


async def test_kept_total_is_not_shown_before_a_reading_is_believed(
    bench: MeteringBench,
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await bench.metering.keep()
    bench.pass_by(30)
    bench.read(5000.5, "energy")
    other = await bench.kill()
    await other.serve(counter())
    other.read(0.0, "energy")
    assert other.shown("energy") is None
    other.read(5000.6, "energy")
    assert other.told("energy") == [None, 5000.6]


async def test_doubt_ends_when_nothing_else_is_polled(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    bench.pass_by(60)
    bench.read(3.0, "energy")
    await bench.wait(180)
    bench.read(4.0, "energy")
    assert bench.shown("energy") == 5001.0


async def test_doubt_stands_while_its_device_is_silent(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    bench.pass_by(60)
    bench.read(0.0, "energy")
    bench.online(online=False)
    await bench.wait(600)
    bench.read(5000.5, "energy")
    bench.online(online=True)
    assert bench.shown("energy") == 5000.5
    assert bench.told("energy") == [5000.0, 5000.5]
    assert bench.problem() is None


async def test_doubt_stands_while_its_device_is_not_watched(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    bench.pass_by(60)
    bench.read(3.0, "energy")
    bench.watch()
    await bench.wait(600)
    bench.watch("energy")
    bench.read(5000.5, "energy")
    assert bench.shown("energy") == 5000.5
    assert bench.problem() is None


@pytest.mark.parametrize("flags", [{"fault": True}, {"out_of_service": True}])
async def test_total_stays_while_a_counter_is_not_to_be_relied_on(
    bench: MeteringBench, flags: dict[str, bool]
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    bench.read(0.0, "energy", flags=StatusFlags(**flags), reliability="no-sensor")
    await bench.wait(600)
    reading = bench.reading("energy")
    assert reading is not None
    assert (reading.value, reading.reliability) == (5000.0, "no-sensor")
    assert reading.flags == StatusFlags(**flags)
    bench.read(5000.1, "energy")
    assert bench.shown("energy") == 5000.1
    assert bench.problem() is None


async def test_counter_without_a_value_shows_why(bench: MeteringBench):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    bench.read(None, "energy", error="device-busy")
    reading = bench.reading("energy")
    assert reading is not None
    assert (reading.value, reading.error) == (None, "device-busy")
    bench.read(float("inf"), "energy")
    reading = bench.reading("energy")
    assert reading is not None
    assert (reading.value, reading.error) == (None, "value-not-finite")


async def test_networks_see_their_own_reading(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    field = bench.points.field_reading(ENERGY)
    assert field is not None
    assert (field.value, bench.shown("energy")) == (3.0, 5000.0)
    bench.points.update([(ENERGY, field)])
    assert bench.shown("energy") == 5000.0


async def test_bare_counter_is_shown_in_its_unit(bench: MeteringBench):
    pulses = measured("pulses", kind=PointKind.INTEGER, name="Pulses", maximum=65535)
    await bench.serve(pulses, metering=MeteringConfig(counters=(PULSES,)))
    (shown,) = bench.points.all()
    assert (shown.kind, shown.unit) == (PointKind.COUNTER, "cubic-meters")
    assert (shown.quantity, shown.rollover) == (Quantity.WATER, 655.36)
    assert (shown.access, shown.maximum) == (Access.READ_ONLY, None)
    assert bench.points.of_device(DEVICE) == (pulses,)
    for count in (65530, 65535, 4):
        bench.read(count, "pulses")
        bench.pass_by(10)
    await kept(bench)
    assert bench.shown("pulses") == pytest.approx(655.4)
    assert bench.problem() is None


async def test_counter_that_is_named_later_is_shown_in_its_unit_at_once(
    bench: MeteringBench,
):
    await bench.serve(measured("pulses", kind=PointKind.INTEGER))
    bench.read(4711, "pulses")
    await bench.serve(metering=MeteringConfig(counters=(PULSES,)))
    assert bench.shown("pulses") == pytest.approx(47.11)
    await bench.serve()
    assert bench.shown("pulses") == 4711


async def test_counter_with_another_factor_begins_with_its_face(bench: MeteringBench):
    await bench.serve(
        measured("pulses", kind=PointKind.INTEGER),
        metering=MeteringConfig(counters=(PULSES,)),
    )
    bench.read(4711, "pulses")
    litres = CounterConfig(reference="pulses", factor=10.0, unit="liters")
    await bench.serve(metering=MeteringConfig(counters=(litres,)))
    assert bench.shown("pulses") == 47110
    assert bench.problem() is None


async def test_accumulator_begins_again_above_its_maximum(bench: MeteringBench):
    await bench.serve(counter(scale=0.1, maximum=999.9))
    for value in (999.7, 999.9, 0.1):
        bench.read(value, "energy")
        bench.pass_by(10)
    await kept(bench)
    assert bench.shown("energy") == pytest.approx(1000.1)


async def test_energy_of_a_day_begins_again_without_a_word(bench: MeteringBench):
    today = measured("today", unit="kilowatt-hours", quantity=Quantity.NONE)
    await bench.serve(today)
    bench.read(23.5, "today")
    bench.pass_by(10)
    bench.read(0.0, "today")
    assert bench.shown("today") == 23.5
    await bench.wait(120)
    assert bench.shown("today") == 0.0
    assert bench.problem() is None


async def test_energy_that_was_written_is_believed_at_once(bench: MeteringBench):
    budget = measured("budget", unit="kilowatt-hours", access=Access.PLAIN)
    await bench.serve(budget)
    bench.read(23.5, "budget")
    bench.read(0.0, "budget", source=ReadingSource.READ_BACK)
    assert bench.shown("budget") == 0.0
    bench.read(5000.0, "budget", source=ReadingSource.READ_BACK)
    assert bench.shown("budget") == 5000.0


async def test_commanded_energy_is_left_alone(bench: MeteringBench):
    limit = measured("limit", unit="kilowatt-hours", access=Access.COMMANDABLE)
    await bench.serve(limit)
    bench.read(23.5, "limit")
    bench.read(0.0, "limit")
    assert bench.shown("limit") == 0.0
    assert bench.metering.followed == {}


async def test_meters_of_a_device_that_is_gone_begin_anew(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    bench.points.forget_device(DEVICE)
    await bench.metering.configure([])
    await bench.serve(counter())
    bench.read(3.0, "energy")
    assert bench.shown("energy") == 3.0
    assert await MeterStore(bench.database).load() == {}


async def test_state_that_cannot_be_read_begins_anew(bench: MeteringBench):
    await MeterStore(bench.database).save({ENERGY: '{"unit": 7}'})
    other = await bench.kill()
    await other.serve(counter())
    other.read(5000.0, "energy")
    assert other.shown("energy") == 5000.0


async def ask(bench: MeteringBench, total: float | None, reference: str) -> None:
    request = SetMeterRequest(
        point_id=f"{DEVICE}:{reference}", total=total, actor="Ada"
    )
    await set_meter(bench.metering, bench.audit, request)


async def test_total_that_a_person_sets_is_shown_audited_and_kept(
    bench: MeteringBench,
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await ask(bench, 12.5, "energy")
    assert bench.shown("energy") == 12.5
    (row,) = await bench.audit.rows(AuditQuery())
    assert (row.action, row.actor, row.point_id) == ("set_meter", "Ada", ENERGY)
    assert (row.old, row.new, row.detail) == (5000.0, 12.5, "")
    other = await bench.kill()
    await other.serve(counter())
    other.read(5001.0, "energy")
    assert other.shown("energy") == 13.5


async def test_person_who_confirms_a_replacement_settles_it(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    await ask(bench, None, "energy")
    assert bench.problem() is None
    bench.pass_by(60)
    bench.read(4.0, "energy")
    assert bench.shown("energy") == 5001.0
    other = await bench.kill()
    await other.serve(counter())
    assert other.problem() is None


async def test_replacement_that_a_person_announces_goes_on_from_any_reading(
    bench: MeteringBench,
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await ask(bench, None, "energy")
    other = await bench.kill()
    await other.serve(counter())
    other.read(5003.0, "energy")
    await kept(other)
    assert other.shown("energy") == 5000.0
    other.pass_by(60)
    other.read(5004.0, "energy")
    assert other.shown("energy") == 5001.0
    assert other.problem() is None


async def test_energy_made_of_power_can_be_set(bench: MeteringBench):
    power = measured("power", unit="kilowatts", quantity=Quantity.POWER)
    await bench.serve(power)
    bench.read(6.0, source=ReadingSource.COV)
    await ask(bench, 100.0, "power~energy")
    await bench.wait(3600)
    assert bench.shown("power~energy") == pytest.approx(106.0, abs=0.1)
    await ask(bench, 7.0, "power~energy_export")
    assert bench.shown("power~energy_export") == 7.0


@pytest.mark.parametrize(
    ("reference", "total", "error"),
    [
        ("energy", -1.0, WriteRefusedError),
        ("energy", float("nan"), WriteRefusedError),
        ("power~energy", None, WriteRefusedError),
        ("power~demand", 5.0, UnknownTargetError),
        ("power", 5.0, UnknownTargetError),
        ("unread", 5.0, UnknownTargetError),
        ("nothing", 5.0, UnknownTargetError),
    ],
)
async def test_what_cannot_be_set_is_refused_and_nothing_is_audited(
    bench: MeteringBench, reference: str, total: float | None, error: type[Exception]
):
    power = measured("power", unit="kilowatts", quantity=Quantity.POWER)
    energy = MeteringConfig(energy_from=("power",))
    await bench.serve(counter(), counter("unread"), power, metering=energy)
    bench.read(5000.0, "energy")
    with pytest.raises(error):
        await ask(bench, total, reference)
    assert bench.shown("energy") == 5000.0
    assert await bench.audit.rows(AuditQuery()) == ()

"""Counters are served as totals that go on."""

from datetime import timedelta

import pytest

from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.models import (
    Access,
    PointKind,
    ProblemCode,
    Quantity,
    ReadingSource,
)

from .metering_bench import (
    DEVICE,
    ENERGY,
    MeteringBench,
    counter,
    kept,
    measured,
    replaced,
)

PULSES = CounterConfig(
    reference="pulses",
    factor=0.01,
    unit="cubic-meters",
    quantity=Quantity.WATER,
    rollover=65536,
)


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

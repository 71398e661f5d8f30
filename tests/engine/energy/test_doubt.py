"""A reading that may be none is not counted before it is believed."""

import pytest

from custom_components.plantroom.engine.models import StatusFlags

from .metering_bench import MeteringBench, counter


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

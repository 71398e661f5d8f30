"""What was counted outlives the process, and an offset is kept before it is shown."""

import asyncio

import pytest

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.storage.meters import MeterStore

from .metering_bench import (
    DEVICE,
    ENERGY,
    MeteringBench,
    counter,
    kept,
    replaced,
)


async def test_new_meter_is_told_again_after_a_restart(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    other = await bench.kill()
    await other.serve(counter())
    assert other.problem() == bench.problem()
    other.read(3.5, "energy")
    assert other.shown("energy") == 5000.5


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

"""What counts: a watched number of a device that answers, while it is reliable."""

from datetime import timedelta

import pytest

from custom_components.plantroom.engine.models import (
    Health,
    PointKind,
    StatusFlags,
)
from tests.site import point

from .history_bench import HOUR, OTHER, ROOM, TEN, HistoryBench, covered


@pytest.fixture
async def bench():
    made = HistoryBench()
    await made.start()
    yield made
    await made.history.stop()


async def test_mean_is_weighted_by_time(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=45)
    bench.read(24.0)
    bench.wait(minutes=15)
    bench.wait(1)
    hour, going_on = await bench.hours()
    assert (hour.start, hour.complete, hour.covered_seconds) == (TEN, True, 3600.0)
    assert (hour.mean, hour.minimum, hour.maximum) == (21.0, 20.0, 24.0)
    assert (hour.first, hour.last) == (20.0, 24.0)
    assert (going_on.start, going_on.complete) == (TEN + HOUR, False)
    assert (going_on.first, going_on.covered_seconds) == (24.0, 1.0)


async def test_hour_is_covered_from_the_first_reading_on(bench: HistoryBench):
    bench.wait(minutes=20)
    bench.read(20.0)
    bench.wait(minutes=40)
    (hour,) = await bench.hours()
    assert (hour.complete, hour.covered_seconds) == (True, 2400.0)


async def test_nothing_counts_while_the_device_is_silent(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=10)
    bench.device(online=False)
    bench.wait(minutes=30)
    bench.device(online=True)
    bench.wait(minutes=20)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 1800.0


async def test_reading_of_a_silent_device_waits_until_it_is_back(bench: HistoryBench):
    bench.device(online=False)
    bench.read(20.0)
    bench.wait(minutes=10)
    bench.device(online=True)
    bench.wait(minutes=50)
    (hour,) = await bench.hours()
    assert (hour.mean, hour.covered_seconds) == (20.0, 3000.0)


@pytest.mark.parametrize(
    "facts",
    [
        {"error": "unknown-property"},
        {"flags": StatusFlags(fault=True)},
        {"reliability": "no-sensor"},
    ],
    ids=["error", "fault", "unreliable"],
)
async def test_unreliable_value_does_not_count(bench: HistoryBench, facts):
    bench.read(20.0)
    bench.wait(minutes=15)
    bench.read(99.0, **facts)
    bench.wait(minutes=30)
    bench.read(20.0)
    bench.wait(minutes=15)
    (hour,) = await bench.hours()
    assert (hour.maximum, hour.covered_seconds) == (20.0, 1800.0)


async def test_value_that_a_person_tries_counts_as_it_is_shown(bench: HistoryBench):
    bench.read(50.0, flags=StatusFlags(out_of_service=True, fault=True))
    bench.wait(minutes=60)
    (hour,) = await bench.hours()
    assert (hour.mean, hour.covered_seconds) == (50.0, 3600.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e305, "20", None])
async def test_what_is_no_number_does_not_count(bench: HistoryBench, value):
    bench.read(20.0)
    bench.wait(minutes=30)
    bench.read(value)
    bench.wait(minutes=30)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 1800.0


@pytest.mark.parametrize(
    "kind", [PointKind.BINARY, PointKind.MULTI_STATE, PointKind.TEXT]
)
async def test_states_and_texts_have_no_hours(kind):
    bench = HistoryBench()
    await bench.start(point(kind=kind))
    bench.read(True if kind is PointKind.BINARY else 2)
    bench.wait(minutes=60)
    assert await bench.hours() == ()
    await bench.history.stop()


async def test_point_that_nobody_watches_does_not_count(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=15)
    bench.history.watch(frozenset({OTHER}))
    bench.wait(minutes=15)
    bench.read(30.0)
    bench.wait(minutes=30)
    (hour,) = await bench.hours()
    assert (hour.maximum, hour.covered_seconds) == (20.0, 900.0)


async def test_point_watched_again_counts_from_its_next_reading(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=15)
    bench.history.watch(frozenset())
    bench.wait(minutes=15)
    bench.history.watch(frozenset({ROOM}))
    bench.wait(minutes=10)
    # The same value as before: only that it was read is news
    bench.read(20.0)
    bench.wait(minutes=20)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 900.0 + 1200.0


async def test_network_that_begins_anew_vouches_for_nothing(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=15)
    bench.network(Health.STARTING)
    bench.wait(minutes=15)
    bench.network(Health.HEALTHY)
    bench.read(20.0)
    bench.wait(minutes=30)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 2700.0


async def test_another_unit_is_another_history(bench: HistoryBench):
    bench.define(point(unit="degrees-celsius"))
    bench.read(20.0)
    bench.wait(minutes=90)
    assert len(await bench.hours()) == 2
    bench.define(point(unit="degrees-fahrenheit"))
    bench.read(68.0)
    bench.wait(minutes=15)
    await bench.history.save()
    (hour,) = await bench.hours()
    assert (hour.minimum, hour.covered_seconds) == (68.0, 900.0)


async def test_growth_of_a_counter_is_the_difference_of_two_lasts():
    bench = HistoryBench()
    await bench.start(point(kind=PointKind.COUNTER))
    for minute in range(180):
        bench.read(1000 + minute)
        bench.wait(minutes=1)
    lasts = [hour.last for hour in await bench.hours()]
    assert lasts == [1059.0, 1119.0, 1179.0]
    await bench.history.stop()


async def test_removed_device_leaves_its_hours(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=30)
    bench.define(point("analog-value,2"))
    bench.wait(minutes=30)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 1800.0


async def test_clock_that_is_set_forward_leaves_a_gap(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=30)
    bench.set_clock(TEN + timedelta(hours=3, minutes=50))
    bench.wait(minutes=10)
    hours = await bench.hours()
    assert dict(covered(hours)) == {10: 1800.0, 13: 600.0}


async def test_clock_that_is_set_back_counts_no_second_twice(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=30)
    bench.set_clock(TEN + timedelta(minutes=20))
    bench.wait(minutes=40)
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 3600.0


async def test_clock_that_is_set_back_by_hours_keeps_what_saw_more(
    bench: HistoryBench,
):
    bench.read(20.0)
    bench.wait(minutes=90)
    bench.set_clock(TEN + timedelta(minutes=40))
    bench.read(30.0)
    bench.wait(minutes=80)
    hours = await bench.hours()
    assert dict(covered(hours)) == {10: 3600.0, 11: 3600.0}
    assert [hour.mean for hour in hours] == [20.0, 30.0]


async def test_process_that_slept_counts_nothing_of_it(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=10)
    bench.sleep(1800)
    bench.read(30.0)
    bench.wait(minutes=20)
    (hour,) = await bench.hours()
    assert (hour.covered_seconds, hour.mean) == (1800.0, pytest.approx(80 / 3))


async def test_small_correction_of_the_clock_is_followed(bench: HistoryBench):
    bench.read(20.0)
    bench.wait(minutes=30)
    bench.set_clock(bench.at + timedelta(seconds=1.5))
    bench.wait(minutes=30)
    hour, _ = await bench.hours()
    assert hour.covered_seconds == 3600.0

"""Energy and demand are served as points of their device, and survive what happens."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.plantroom.engine.energy.configuration import MeteringConfig
from custom_components.plantroom.engine.models import (
    Health,
    Quantity,
    ReadingSource,
    StatusFlags,
)

from .metering_bench import BEGIN, DEVICE, MeteringBench, counter, measured, power

HOUR = 3600.0


async def test_power_without_a_counter_becomes_energy_and_demand(bench: MeteringBench):
    await bench.serve(power())
    assert bench.references() == [
        "power",
        "power~energy",
        "power~energy_export",
        "power~demand",
        "power~demand_day",
        "power~demand_month",
    ]
    assert [p.reference for p in bench.points.of_device(DEVICE)] == ["power"]
    assert bench.shown("power~energy") == 0.0


async def test_energy_grows_with_a_power_that_stays(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    await bench.wait(HOUR)
    # The last poll's interval is counted when it is certain
    assert bench.shown("power~energy") == pytest.approx(6.0, abs=0.05)
    bench.read(6.0)
    await bench.wait(60)
    assert bench.shown("power~energy") == pytest.approx(6.1, abs=0.05)
    assert bench.told("power~energy") == sorted(bench.told("power~energy"))


async def test_power_given_back_counts_as_export_alone(bench: MeteringBench):
    await bench.serve(power())
    bench.read(-3.0, source=ReadingSource.COV)
    await bench.wait(HOUR)
    bench.read(2.0, source=ReadingSource.COV)
    await bench.wait(HOUR)
    assert bench.shown("power~energy_export") == pytest.approx(3.0, abs=0.001)
    assert bench.shown("power~energy") == pytest.approx(2.0, abs=0.02)


async def test_silent_device_counts_nothing(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    await bench.wait(HOUR)
    bench.online(online=False)
    before = bench.shown("power~energy")
    await bench.wait(10 * HOUR)
    assert bench.shown("power~energy") == before
    bench.online(online=True)
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == pytest.approx(before + 6.0, abs=0.05)


@pytest.mark.parametrize("health", [Health.DOWN, Health.STARTING])
async def test_network_that_is_down_counts_nothing(
    bench: MeteringBench, health: Health
):
    await bench.serve(power())
    bench.read(6.0)
    bench.network(health)
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == 0.0


@pytest.mark.parametrize(
    "facts",
    [
        {"value": None, "error": "unknown-object"},
        {"value": 6.0, "flags": StatusFlags(fault=True)},
        {"value": 6.0, "flags": StatusFlags(out_of_service=True)},
        {"value": float("nan")},
        {"value": "six"},
    ],
)
async def test_power_that_cannot_be_relied_on_counts_nothing(
    bench: MeteringBench, facts: dict[str, object]
):
    await bench.serve(power())
    bench.read(6.0)
    bench.read(**facts)  # type: ignore[arg-type]
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == 0.0


async def test_power_that_nobody_keeps_fresh_counts_nothing(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    bench.watch()
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == 0.0


async def test_watching_a_derived_point_watches_what_it_is_derived_from(
    bench: MeteringBench,
):
    await bench.serve(
        power(), counter(), measured("room"), metering=MeteringConfig(energy_from=())
    )
    assert bench.watch("power~demand_day") == {
        f"{DEVICE}:power~demand_day",
        f"{DEVICE}:power",
        f"{DEVICE}:energy",
    }
    assert bench.watch("room") == {f"{DEVICE}:room"}


async def test_source_known_later_than_it_is_watched_is_watched_then(
    bench: MeteringBench,
):
    await bench.serve()
    bench.watch("power~demand")
    bench.points.define(DEVICE, [power(), counter()])
    # The loop runs what was called soon
    await bench.wait(60)
    assert bench.rewatched == 1
    assert f"{DEVICE}:energy" in bench.metering._watched


async def test_demand_is_unknown_until_nine_tenths_of_the_interval_are_known(
    bench: MeteringBench,
):
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(13 * 60)
    assert bench.reading("power~demand") is not None
    assert bench.shown("power~demand") is None
    await bench.wait(2 * 60)
    assert bench.shown("power~demand") == 8.0
    assert bench.shown("power~demand_day") == 8.0


async def test_demand_is_of_the_minutes_asked_for(bench: MeteringBench):
    await bench.serve(power(), metering=MeteringConfig(demand_minutes=5))
    bench.read(8.0)
    await bench.wait(5 * 60)
    assert bench.shown("power~demand") == 8.0


async def test_demand_follows_the_counter_where_it_is_fine(bench: MeteringBench):
    await bench.serve(power(), counter(resolution=0.001))
    assert "power~energy" not in bench.references()
    bench.read(1000.0, "energy")
    for n in range(1, 121):
        bench.read(5.0)
        bench.pass_by(10)
        bench.read(1000.0 + n * 8.0 * 10 / HOUR, "energy")
        if n % 6 == 0:
            await bench.metering.tick()
    assert bench.shown("power~demand") == pytest.approx(8.0, rel=0.01)


async def test_demand_follows_the_power_where_the_counter_is_coarse(
    bench: MeteringBench,
):
    await bench.serve(power(), counter())
    bench.read(1000.0, "energy")
    for n in range(1, 121):
        bench.read(5.0)
        bench.pass_by(10)
        bench.read(1000.0 + n // 60, "energy")
        if n % 6 == 0:
            await bench.metering.tick()
    assert bench.shown("power~demand") == pytest.approx(5.0, rel=0.01)


async def test_peak_is_read_when_it_was_reached(bench: MeteringBench):
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(HOUR)
    bench.read(2.0, source=ReadingSource.COV)
    await bench.wait(2 * HOUR)
    peak = bench.reading("power~demand_day")
    assert peak is not None
    assert peak.value == 8.0
    assert peak.at <= BEGIN + timedelta(minutes=16)
    assert bench.shown("power~demand") == 2.0


async def test_peak_of_the_day_begins_anew_with_the_first_interval_of_the_day(
    bench: MeteringBench,
):
    bench.now = datetime(2026, 11, 21, 22, tzinfo=UTC)  # 23:00 in Berlin
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(HOUR - 60)
    bench.read(2.0, source=ReadingSource.COV)
    await bench.wait(10 * 60)
    assert bench.shown("power~demand_day") == 8.0
    await bench.wait(7 * 60)
    assert bench.shown("power~demand_day") == 2.0
    assert bench.shown("power~demand_month") == 8.0


@pytest.mark.parametrize(
    ("begin", "hours"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
    ],
)
async def test_peak_of_a_day_on_which_clocks_change_is_of_all_its_hours(
    bench: MeteringBench, begin: datetime, hours: int
):
    bench.now = begin
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(HOUR)
    bench.read(2.0, source=ReadingSource.COV)
    await bench.wait((hours - 1) * HOUR)
    assert bench.shown("power~demand_day") == 8.0
    await bench.wait(17 * 60)
    assert bench.shown("power~demand_day") == 2.0


async def test_peak_of_a_day_without_any_demand_is_unknown(bench: MeteringBench):
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(HOUR)
    bench.online(online=False)
    await bench.wait(24 * HOUR)
    assert bench.shown("power~demand") is None
    assert bench.shown("power~demand_day") is None
    assert bench.shown("power~demand_month") == 8.0


async def test_time_zone_that_changes_is_followed(bench: MeteringBench):
    bench.now = datetime(2026, 11, 30, 22, tzinfo=UTC)
    await bench.serve(power())
    bench.read(8.0)
    await bench.wait(0.5 * HOUR)
    bench.read(2.0, source=ReadingSource.COV)
    await bench.wait(0.3 * HOUR)
    assert bench.shown("power~demand_month") == 8.0
    bench.time_zone = "Asia/Tokyo"
    await bench.wait(60)
    assert bench.shown("power~demand_month") == 2.0


async def test_unknown_time_zone_leaves_the_one_before(
    bench: MeteringBench, caplog: pytest.LogCaptureFixture
):
    zone = bench.metering._local_time.zone
    bench.time_zone = "Mars/Olympus"
    await bench.wait(180)
    assert bench.metering._local_time.zone is zone
    assert caplog.text.count("There is no time zone 'Mars/Olympus'") == 1


async def test_change_of_what_is_asked_applies_at_once(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    await bench.wait(HOUR)
    energy = bench.shown("power~energy")
    await bench.serve(metering=MeteringConfig(energy_from=(), demand_from=()))
    assert bench.references() == ["power"]
    assert bench.shown("power") == 6.0
    assert bench.point_events()[-1].removed[0] == f"{DEVICE}:power~energy"
    await bench.serve(metering=MeteringConfig(demand_from=()))
    assert bench.references() == ["power", "power~energy", "power~energy_export"]
    assert bench.shown("power~energy") == energy


async def test_change_of_what_is_asked_of_a_silent_device_counts_nothing(
    bench: MeteringBench,
):
    await bench.serve(power(), metering=MeteringConfig(demand_from=()))
    bench.read(6.0)
    bench.online(online=False)
    await bench.serve()
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == 0.0
    bench.online(online=True)
    await bench.wait(HOUR)
    assert bench.shown("power~energy") == pytest.approx(6.0, abs=0.05)


async def test_same_points_defined_again_count_on(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    await bench.wait(HOUR / 2)
    bench.points.define(DEVICE, [power()])
    await bench.wait(HOUR / 2)
    assert bench.shown("power~energy") == pytest.approx(6.0, abs=0.05)
    assert len(bench.point_events()) == 1


async def test_forgotten_device_takes_its_derived_points_along(bench: MeteringBench):
    await bench.serve(power())
    bench.read(6.0)
    bench.points.forget_device(DEVICE)
    assert bench.points.all() == ()
    assert bench.points.readings() == ()
    assert bench.metering.followed == {}
    bench.read(7.0)
    await bench.wait(60)
    assert bench.points.readings() == ()


async def test_energy_asked_of_any_power_is_made_with_its_quantity(
    bench: MeteringBench,
):
    fan = power("fan", name="Fan power", unit="watts", quantity=Quantity.NONE)
    sun = power("sun", name="Sun power", quantity=Quantity.POWER_PRODUCTION)
    await bench.serve(fan, sun, metering=MeteringConfig(energy_from=("fan", "sun")))
    found = {p.reference: p for p in bench.points.all()}
    assert found["fan~energy"].quantity is Quantity.ENERGY_IMPORT
    assert found["fan~energy"].name == "Fan energy"
    assert found["sun~energy"].quantity is Quantity.ENERGY_PRODUCTION
    assert found.keys() == {
        "fan", "sun", "fan~energy", "fan~energy_export", "sun~energy",
    }  # fmt: skip
    bench.read(2000.0, "fan")
    await bench.wait(HOUR)
    assert bench.shown("fan~energy") == pytest.approx(2.0, abs=0.02)


async def test_restart_goes_on_from_the_energy_and_invents_nothing(
    bench: MeteringBench,
):
    await bench.serve(power())
    bench.read(6.0)
    await bench.wait(HOUR)
    before = bench.shown("power~energy")
    assert isinstance(before, float)
    other = await bench.kill()
    other.pass_by(5 * HOUR)
    await other.serve(power())
    assert other.shown("power~energy") == before
    other.read(6.0)
    await other.wait(HOUR)
    assert other.shown("power~energy") == pytest.approx(before + 6.0, abs=0.05)


async def test_short_restart_hardly_interrupts_demand_and_keeps_the_peaks(
    bench: MeteringBench,
):
    await bench.serve(power())
    bench.read(9.0)
    await bench.wait(HOUR)
    bench.read(6.0, source=ReadingSource.COV)
    await bench.wait(HOUR)
    other = await bench.kill()
    other.pass_by(30)
    await other.serve(power())
    other.read(6.0)
    await other.wait(120)
    assert other.shown("power~demand") == pytest.approx(6.0)
    assert other.shown("power~demand_day") == 9.0
    assert other.reading("power~demand_day") == bench.reading("power~demand_day")


async def test_clock_set_back_forgets_the_interval_alone(bench: MeteringBench):
    await bench.serve(power())
    bench.read(9.0)
    await bench.wait(HOUR)
    bench.now -= timedelta(hours=3)
    other = await bench.kill()
    await other.serve(power())
    other.read(9.0)
    await other.wait(120)
    assert other.shown("power~demand") is None
    assert other.shown("power~demand_day") == 9.0


async def test_process_that_slept_counts_nothing_of_it(
    bench: MeteringBench, monkeypatch: pytest.MonkeyPatch
):
    module = "custom_components.plantroom.engine.energy.metering"
    await bench.serve(power())
    bench.read(6.0)
    monkeypatch.setattr(f"{module}.TICK_SECONDS", 0.001)
    monkeypatch.setattr(f"{module}.LATE_SECONDS", -1.0)
    await bench.metering.stop()
    await bench.metering.start()
    bench.pass_by(HOUR)
    ticks = len(bench.heard)
    while not bench.metering._devices[DEVICE]._powers[f"{DEVICE}:power"]._trace._lost:
        await bench.database.run(lambda _db: None)
    assert len(bench.heard) >= ticks
    assert bench.shown("power~energy") == 0.0

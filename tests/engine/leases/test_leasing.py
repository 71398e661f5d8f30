"""A leased write ends by itself, at the device, and only where it is still ours."""

from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.events import LeaseChanged, LeaseEnded
from custom_components.plantroom.engine.models import (
    ProblemCode,
    Verdict,
    WriteRequest,
)
from tests.simulators.building import Building
from tests.site import site_of, until

from .lease_bench import (
    BOILER,
    CURVE,
    HOUR,
    SETPOINT,
    VAV,
    impatient,
    plant,
    running,
)


async def test_command_is_relinquished_at_its_priority_when_its_time_is_over(
    building: Building,
):
    async with plant(building) as bench:
        result = await bench.write(23.5, lease_seconds=HOUR)
        assert result.verdict is Verdict.VERIFIED
        (lease,) = bench.leases
        assert (lease.value, lease.priority, lease.actor) == (23.5, 8, "Ada")
        assert bench.slot() == 23.5
        bench.let_an_hour_pass()
        await bench.until_ended()
        assert bench.slot() is None
        rows = await bench.rows("write", "release", "lease_start", "lease_end")
        assert [(r.action, r.verdict, r.actor, r.via) for r in rows] == [
            ("lease_start", "verified", "Ada", ""),
            ("write", "requested", "Ada", ""),
            ("write", "verified", "Ada", ""),
            ("release", "requested", "Ada", "lease"),
            ("release", "verified", "Ada", "lease"),
            ("lease_end", "verified", "Ada", ""),
        ]
        assert rows[-1].detail == "expired"
        ended = [e for e in bench.heard if isinstance(e, LeaseEnded)]
        assert [(e.lease.lease_id, e.cause) for e in ended] == [
            (f"{SETPOINT}@8", "expired")
        ]


async def test_point_without_priorities_gets_back_what_it_had(building: Building):
    async with plant(building) as bench:
        assert bench.curve() == -2
        await bench.write(4, CURVE, lease_seconds=2 * HOUR)
        await bench.write(6, CURVE, lease_seconds=HOUR)
        assert bench.curve() == 6
        bench.let_an_hour_pass()
        await bench.until_ended()
        assert bench.curve() == -2


async def test_value_that_somebody_wrote_since_is_left_alone(building: Building):
    async with plant(building) as bench:
        await bench.write(4, CURVE, lease_seconds=HOUR)
        await bench.write(23.5, lease_seconds=HOUR)
        building.set(BOILER, "integer-value,1", "presentValue", 9)
        building.override(VAV, "analog-value,1", 8, 19.0)
        bench.let_an_hour_pass()
        await bench.until_ended()
        assert (bench.curve(), bench.slot()) == (9, 19.0)
        details = {row.detail for row in await bench.rows("lease_end")}
        assert details == {"expired: not ours any more"}


async def test_priority_of_somebody_else_is_not_touched(building: Building):
    building.override(VAV, "analog-value,1", 5, 17.0)
    async with plant(building) as bench:
        result = await bench.write(23.5, priority=9, lease_seconds=1)
        assert result.verdict is Verdict.OVERRIDDEN
        await bench.until_ended()
        assert (bench.slot(5), bench.slot(9)) == (17.0, None)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 31 * 86400.0, float("nan")])
def test_lease_lasts_a_second_to_a_month(seconds: float):
    with pytest.raises(ConfigurationError, match="lease_seconds"):
        WriteRequest(point_id="a", value=1, lease_seconds=seconds)


def test_release_cannot_be_leased():
    with pytest.raises(ConfigurationError, match="of no use to a release"):
        WriteRequest(point_id="a", value=None, lease_seconds=10)


async def test_later_write_at_the_same_priority_replaces_or_ends_the_lease(
    building: Building,
):
    async with plant(building) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        await bench.write(24.0, lease_seconds=2 * HOUR)
        (lease,) = bench.leases
        assert (lease.value, lease.seconds) == (24.0, 2 * HOUR)
        await bench.write(22.0, priority=10)
        assert len(bench.leases) == 1
        await bench.write(25.0, actor="Bea")
        assert bench.leases == ()
        (row,) = await bench.rows("lease_end")
        assert (row.actor, row.detail) == ("Bea", "replaced")
        assert bench.slot() == 25.0


async def test_release_ends_a_lease_with_and_without_priorities(building: Building):
    async with plant(building) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        await bench.write(4, CURVE, lease_seconds=HOUR)
        await bench.write(None, actor="Bea")
        result = await bench.write(None, CURVE, actor="Bea")
        assert (result.verdict, result.present_value) == (Verdict.VERIFIED, -2)
        assert (bench.leases, bench.slot(), bench.curve()) == ((), None, -2)
        rows = await bench.rows("lease_end")
        assert [(r.actor, r.detail) for r in rows] == [("Bea", "released")] * 2


async def test_point_without_priorities_and_lease_cannot_be_released(
    building: Building,
):
    async with plant(building) as bench:
        with pytest.raises(WriteRefusedError, match="no priorities to release"):
            await bench.write(None, CURVE)


async def test_write_that_is_refused_leaves_the_lease_there_was(building: Building):
    async with plant(building) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        with pytest.raises(WriteRefusedError):
            await bench.write(2300.0, lease_seconds=1)
        (lease,) = bench.leases
        assert lease.value == 23.5


async def test_device_that_is_away_is_released_when_it_is_back(building: Building):
    with impatient():
        async with plant(building) as bench:
            await bench.write(23.5, lease_seconds=HOUR)
            building.unplug(VAV)
            bench.let_an_hour_pass()
            await until(lambda: bench.leases[0].ending == "expired")
            await until(lambda: bench.engine._leasing._attempts)
            building.plug(VAV)
            await bench.until_ended(30)
            assert bench.slot() is None


async def test_person_is_told_of_a_device_that_does_not_let_go(building: Building):
    with impatient(stuck_seconds=0.3):
        async with plant(building) as bench:
            await bench.write(23.5, lease_seconds=HOUR)
            building.unplug(VAV)
            bench.let_an_hour_pass()
            device_id = f"n:{VAV}"
            await until(
                lambda: bench.problems().get(device_id) is ProblemCode.LEASE_STUCK, 90
            )
            (problem,) = bench.engine._problems.all()
            assert problem.facts["count"] == "1"
            assert problem.facts["reason"] == "device_offline"
            building.plug(VAV)
            await bench.until_ended(30)
            await until(lambda: device_id not in bench.problems())
            rows = await bench.rows("lease_failure")
            assert [row.detail for row in rows] == ["expired: device_offline"]


async def test_lease_goes_on_over_a_restart_and_ends_in_time(
    building: Building, tmp_path: Path
):
    async with plant(building, tmp_path) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        await bench.write(4, CURVE, lease_seconds=2 * HOUR)
        before = bench.leases
    assert building.get(VAV, "analog-value,1").value == 23.5
    with impatient():
        async with plant(building, tmp_path) as bench:
            assert bench.leases == before
            assert (await bench.snapshot()).leases == before
            bench.let_an_hour_pass()
            await until(lambda: len(bench.leases) == 1)
            assert (bench.slot(), bench.curve()) == (None, 4)


async def test_lease_whose_time_was_over_meanwhile_ends_at_the_start(
    building: Building, tmp_path: Path
):
    async with plant(building, tmp_path) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        store = bench.engine._leasing._store
        (lease,) = bench.leases
        await store.save(replace(lease, until=lease.since))
    with impatient():
        async with plant(building, tmp_path) as bench:
            await bench.until_ended()
            assert bench.slot() is None


async def test_removed_device_is_released_before_it_is_forgotten(building: Building):
    async with plant(building) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
        await bench.configure(site_of(building, BOILER))
        assert (bench.leases, bench.slot()) == ((), None)
        (row,) = await bench.rows("lease_end")
        assert row.detail == "device_removed"


async def test_lease_of_a_device_that_went_while_we_were_away_is_told_as_failed(
    building: Building, tmp_path: Path
):
    async with plant(building, tmp_path) as bench:
        await bench.write(23.5, lease_seconds=HOUR)
    async with running(building, tmp_path) as bench:
        await bench.configure(site_of(building, BOILER))
        assert bench.leases == ()
        (row,) = await bench.rows("lease_end")
        assert (row.verdict, row.detail) == ("failed", "device_removed: not given back")


async def test_bound_lease_ends_when_its_process_says_that_it_stops(
    building: Building,
):
    async with plant(building) as bench:
        await bench.write(23.5, bound=True)
        await bench.write(4, CURVE, lease_seconds=HOUR)
        assert await bench.engine.call("end_bound_leases") == 0
        assert (bench.slot(), bench.curve()) == (None, 4)
        (row,) = await bench.rows("lease_end")
        assert row.detail == "client_stops"


async def test_bound_lease_outlives_a_restart_that_is_short_enough(
    building: Building, tmp_path: Path
):
    async with plant(building, tmp_path) as bench:
        await bench.write(23.5, bound=True)
    async with plant(building, tmp_path) as bench:
        assert len(bench.leases) == 1
        assert bench.slot() == 23.5
        assert bench.leases[0].ending == ""


async def test_bound_lease_ends_at_the_start_after_its_process_was_away_too_long(
    building: Building, tmp_path: Path
):
    async with plant(building, tmp_path) as bench:
        await bench.write(23.5, bound=True)
        long_ago = bench.leases[0].since.replace(year=2020)
        store = bench.engine._leasing._store
    await bench.engine._database.start()
    await store.see("", long_ago)
    await bench.engine._database.stop()
    with impatient():
        async with plant(building, tmp_path) as bench:
            await bench.until_ended()
            assert bench.slot() is None
            (row,) = await bench.rows("lease_end")
            assert row.detail == "client_gone"


async def test_lease_of_a_client_that_comes_back_in_time_goes_on(building: Building):
    async with plant(building, gone_seconds=10.0) as bench:
        engine = bench.engine
        engine.client_came("ha")
        await bench.write(23.5, bound=True, client="ha")
        await engine.client_went("ha")
        engine.client_came("ha")
        assert bench.engine._leasing.holders.gone_seconds("ha") == 0.0
        assert bench.leases[0].ending == ""


async def test_lease_of_a_client_that_stays_away_ends(building: Building):
    async with plant(building, gone_seconds=10.0) as bench:
        engine = bench.engine
        engine.client_came("ha")
        await bench.write(23.5, bound=True, client="ha")
        await bench.write(4, CURVE, bound=True, client="other")
        engine.client_came("other")
        await engine.client_went("ha")
        # Ten seconds pass at once
        engine._leasing.holders._absent_since["ha"] -= 11.0
        engine._leasing._wake.set()
        await until(lambda: len(bench.leases) == 1)
        assert (bench.slot(), bench.curve()) == (None, 4)


async def test_every_change_of_a_lease_is_told(building: Building):
    async with plant(building) as bench:
        await bench.write(23.5, lease_seconds=1)
        await bench.until_ended()
        told = [
            (type(e), e.lease.ending)
            for e in bench.heard
            if isinstance(e, LeaseChanged | LeaseEnded)
        ]
        assert told == [
            (LeaseChanged, ""),
            (LeaseChanged, "expired"),
            (LeaseEnded, "expired"),
        ]

"""Demand is the mean power of the interval, and is shown when enough of it is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.energy.demand import (
    EnergyCurve,
    demand_of,
    shifted,
)
from custom_components.plantroom.engine.energy.integration import Stretch

QUARTER = 900.0


def add(curve: EnergyCurve, start: float, end: float, kilowatts: float) -> None:
    energy = kilowatts * (end - start) / 3600
    curve.add(Stretch(start=start, end=end, imported=energy))


def curve_of(*parts: tuple[float, float]) -> EnergyCurve:
    """Return a curve of (seconds, kilowatts) from 0 on, in steps of 10 seconds."""
    curve, at = EnergyCurve(QUARTER), 0.0
    for seconds, kilowatts in parts:
        for _ in range(int(seconds / 10)):
            add(curve, at, at + 10, kilowatts)
            at += 10
    return curve


def test_demand_is_the_mean_of_the_last_quarter_of_an_hour():
    curve = curve_of((3600, 1.0), (450, 10.0), (450, 20.0))
    assert curve.demand(4500) == pytest.approx(15.0)
    assert curve.demand(4050) == pytest.approx(5.5)


def test_demand_slides():
    curve = curve_of((900, 0.0), (900, 9.0))
    shown = [curve.demand(900 + 60 * minute) for minute in range(16)]
    assert shown == pytest.approx([0.6 * minute for minute in range(16)])


def test_demand_is_shown_once_nine_tenths_are_known():
    curve = curve_of((800, 6.0))
    assert curve.demand(800) is None
    add(curve, 800, 810, 6.0)
    assert curve.demand(810) == pytest.approx(6.0)


def test_unknown_time_is_no_time_without_load():
    curve = curve_of((900, 6.0))
    add(curve, 980, 1800, 6.0)
    assert curve.demand(1800) == pytest.approx(6.0)
    assert curve.demand(1860) == pytest.approx(6.0)
    assert curve.demand(1900) is None


def test_demand_is_not_shown_while_too_much_is_unknown():
    curve = curve_of((900, 6.0))
    add(curve, 1000, 1800, 6.0)
    assert curve.demand(1800) is None
    assert curve.demand(1100) is None


def test_curve_without_anything_knows_nothing():
    assert EnergyCurve(QUARTER).demand(0) is None


def test_fine_counter_is_preferred_and_a_coarse_one_is_not():
    counted, integrated = curve_of((900, 8.0)), curve_of((900, 4.0))
    assert demand_of(counted, integrated, 900, 0.01) == pytest.approx(8.0)
    assert demand_of(counted, integrated, 900, 0.021) == pytest.approx(4.0)
    assert demand_of(counted, integrated, 900, 0.0) == pytest.approx(4.0)
    assert demand_of(EnergyCurve(QUARTER), integrated, 900, 0.01) == pytest.approx(4.0)
    assert demand_of(counted, EnergyCurve(QUARTER), 900, 1.0) is None


PARTS = st.lists(
    st.tuples(st.floats(1, 300), st.floats(0, 100), st.booleans()), max_size=80
)


@given(PARTS)
def test_demand_is_within_the_power_that_was_known_and_little_is_remembered(
    parts: list[tuple[float, float, bool]],
):
    curve, at = EnergyCurve(QUARTER), 0.0
    recent: list[tuple[float, float]] = []
    for seconds, kilowatts, known in parts:
        at += seconds
        if not known:
            continue
        add(curve, at - seconds, at, kilowatts)
        # A cell of the curve may reach back as far
        recent.append((at, kilowatts))
        demand = curve.demand(at)
        seen = [p for end, p in recent if end >= at - QUARTER - 10]
        if demand is not None:
            assert min(seen) - 1e-6 <= demand <= max(seen) + 1e-6
    assert len(curve._marks) < 400


@given(PARTS, st.floats(-1e6, 1e6))
def test_kept_curve_goes_on_about_where_it_was(
    parts: list[tuple[float, float, bool]], now: float
):
    curve, at = EnergyCurve(QUARTER), 0.0
    for seconds, kilowatts, known in parts:
        at += seconds
        if known:
            add(curve, at - seconds, at, kilowatts)
    restored = EnergyCurve(QUARTER, shifted(curve.kept(at), now))
    assert len(restored._marks) <= 40
    before, after = curve.energy(at), restored.energy(now)
    if before is not None and after is not None:
        assert after == pytest.approx(before, abs=100 * 120 / 3600)

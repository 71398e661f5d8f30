"""Hours are what the values shown add up to, whatever comes when."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.history.hour_trace import (
    HOUR_SECONDS,
    HourFacts,
    HourTrace,
)

BEGIN = 495_000 * HOUR_SECONDS
# On a grid that floats hold exactly, so that sums may be compared
seconds = st.integers(0, 4 * HOUR_SECONDS * 8).map(lambda eighths: eighths / 8)
values = st.none() | st.integers(-1000, 1000).map(float)
readings = st.lists(st.tuples(seconds, values), min_size=1, max_size=30).map(
    lambda found: sorted(found, key=lambda each: each[0])
)


def traced(found: list[tuple[float, float | None]], end: float) -> list[HourFacts]:
    trace = HourTrace(BEGIN)
    hours: list[HourFacts] = []
    for at, value in found:
        hours += trace.take(value, BEGIN + at)
    hours += trace.advance(BEGIN + end)
    last = trace.now()
    return hours if last is None else [*hours, last._replace(until=None)]


def integrated(found: list[tuple[float, float | None]], end: float) -> list[HourFacts]:
    """Return the same, from every stretch between two readings cut at every hour."""
    stretches: dict[int, list[tuple[float, float]]] = {}
    ends = [at for at, _ in found[1:]] + [end]
    for (at, value), until in zip(found, ends, strict=True):
        if value is None:
            continue
        first, last = int(at // HOUR_SECONDS), int(until // HOUR_SECONDS)
        for hour in range(first, last + 1):
            begin = max(at, hour * HOUR_SECONDS)
            length = min(until, (hour + 1) * HOUR_SECONDS) - begin
            # A value is its hour's from the moment it is read, others by their length
            if length > 0 or hour == first:
                stretches.setdefault(hour, []).append((value, length))
    return [_facts(hour, stretches[hour]) for hour in sorted(stretches)]


def _facts(hour: int, shown: list[tuple[float, float]]) -> HourFacts:
    held = [value for value, _ in shown]
    covered = sum(length for _, length in shown)
    weighted = sum(value * length for value, length in shown)
    return HourFacts(
        start=BEGIN + hour * HOUR_SECONDS,
        mean=weighted / covered if covered else held[-1],
        minimum=min(held),
        maximum=max(held),
        first=held[0],
        last=held[-1],
        covered=covered,
    )


@given(readings, st.integers(0, 3 * HOUR_SECONDS))
def test_hours_are_the_integral_of_what_was_shown(
    found: list[tuple[float, float | None]], after: int
):
    end = found[-1][0] + after
    got, wanted = traced(found, end), integrated(found, end)
    assert [each._replace(mean=0.0) for each in got] == [
        each._replace(mean=0.0) for each in wanted
    ]
    for one, other in zip(got, wanted, strict=True):
        assert one.mean == pytest.approx(other.mean, abs=1e-9)


@given(readings, st.lists(seconds, max_size=10))
def test_looking_in_between_changes_nothing(
    found: list[tuple[float, float | None]], looks: list[float]
):
    end = 5.0 * HOUR_SECONDS
    trace, hours = HourTrace(BEGIN), []
    moments: list[tuple[float, int, Any]] = [(at, 1, (value,)) for at, value in found]
    moments += [(at, 0, None) for at in looks]
    for at, _, taken in sorted(moments, key=lambda each: each[:2]):
        if taken is None:
            hours += trace.advance(BEGIN + at)
        else:
            hours += trace.take(taken[0], BEGIN + at)
    hours += trace.advance(BEGIN + end)
    got, wanted = hours, traced(found, end)
    for one, other in zip(got, wanted, strict=False):
        assert one == pytest.approx(other) or one.until is None
    assert [each.covered for each in got] == [
        each.covered for each in wanted if each.start < BEGIN + end
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * HOUR_SECONDS).map(float), values, st.booleans()),
        max_size=30,
    )
)
def test_no_hour_has_more_than_its_seconds_however_time_jumps(
    moments: list[tuple[float, float | None, bool]],
):
    trace, hours = HourTrace(BEGIN), []
    for at, value, jumps in moments:
        if jumps:
            hours += trace.skip(BEGIN + at)
        hours += trace.take(value, BEGIN + at)
    hours += trace.advance(BEGIN + 4 * HOUR_SECONDS)
    for each in hours:
        assert each.start % HOUR_SECONDS == 0
        assert 0.0 <= each.covered <= HOUR_SECONDS
        assert each.minimum <= each.mean <= each.maximum


def test_value_that_never_changes_has_itself_as_mean():
    hours = traced([(0.0, 0.1)], 2 * HOUR_SECONDS)
    assert {(each.mean, each.first, each.last, each.covered) for each in hours} == {
        (0.1, 0.1, 0.1, 3600.0)
    }


def test_large_counter_loses_no_digits():
    start = 123_456_789_012.0
    found = [(each * 60.0, start + each) for each in range(60)]
    (hour,) = traced(found, HOUR_SECONDS)
    assert (hour.first, hour.last) == (start, start + 59)
    assert hour.mean == start + 29.5


def test_value_read_at_the_full_hour_is_the_new_hours():
    before, after = traced([(0.0, 1.0), (3600.0, 2.0)], 7200.0)
    assert (before.last, before.maximum, before.covered) == (1.0, 1.0, 3600.0)
    assert (after.first, after.minimum, after.covered) == (2.0, 2.0, 3600.0)


def test_kept_hour_goes_on():
    kept = traced([(0.0, 10.0)], 1200.0)[0]
    trace = HourTrace(BEGIN + 1800.0, kept)
    trace.take(40.0, BEGIN + 1800.0)
    (hour,) = trace.advance(BEGIN + 3600.0)
    assert (hour.mean, hour.minimum, hour.maximum) == (28.0, 10.0, 40.0)
    assert (hour.first, hour.last, hour.covered) == (10.0, 40.0, 3000.0)

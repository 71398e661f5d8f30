"""A sum goes on over hours as the recorder would have counted."""

import pytest

from custom_components.plantroom.statistics.counters import (
    CounterHour,
    CounterRow,
    growth,
    lost_growth,
    next_row,
    sums_leading_to,
)


def hour(last: float, maximum: float | None = None) -> CounterHour:
    return CounterHour(maximum=last if maximum is None else maximum, last=last)


@pytest.mark.parametrize(
    ("before", "after", "increasing", "grown"),
    [
        (100.0, hour(107.0), True, 7.0),
        (100.0, hour(100.0), True, 0.0),
        # A little less is what a rounding meter shows, not a new beginning
        (100.0, hour(99.0), True, -1.0),
        (100.0, hour(3.0, 104.0), True, 7.0),
        (100.0, hour(3.0), True, 3.0),
        (100.0, hour(3.0, 104.0), False, -97.0),
    ],
)
def test_growth_is_what_the_recorder_would_count(before, after, increasing, grown):
    assert growth(before, after, increasing=increasing) == grown


def test_row_says_the_same_whether_the_recorder_or_a_repair_made_it():
    before = CounterRow(state=100.0, sum=10.0)
    flat = before
    repaired = next_row(before, hour(104.0), increasing=True)
    after = hour(109.0)
    assert next_row(flat, after, increasing=True) == next_row(
        repaired, after, increasing=True
    )


def test_only_growth_that_is_missing_counts_as_lost():
    expected = CounterRow(state=5.0, sum=20.0)
    assert lost_growth(expected, CounterRow(state=6.0, sum=18.0)) == pytest.approx(3.0)
    assert lost_growth(expected, CounterRow(state=6.0, sum=21.0)) == 0.0
    assert lost_growth(expected, CounterRow(state=6.0, sum=90.0)) == 0.0


def test_past_leads_to_the_sum_that_is_there():
    anchor = CounterRow(state=112.0, sum=0.0)
    rows = sums_leading_to(
        [hour(100.0), hour(104.0), hour(110.0)], anchor, increasing=True
    )
    assert [row.sum for row in rows] == [-12.0, -8.0, -2.0]


def test_no_past_leads_nowhere():
    anchor = CounterRow(state=112.0, sum=0.0)
    assert sums_leading_to([], anchor, increasing=True) == []

"""Whole hours of UTC."""

from datetime import UTC, datetime, timedelta, timezone

from custom_components.plantroom.statistics.hours import (
    HOUR,
    hour_of,
    hours_touched,
    runs_of,
    seconds_within,
    without,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_hour_is_one_of_utc_wherever_the_clock_is():
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert hour_of(NOON.astimezone(nepal) + timedelta(minutes=50)) == NOON


def test_hour_that_an_outage_ends_with_is_not_touched_by_it():
    assert hours_touched(NOON, NOON) == ()
    assert hours_touched(NOON + HOUR / 2, NOON + HOUR) == (NOON,)
    assert hours_touched(NOON + HOUR / 2, NOON + HOUR * 1.5) == (NOON, NOON + HOUR)


def test_seconds_within_an_hour_are_those_shared_with_it():
    assert seconds_within(NOON, NOON - HOUR, NOON + HOUR / 4) == 900
    assert seconds_within(NOON, NOON - HOUR, NOON + 2 * HOUR) == 3600
    assert seconds_within(NOON, NOON - HOUR, NOON) == 0


def test_runs_end_at_every_gap():
    hours = [NOON, NOON + 3 * HOUR, NOON + HOUR, NOON]
    assert runs_of(hours) == [(NOON, NOON + HOUR), (NOON + 3 * HOUR,)]
    assert runs_of([]) == []


def test_what_is_in_no_gap_is_left_though_gaps_overlap():
    quarter = HOUR / 4
    gaps = [
        (NOON + 2 * quarter, NOON + 3 * quarter),
        (NOON - HOUR, NOON + quarter),
        (NOON, NOON + quarter),
    ]
    assert without(NOON, NOON + HOUR, gaps) == [
        (NOON + quarter, NOON + 2 * quarter),
        (NOON + 3 * quarter, NOON + HOUR),
    ]
    assert without(NOON, NOON + HOUR, [(NOON, NOON + HOUR)]) == []

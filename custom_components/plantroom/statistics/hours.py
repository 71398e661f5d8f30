"""Whole hours of UTC, which is what long-term statistics are made of."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

HOUR: Final = timedelta(hours=1)


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour that a moment is in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_touched(start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Return the hours that share any time with [start, end), oldest first."""
    hours = []
    hour = hour_of(start)
    while hour < end:
        hours.append(hour)
        hour += HOUR
    return tuple(hours)


def without(
    start: datetime, end: datetime, gaps: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """Return what of [start, end) is in no gap, oldest first; gaps may overlap."""
    left = []
    for gap_start, gap_end in sorted(gaps):
        if gap_start > start:
            left.append((start, min(gap_start, end)))
        start = max(start, gap_end)
        if start >= end:
            break
    if start < end:
        left.append((start, end))
    return [(a, b) for a, b in left if a < b]


def seconds_within(hour: datetime, start: datetime, end: datetime) -> float:
    """Return for how many seconds of an hour [start, end) lasts."""
    overlap = min(end, hour + HOUR) - max(start, hour)
    return max(0.0, overlap.total_seconds())


def runs_of(hours: Iterable[datetime]) -> list[tuple[datetime, ...]]:
    """Return hours in runs without a gap between, oldest first."""
    kept = sorted(set(hours))
    ends = [i for i, (a, b) in enumerate(pairwise(kept), start=1) if b - a > HOUR]
    bounds = pairwise([0, *ends, len(kept)])
    return [tuple(kept[a:b]) for a, b in bounds if a < b]

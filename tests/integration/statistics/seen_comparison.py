"""Hours of which nobody saw all: what they say must have been, and nothing besides."""

from datetime import datetime, timedelta
from itertools import pairwise
from math import isclose
from typing import Any

from custom_components.plantroom.engine.models import Point
from custom_components.plantroom.statistics.hours import without

from .comparison import COUNTED, MEASURED, Comparison, measured, whole_hours
from .home import Home
from .plant import HOUR

# A recorder makes an hour of five minutes, each of which has its whole weight; and as
# long may pass until a device is known to be silent
PERIOD_SECONDS = 300.0
# The recorder is waited for as often: what it had not written when it was killed is lost
KEPT_WITHIN = timedelta(seconds=PERIOD_SECONDS)

type Times = list[tuple[datetime, datetime]]


async def compare_seen(home: Home, since: datetime, dark: Times) -> Comparison:
    """Compare every hour that is over; dark: when nobody saw anything."""
    hours = whole_hours(home, since)
    wrong: list[str] = []
    for point in MEASURED:
        rows = await home.statistics(point.point_id)
        wrong += [
            w for hour in hours if (w := _measured(home, point, hour, rows, dark))
        ]
    counted = 0
    for point in COUNTED:
        rows = await home.statistics(point.point_id)
        ends = [h for h in hours if not any(a <= h + HOUR <= b for a, b in dark)]
        counted += len(ends)
        wrong += _counted(home, point, ends, rows)
    return Comparison(compared=len(MEASURED) * len(hours) + counted, wrong=tuple(wrong))


def _measured(
    home: Home, point: Point, hour: datetime, rows: dict[datetime, Any], dark: Times
) -> str | None:
    seen = without(hour, hour + HOUR, dark)
    if seen == [(hour, hour + HOUR)]:
        return measured(home, point, hour, rows)
    row = rows.get(hour)
    shown = [part for a, b in seen for part in _shown(home, point, a, b)]
    seconds = sum(part for _, part in shown)
    if row is None:
        lost = seconds > PERIOD_SECONDS
        return f"{point.name} of {hour:%d %H:%M} is lost" if lost else None
    values = [value for value, _ in shown]
    # What reached the disk last is shown until somebody notices that nobody sees it
    for a, b in dark:
        if a < hour + HOUR and b > hour:
            values += _seen_around(home, point, a)
    low, high = min(values), max(values)
    mean = sum(v * s for v, s in shown) / seconds if seconds else values[0]
    off = 2 * PERIOD_SECONDS / (seconds + PERIOD_SECONDS) * (high - low)
    if low <= row.min and row.max <= high and abs(row.mean - mean) <= off + 1e-6:
        return None
    said = (row.mean, row.min, row.max)
    return f"{point.name} of {hour:%d %H:%M} is {said}, seen were {(mean, low, high)}"


def _counted(
    home: Home, point: Point, ends: list[datetime], rows: dict[datetime, Any]
) -> list[str]:
    """Hold the sums at the ends of hours that were seen to what was counted between."""
    wrong = []
    for before, hour in pairwise(ends):
        real, passing = 0.0, before
        while passing < hour:
            passing += HOUR
            real += home.plant.truth(point.point_id, passing).grown
        row, first = rows.get(hour), rows.get(before)
        grown = None if row is None or first is None else row.sum - first.sum
        if grown is None or not isclose(grown, real, abs_tol=1e-6):
            wrong.append(
                f"{point.name} up to {hour:%d %H:%M} grew by {grown}, really {real}"
            )
    return wrong


def _shown(
    home: Home, point: Point, start: datetime, end: datetime
) -> list[tuple[float, float]]:
    """Return what a point showed within [start, end), and for how many seconds."""
    shown = home.plant.shown[point.point_id]
    ends = [*(at for at, _ in shown[1:]), end]
    return [
        (value, (min(until, end) - max(at, start)).total_seconds())
        for (at, value), until in zip(shown, ends, strict=True)
        if max(at, start) < min(until, end)
    ]


def _seen_around(home: Home, point: Point, at: datetime) -> list[float]:
    """Return what may be the last that anybody kept of a point before a kill."""
    shown = home.plant.shown[point.point_id]
    ends = [*(start for start, _ in shown[1:]), at + KEPT_WITHIN]
    return [
        value
        for (start, value), end in zip(shown, ends, strict=True)
        if start <= at and end > at - KEPT_WITHIN
    ]

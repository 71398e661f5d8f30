"""What a recorder's hours say, held against what really happened."""

from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any

from custom_components.plantroom.engine.models import Point

from ..office import METER, TEMPERATURE
from .home import Home
from .plant import DAILY, HOUR, PRESSURE

MEASURED = (TEMPERATURE, PRESSURE)
COUNTED = (METER, DAILY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many hourly statistics were compared, and which were wrong."""

    compared: int
    wrong: tuple[str, ...]


async def compare(home: Home, since: datetime) -> Comparison:
    """Compare every hour that is over, of every statistic, from a whole hour on."""
    hours = whole_hours(home, since)
    wrong: list[str] = []
    for point in MEASURED:
        rows = await home.statistics(point.point_id)
        wrong += [w for hour in hours if (w := measured(home, point, hour, rows))]
    for point in COUNTED:
        rows = await home.statistics(point.point_id)
        wrong += [w for hour in hours[1:] if (w := _counted(home, point, hour, rows))]
    compared = len(MEASURED) * len(hours) + len(COUNTED) * (len(hours) - 1)
    return Comparison(compared=compared, wrong=tuple(wrong))


def whole_hours(home: Home, since: datetime) -> list[datetime]:
    """Return the hours that are over, from a whole hour on."""
    until = home.plant.at.replace(minute=0, second=0, microsecond=0)
    hours = []
    while since < until:
        hours.append(since)
        since += HOUR
    return hours


async def counted_in_all(home: Home) -> dict[str, tuple[float, float]]:
    """Return, of each counter, what was counted from the first row to the last.

    As the recorder's sums say, and as it really was.
    """
    counted = {}
    for point in COUNTED:
        rows = await home.statistics(point.point_id)
        first, last = min(rows), max(rows)
        said = rows[last].sum - rows[first].sum
        hour, real = first + HOUR, 0.0
        while hour <= last:
            real += home.plant.truth(point.point_id, hour).grown
            hour += HOUR
        counted[point.name] = (said, real)
    return counted


def measured(
    home: Home, point: Point, hour: datetime, rows: dict[datetime, Any]
) -> str | None:
    """Return what is wrong with an hour of a measurement, None when nothing is."""
    truth, row = home.plant.truth(point.point_id, hour), rows.get(hour)
    real = (truth.mean, truth.minimum, truth.maximum)
    said = (None,) * 3 if row is None else (row.mean, row.min, row.max)
    pairs = zip(said, real, strict=True)
    if all(s is not None and isclose(s, r, rel_tol=1e-6) for s, r in pairs):
        return None
    return f"{point.name} of {hour:%d %H:%M} is {said}, was {real}"


def _counted(
    home: Home, point: Point, hour: datetime, rows: dict[datetime, Any]
) -> str | None:
    truth = home.plant.truth(point.point_id, hour)
    row, before = rows.get(hour), rows.get(hour - HOUR)
    grown = None if row is None or before is None else row.sum - before.sum
    if grown is not None and isclose(grown, truth.grown, abs_tol=1e-6):
        return None
    return f"{point.name} of {hour:%d %H:%M} grew by {grown}, really {truth.grown}"

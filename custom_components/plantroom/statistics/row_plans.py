"""The rows that a statistic ought to have, held against those that it has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Final

from homeassistant.components.recorder.models import StatisticData

from .better_hours import BetterHours
from .counters import CounterRow
from .recorder_rows import MeasuredRow
from .subjects import Subject
from .sums import SumPlan

# Databases may keep fewer digits than Python
_DIGITS: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlan:
    """rows: to be written. lost: from when on all sums are too small, and by how much.

    lacking: hours that are not recorded so yet, which is none once it is written.
    """

    rows: tuple[StatisticData, ...]
    lost: tuple[tuple[datetime, float], ...] = ()
    lacking: frozenset[datetime]


def plan_means(
    subject: Subject,
    better: BetterHours,
    hours: Iterable[datetime],
    recorded: Mapping[datetime, MeasuredRow],
) -> RowPlan:
    """Return the rows of a measurement.

    Where the engine may have forgotten its last minute, what the recorder has as
    lowest and highest value counts as well.
    """
    rows: list[StatisticData] = []
    for start in hours:
        row = _mean_row(subject, better, start, recorded.get(start))
        if row is not None:
            rows.append(row)
    return RowPlan(
        rows=tuple(rows),
        lacking=frozenset(
            row["start"] for row in rows if not _is_recorded(row, recorded)
        ),
    )


def sums_as_rows(plan: SumPlan, recorded: Mapping[datetime, CounterRow]) -> RowPlan:
    """Return the rows of a counter."""
    wrong = {
        start for start, row in plan.rows if not _is_same(row, recorded.get(start))
    }
    return RowPlan(
        rows=tuple(
            StatisticData(start=start, state=row.state, sum=row.sum)
            for start, row in plan.rows
        ),
        lost=plan.lost,
        lacking=frozenset(wrong | {start for start, _ in plan.lost}),
    )


def _mean_row(
    subject: Subject, better: BetterHours, start: datetime, own: MeasuredRow | None
) -> StatisticData | None:
    hour = better.of(subject, start)
    if hour is not None:
        return subject.mean_row(hour)
    hour = better.nearly_of(subject, start)
    if hour is None:
        return None
    row = subject.mean_row(hour)
    if own is not None:
        row["min"] = min(row["min"] or 0.0, own.minimum)
        row["max"] = max(row["max"] or 0.0, own.maximum)
    return row


def _is_recorded(row: StatisticData, recorded: Mapping[datetime, MeasuredRow]) -> bool:
    own = recorded.get(row["start"])
    if own is None:
        return False
    wanted = (row["mean"], row["min"], row["max"])
    return all(
        isclose(value, kept, rel_tol=_DIGITS, abs_tol=_DIGITS)
        for value, kept in zip(wanted, own, strict=True)
    )


def _is_same(row: CounterRow, own: CounterRow | None) -> bool:
    if own is None:
        return False
    pairs = ((row.state, own.state), (row.sum, own.sum))
    return all(isclose(a, b, rel_tol=_DIGITS, abs_tol=_DIGITS) for a, b in pairs)

"""Which sums the hours around an outage ought to have."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .counters import CounterHour, CounterRow, lost_growth, next_row


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFacts:
    """One hour of a counter.

    end_unseen, begin_unseen: whether an outage hid the end of this hour, of the hour
    before. known: what the engine saw, None when less than the recorder did.
    recorded: the recorder's row, None when it has none.
    """

    start: datetime
    end_unseen: bool
    begin_unseen: bool
    known: CounterHour | None
    recorded: CounterRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SumPlan:
    """Rows to be written, and by how much all sums from an hour on are too small.

    The rows hold what the sums are once what is lost was added.
    """

    rows: tuple[tuple[datetime, CounterRow], ...]
    lost: tuple[tuple[datetime, float], ...]


def plan_sums(
    before: CounterRow | None, hours: Iterable[HourFacts], *, increasing: bool
) -> SumPlan:
    """Return what hours without a gap between, oldest first, need.

    before: the last row that is recorded before them. A row says what the counter
    showed and its sum then, so it does not matter which of them the sum goes on from,
    nor whether the recorder made it or an earlier repair: doing it again changes
    nothing. Hours whose end was seen are right, but for what was counted unseen before
    a counter began anew.
    """
    row, offset = before, 0.0
    rows: list[tuple[datetime, CounterRow]] = []
    lost: list[tuple[datetime, float]] = []
    for hour in hours:
        own = _shifted(hour.recorded, offset)
        if not hour.end_unseen:
            missing = _missing(row, hour.known, own) if increasing else 0.0
            if missing:
                lost.append((hour.start, missing))
                offset += missing
            row = _shifted(own, missing) or row
            continue
        if row is None or not hour.begin_unseen:
            row = own or row
        if row is None or hour.known is None:
            continue
        row = next_row(row, hour.known, increasing=increasing)
        rows.append((hour.start, row))
    return SumPlan(rows=tuple(rows), lost=tuple(lost))


def _missing(
    row: CounterRow | None, known: CounterHour | None, own: CounterRow | None
) -> float:
    if row is None or known is None or own is None:
        return 0.0
    return lost_growth(next_row(row, known, increasing=True), own)


def _shifted(row: CounterRow | None, offset: float) -> CounterRow | None:
    return None if row is None else replace(row, sum=row.sum + offset)

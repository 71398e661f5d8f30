"""How the sum of a counter goes on from hour to hour, as the recorder would count."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# The recorder takes a counter for started anew when it shows less than this share
# of before (components/sensor/recorder.py, reset_detected)
_STARTED_ANEW: Final = 0.9
# Below this share of what a counter shows, two sums differ by rounding alone
_ROUNDING: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRow:
    """What a counter showed at the end of a period, and its sum then."""

    state: float
    sum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterHour:
    """What a counter showed within an hour: at most, and when it ended."""

    maximum: float
    last: float


def growth(before: float, hour: CounterHour, *, increasing: bool) -> float:
    """Return what an hour adds to the sum, after a state before.

    increasing: state class total_increasing, a fall means that counting began at zero
    again; otherwise a fall is a fall.
    """
    if not increasing or hour.last >= _STARTED_ANEW * before:
        return hour.last - before
    return max(0.0, hour.maximum - before) + max(0.0, hour.last)


def next_row(row: CounterRow, hour: CounterHour, *, increasing: bool) -> CounterRow:
    """Return the row of an hour that follows a row."""
    grown = growth(row.state, hour, increasing=increasing)
    return CounterRow(state=hour.last, sum=row.sum + grown)


def lost_growth(expected: CounterRow, recorded: CounterRow) -> float:
    """Return by how much the recorder's sum is too small, 0.0 when it is not.

    Both rows are of one hour. The recorder counts from the last state that it saw: it
    knows nothing of what was counted after that and before the counter began anew.
    """
    lost = (expected.sum - expected.state) - (recorded.sum - recorded.state)
    scale = max(1.0, abs(expected.state), abs(recorded.state))
    return lost if lost > _ROUNDING * scale else 0.0


def sums_leading_to(
    hours: Iterable[CounterHour], anchor: CounterRow, *, increasing: bool
) -> list[CounterRow]:
    """Return the rows of hours before an anchor, so that its sum follows theirs.

    anchor: the first row that is recorded already.
    """
    rows: list[CounterRow] = []
    for hour in hours:
        if not rows:
            rows.append(CounterRow(state=hour.last, sum=0.0))
        else:
            rows.append(next_row(rows[-1], hour, increasing=increasing))
    if not rows:
        return rows
    there = CounterHour(maximum=anchor.state, last=anchor.state)
    shift = anchor.sum - next_row(rows[-1], there, increasing=increasing).sum
    return [CounterRow(state=row.state, sum=row.sum + shift) for row in rows]

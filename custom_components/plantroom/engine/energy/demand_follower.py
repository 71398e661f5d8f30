"""The demand of one power as it is served, with its peaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..models import Reading, ReadingSource
from .demand import EnergyCurve, Mark, demand_of, shifted
from .derived_points import DemandPoints
from .integration import CounterTrace
from .kept import KeptForm
from .moment import Moment
from .peaks import Peak, Period, name_of, raised

DECIMALS: Final = 3
SECONDS_A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What is kept; the times of marks are seconds from at."""

    at: datetime
    minutes: int
    integrated: tuple[Mark, ...] = ()
    counted: tuple[Mark, ...] = ()
    peaks: dict[Period, Peak]


_FORM = KeptForm(_Record)


class DemandFollower:
    """Takes the demand from a counter where it is fine enough, else from power."""

    def __init__(
        self, points: DemandPoints, minutes: int, kept: str | None, moment: Moment
    ) -> None:
        """Take the points, the interval, what was kept, and this moment."""
        self.points = points
        self._minutes = minutes
        self._seconds = float(minutes * SECONDS_A_MINUTE)
        self._counter = CounterTrace()
        self._quantum = 0.0
        self._kilowatts: float | None = None
        self._names: dict[Period, str] = {}
        self._peaks: dict[Period, Peak] = {}
        self.integrated = EnergyCurve(self._seconds)
        self._counted = EnergyCurve(self._seconds)
        record = _FORM.decode(kept)
        if record is not None and record.minutes == minutes:
            self._take_kept(record, moment)

    def count(
        self, total: float | None, quantum: float, moment: Moment, interval: float
    ) -> None:
        """Take the total of a counter of the same energy, None while it is unknown.

        Both in kilowatt-hours; quantum: its smallest step. interval: seconds between
        polls.
        """
        self._quantum = quantum
        if total is None:
            self._counter.lose()
            return
        for stretch in self._counter.take(total, moment.steady, interval):
            self._counted.add(stretch)

    def forget_total(self) -> None:
        """Begin with the counter's next total as if it were the first."""
        self._counter.forget()

    def advance(self, moment: Moment, lag: float, zone: tzinfo) -> None:
        """Judge the interval that ended lag seconds ago.

        A peak belongs to the day and month in which its interval began.
        """
        end = moment.steady - lag
        for stretch in self._counter.advance(end):
            self._counted.add(stretch)
        self._kilowatts = _rounded(
            demand_of(self._counted, self.integrated, end, self._quantum)
        )
        began = moment.at - timedelta(seconds=lag + self._seconds)
        local = began.astimezone(zone)
        for period in Period:
            name = self._names[period] = name_of(period, local)
            if self._kilowatts is not None:
                self._peaks[period] = raised(
                    self._peaks.get(period), name, self._kilowatts, moment.at
                )

    def readings(self, moment: Moment) -> Iterator[tuple[str, Reading]]:
        """Return what people see; a peak's reading is of when it was reached."""
        yield self.points.demand.point_id, _reading(self._kilowatts, moment.at)
        for period, point in (
            (Period.DAY, self.points.day),
            (Period.MONTH, self.points.month),
        ):
            peak = self._peaks.get(period)
            if peak is None or peak.name != self._names.get(period, peak.name):
                yield point.point_id, _reading(None, moment.at)
            else:
                yield point.point_id, _reading(peak.kilowatts, peak.at)

    def record(self, moment: Moment) -> str:
        """Return what has to be kept."""
        return _FORM.encode(
            _Record(
                at=moment.at,
                minutes=self._minutes,
                integrated=self.integrated.kept(moment.steady),
                counted=self._counted.kept(moment.steady),
                peaks=self._peaks,
            )
        )

    def _take_kept(self, record: _Record, moment: Moment) -> None:
        self._peaks = dict(record.peaks)
        age = (moment.at - record.at).total_seconds()
        if age < 0:
            # The clock was set back: nobody knows how long ago that was
            return
        by = moment.steady - age
        self.integrated = EnergyCurve(self._seconds, shifted(record.integrated, by))
        self._counted = EnergyCurve(self._seconds, shifted(record.counted, by))


def _rounded(kilowatts: float | None) -> float | None:
    return None if kilowatts is None else round(kilowatts, DECIMALS)


def _reading(kilowatts: float | None, at: datetime) -> Reading:
    return Reading(value=kilowatts, at=at, source=ReadingSource.DERIVED)

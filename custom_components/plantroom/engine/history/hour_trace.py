"""What one point showed, hour by hour of UTC; pure: values and moments in, hours out."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

HOUR_SECONDS: Final = 3600


class HourFacts(NamedTuple):
    """What was shown in one hour; start: seconds since 1970, a whole hour.

    until: up to when the value that is shown now was counted, None while none is known.
    """

    start: int
    mean: float
    minimum: float
    maximum: float
    first: float
    last: float
    covered: float
    until: float | None = None


class PointHour(NamedTuple):
    """An hour of a point; unit: that its values are in."""

    point_id: str
    unit: str
    facts: HourFacts


class HourTrace:
    """Adds up one point; a value counts from when it is taken until the next one.

    Moments are seconds since 1970. One that is before what was counted already adds
    nothing, so that no second is ever counted twice.
    """

    __slots__ = (
        "_covered",
        "_first",
        "_last",
        "_maximum",
        "_minimum",
        "_start",
        "_until",
        "_value",
        "_weighted",
    )

    def __init__(self, at: float, kept: HourFacts | None = None) -> None:
        """Begin at a moment with no value known, or go on with an hour that was kept."""
        self._value: float | None = None
        self._until = at
        self._start: int | None = None
        self._first = self._last = self._minimum = self._maximum = 0.0
        # Relative to the first value: large counters lose no digits
        self._weighted = self._covered = 0.0
        if kept is not None:
            self._start = kept.start
            self._first, self._last = kept.first, kept.last
            self._minimum, self._maximum = kept.minimum, kept.maximum
            self._covered = kept.covered
            self._weighted = (kept.mean - kept.first) * kept.covered

    @property
    def knows(self) -> bool:
        """Return whether a value is shown now."""
        return self._value is not None

    @property
    def hour(self) -> int | None:
        """Return when the hour that goes on began, None without one."""
        return self._start

    def take(self, value: float | None, at: float) -> Sequence[HourFacts]:
        """Show a value from a moment on, None for an unknown one; return hours ended."""
        ended = self.advance(at)
        self._value = value
        if value is not None:
            self._show(value)
        return ended

    def advance(self, at: float) -> Sequence[HourFacts]:
        """Count what is shown up to a moment; return the hours that ended."""
        if at <= self._until:
            return ()
        ended: list[HourFacts] = []
        if self._value is None:
            self._until = at
        while self._until < at and self._value is not None:
            start = self._show(self._value)
            end = min(at, start + HOUR_SECONDS)
            seconds = end - self._until
            self._weighted += (self._value - self._first) * seconds
            self._covered += seconds
            self._until = end
            self._end_hour(ended)
        self._end_hour(ended)
        return ended

    def skip(self, at: float) -> Sequence[HourFacts]:
        """Go on at a moment, before or after; what is between is not counted."""
        ended: list[HourFacts] = []
        if self._start is None or at >= self._until or at < self._start:
            self._until = at
            self._end_hour(ended, at)
        return ended

    def now(self) -> HourFacts | None:
        """Return the hour that goes on, as far as it was counted; None without one."""
        if self._start is None:
            return None
        facts = self._facts(self._start)
        return facts if self._value is None else facts._replace(until=self._until)

    def _show(self, value: float) -> int:
        """Make a value one of the hour's, begin the hour with it if need be."""
        if self._start is None:
            self._start = int(self._until // HOUR_SECONDS) * HOUR_SECONDS
            self._first = self._minimum = self._maximum = value
            self._weighted = self._covered = 0.0
        elif value < self._minimum:
            self._minimum = value
        elif value > self._maximum:
            self._maximum = value
        self._last = value
        return self._start

    def _end_hour(self, ended: list[HourFacts], at: float | None = None) -> None:
        """End the hour that a moment is not in, by default the one counted up to."""
        start = self._start
        moment = self._until if at is None else at
        if start is not None and not start <= moment < start + HOUR_SECONDS:
            ended.append(self._facts(start))
            self._start = None

    def _facts(self, start: int) -> HourFacts:
        mean = self._last
        if self._covered > 0:
            mean = self._first + self._weighted / self._covered
        return HourFacts(
            start,
            min(max(mean, self._minimum), self._maximum),
            self._minimum,
            self._maximum,
            self._first,
            self._last,
            min(self._covered, float(HOUR_SECONDS)),
        )


def lived(facts: HourFacts, beat: float) -> Iterator[HourFacts]:
    """Yield an hour as it was at a moment: what was shown last was shown until then."""
    if facts.until is None or beat <= facts.until:
        yield facts._replace(until=None)
        return
    trace = HourTrace(facts.until, facts)
    yield from trace.take(facts.last, facts.until)
    yield from trace.advance(beat)
    going_on = trace.now()
    if going_on is not None:
        yield going_on._replace(until=None)

"""What time it is, and what is to be made of it when the clock was set."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from ..energy.moment import Moment, now

STEP_SECONDS: Final = 2.0
# Nobody looked for so long: the process slept, and knows nothing of what was meanwhile
LATE_SECONDS: Final = 180.0


class Pace(StrEnum):
    """How time went on since it was looked at before."""

    STEADY = "steady"
    STEPPED = "stepped"
    SLEPT = "slept"


class Look(NamedTuple):
    """at: seconds since 1970. known_until: on the clock as it was, when not STEADY."""

    at: float
    pace: Pace
    known_until: float


class WatchedClock:
    """The wall clock, held against one that never jumps."""

    def __init__(self, clock: Callable[[], Moment] = now) -> None:
        """Take what tells both."""
        self._clock = clock
        self._wall: float | None = None
        self._steady = self._stepped_at = 0.0

    @property
    def steady_for(self) -> float:
        """Return for how many seconds the clock was not set."""
        return self._clock().steady - self._stepped_at

    def look(self) -> Look:
        """Return what time it is, and whether the clock was set meanwhile."""
        moment = self._clock()
        at, before = moment.at.timestamp(), self._wall
        elapsed = moment.steady - self._steady
        self._wall, self._steady = at, moment.steady
        if before is None:
            self._stepped_at = moment.steady
            return Look(at, Pace.STEADY, at)
        if abs(at - before - elapsed) > STEP_SECONDS:
            self._stepped_at = moment.steady
            late = elapsed > LATE_SECONDS
            return Look(at, Pace.STEPPED, before if late else before + elapsed)
        if elapsed > LATE_SECONDS:
            return Look(at, Pace.SLEPT, before)
        return Look(at, Pace.STEADY, at)

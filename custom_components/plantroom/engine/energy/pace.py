"""How fast a counter was seen to count, and what it may have counted since; pure."""

from dataclasses import dataclass, replace
from typing import Final

WINDOW_SECONDS: Final = 900.0
LEARNED_SECONDS: Final = 3600.0
SHORTEST_SECONDS: Final = 60.0
BURST_SECONDS: Final = 3600.0
BURST: Final = 10.0
LASTING: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The largest rate seen over a quarter of an hour, and the smallest step.

    fastest: units a second. observed: seconds it was learned from. raw, at: where
    the quarter under way began.
    """

    raw: float
    at: float
    fastest: float = 0.0
    observed: float = 0.0
    smallest: float = 0.0

    @property
    def learned(self) -> bool:
        """Return whether an hour was seen in which something was counted."""
        return self.observed >= LEARNED_SECONDS and self.fastest > 0

    def expected(self, seconds: float) -> float:
        """Return the most that is usual in a time: a burst of an hour, then less."""
        seconds = max(seconds, SHORTEST_SECONDS)
        burst = min(seconds, BURST_SECONDS) * (BURST - LASTING)
        return self.fastest * (LASTING * seconds + burst) + 2 * self.smallest


def begun(raw: float, at: float, before: Pace | None = None) -> Pace:
    """Return the pace of a counter from a reading on, as fast as it was before."""
    if before is None:
        return Pace(raw=raw, at=at)
    return replace(before, raw=raw, at=at)


def counted(pace: Pace, step: float, raw: float, at: float) -> Pace:
    """Return the pace after a usual step to raw; times are in seconds."""
    pace = stepped(pace, step)
    seconds = at - pace.at
    if seconds < 0:
        return replace(pace, raw=raw, at=at)
    if seconds < WINDOW_SECONDS:
        return pace
    return replace(
        pace,
        raw=raw,
        at=at,
        fastest=max(pace.fastest, (raw - pace.raw) / seconds),
        observed=pace.observed + min(seconds, LEARNED_SECONDS),
    )


def stepped(pace: Pace, step: float) -> Pace:
    """Return the pace of a counter that may count in steps like this."""
    if step <= 0 or 0 < pace.smallest <= step:
        return pace
    return replace(pace, smallest=step)


def hurried(pace: Pace, rate: float) -> Pace:
    """Return the pace of a counter that was proven to count at a rate."""
    return replace(pace, fastest=max(pace.fastest, rate))

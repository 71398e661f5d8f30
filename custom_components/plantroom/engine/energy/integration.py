"""Power over time becomes energy, where it was known and nowhere else; pure.

Times are seconds on a clock that never jumps. Between two polls power is taken to have
changed evenly; before the last poll, and until a notification, to have stayed what it
was: a poll that finds the same says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SHORTEST_BRIDGE_SECONDS: Final = 120.0
LONGEST_BRIDGE_SECONDS: Final = 900.0
BRIDGED_POLLS: Final = 3
SECONDS_AN_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time in which energy is known; in kilowatt-hours, none of them negative."""

    start: float
    end: float
    imported: float
    exported: float = 0.0


def bridged_seconds(interval: float) -> float:
    """Return how long power may be unknown and still be taken to change evenly."""
    return min(
        max(SHORTEST_BRIDGE_SECONDS, BRIDGED_POLLS * interval), LONGEST_BRIDGE_SECONDS
    )


def energy_between(first: float, last: float, seconds: float) -> tuple[float, float]:
    """Return imported and exported kilowatt-hours of kilowatts that change evenly."""
    hours = seconds / SECONDS_AN_HOUR
    if first >= 0 and last >= 0:
        return (first + last) / 2 * hours, 0.0
    if first <= 0 and last <= 0:
        return 0.0, -(first + last) / 2 * hours
    # It passes 0 on the way: two triangles
    share = first / (first - last)
    before, after = abs(first) / 2 * share * hours, abs(last) / 2 * (1 - share) * hours
    return (before, after) if first > 0 else (after, before)


class PowerTrace:
    """Follows one power, in kilowatts."""

    def __init__(self) -> None:
        """Start knowing nothing: nothing is counted before the first reading."""
        self._kilowatts = 0.0
        self._known_until: float | None = None
        self._lost = True

    def take(
        self, kilowatts: float, at: float, interval: float, *, notified: bool
    ) -> Sequence[Stretch]:
        """Return what a reading makes known; notified: it changed just now.

        interval: seconds between polls.
        """
        before, since, lost = self._kilowatts, self._known_until, self._lost
        self._kilowatts, self._lost = kilowatts, False
        self._known_until = at if since is None else max(since, at)
        if since is None or at <= since:
            return ()
        if lost:
            if at - since > bridged_seconds(interval):
                return ()
            return (_stretch(before, kilowatts, since, at),)
        if notified:
            return (_stretch(before, before, since, at),)
        changing = max(since, at - interval)
        held = (_stretch(before, before, since, changing),) if changing > since else ()
        return (*held, _stretch(before, kilowatts, changing, at))

    def lose(self) -> None:
        """Know no more what the power is, until the next reading."""
        self._lost = True

    def advance(self, to: float) -> Sequence[Stretch]:
        """Return what is known by now that nothing was heard of until a time."""
        since = self._known_until
        if self._lost or since is None or to <= since:
            return ()
        self._known_until = to
        return (_stretch(self._kilowatts, self._kilowatts, since, to),)


class CounterTrace:
    """Follows the total of one energy counter, in kilowatt-hours."""

    def __init__(self) -> None:
        """Start knowing nothing."""
        self._total = 0.0
        self._known_until: float | None = None
        self._lost = True

    def take(self, total: float, at: float, interval: float) -> Sequence[Stretch]:
        """Return what a total makes known; none of it when it was unknown for long."""
        step, since, lost = total - self._total, self._known_until, self._lost
        self._total, self._lost = total, False
        self._known_until = at if since is None else max(since, at)
        if since is None or at <= since or step < 0:
            return ()
        if lost:
            if at - since > bridged_seconds(interval):
                return ()
            return (Stretch(start=since, end=at, imported=step),)
        counting = max(since, at - interval)
        still = Stretch(start=since, end=counting, imported=0.0)
        last = Stretch(start=counting, end=at, imported=step)
        return (still, last) if counting > since else (last,)

    def lose(self) -> None:
        """Know no more what the total is, until the next reading."""
        self._lost = True

    def forget(self) -> None:
        """Begin with the next total as if it were the first."""
        self._known_until = None

    def advance(self, to: float) -> Sequence[Stretch]:
        """Return that nothing was counted until a time at which the total still is."""
        since = self._known_until
        if self._lost or since is None or to <= since:
            return ()
        self._known_until = to
        return (Stretch(start=since, end=to, imported=0.0),)


def _stretch(first: float, last: float, start: float, end: float) -> Stretch:
    imported, exported = energy_between(first, last, end - start)
    return Stretch(start=start, end=end, imported=imported, exported=exported)

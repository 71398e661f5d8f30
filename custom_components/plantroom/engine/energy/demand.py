"""Demand as the utility bills it: the mean power of a sliding interval; pure.

Times are seconds on a clock that never jumps.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .integration import SECONDS_AN_HOUR, Stretch

ENOUGH: Final = 0.9
"""How much of the interval has to be known."""

CELLS: Final = 90
CELLS_KEPT: Final = 15
FINEST_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Kilowatt-hours counted and seconds known, both since any beginning."""

    at: float
    energy: float
    known: float


class EnergyCurve:
    """Energy over the last interval, and which of it is known."""

    def __init__(self, seconds: float, marks: Iterable[Mark] = ()) -> None:
        """Take the interval, and marks that were kept, oldest first."""
        self.seconds = seconds
        self._marks = list(marks)

    def add(self, stretch: Stretch) -> None:
        """Take what became known after all that was known before."""
        marks = self._marks
        if not marks:
            marks.append(Mark(at=stretch.start, energy=0.0, known=0.0))
        last = marks[-1]
        start = max(stretch.start, last.at)
        if stretch.end <= start:
            return
        if start > last.at:
            marks.append(Mark(at=start, energy=last.energy, known=last.known))
        mark = Mark(
            at=stretch.end,
            energy=last.energy + stretch.imported,
            known=last.known + stretch.end - start,
        )
        if len(marks) > 1 and mark.at - marks[-2].at < self.seconds / CELLS:
            marks[-1] = mark
        else:
            marks.append(mark)
        self._forget_before(mark.at - 2 * self.seconds)

    def energy(self, to: float) -> float | None:
        """Return kilowatt-hours of the interval, None when too little is known."""
        begin, end = self._mark_at(to - self.seconds), self._mark_at(to)
        if begin is None or end is None:
            return None
        known = end.known - begin.known
        if known < ENOUGH * self.seconds:
            return None
        return (end.energy - begin.energy) * self.seconds / known

    def demand(self, to: float) -> float | None:
        """Return kilowatts, the mean of the interval, None when too little is known."""
        energy = self.energy(to)
        return None if energy is None else energy * SECONDS_AN_HOUR / self.seconds

    def kept(self, now: float) -> tuple[Mark, ...]:
        """Return marks to go on from after a restart, as seconds before now."""
        kept: list[Mark] = []
        for mark in self._marks:
            if mark.at < now - self.seconds - self.seconds / CELLS_KEPT:
                continue
            shifted = Mark(at=mark.at - now, energy=mark.energy, known=mark.known)
            if len(kept) > 1 and shifted.at - kept[-2].at < self.seconds / CELLS_KEPT:
                kept[-1] = shifted
            else:
                kept.append(shifted)
        return tuple(kept)

    def _mark_at(self, at: float) -> Mark | None:
        """Return where the curve is at a time; after its end nothing is known."""
        marks = self._marks
        if not marks:
            return None
        after = bisect_right(marks, at, key=_time_of)
        if after == 0:
            return marks[0]
        if after == len(marks):
            return marks[-1]
        first, last = marks[after - 1], marks[after]
        share = (at - first.at) / (last.at - first.at)
        return Mark(
            at=at,
            energy=first.energy + (last.energy - first.energy) * share,
            known=first.known + (last.known - first.known) * share,
        )

    def _forget_before(self, at: float) -> None:
        gone = bisect_right(self._marks, at, key=_time_of) - 1
        if gone > CELLS:
            del self._marks[:gone]


def demand_of(
    counted: EnergyCurve, integrated: EnergyCurve, to: float, quantum: float
) -> float | None:
    """Return kilowatts from a counter where it is fine enough, else from power.

    quantum: one step of the counter in kilowatt-hours, 0 when not known: it is fine
    when that is a hundredth of the interval's energy at most.
    """
    energy = counted.energy(to)
    if energy and 0 < quantum <= FINEST_SHARE * energy:
        return counted.demand(to)
    return integrated.demand(to)


def shifted(marks: Sequence[Mark], by: float) -> tuple[Mark, ...]:
    """Return marks on another clock."""
    return tuple(Mark(at=m.at + by, energy=m.energy, known=m.known) for m in marks)


def _time_of(mark: Mark) -> float:
    return mark.at

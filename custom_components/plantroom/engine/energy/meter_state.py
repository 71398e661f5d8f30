"""What is known and kept of a counter."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .pace import Pace


class Change(StrEnum):
    """What was found to have happened to a meter.

    RESET: it began again at 0. REPLACED: it goes on from elsewhere. RETURNED: it is
    again where it was before one of the others.
    """

    NONE = ""
    ROLLOVER = "rollover"
    RESET = "reset"
    REPLACED = "replaced"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A replacement or reset that a person may confirm; both as on the meter's face."""

    old: float
    new: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What kind of counter it is.

    bold: what it may count in a quarter of an hour without being doubted. modulus:
    the value that is followed by 0, None when not known. keeps_face: it may begin
    again by itself, at midnight say: a fall is shown once it is certain.
    """

    bold: float
    modulus: float | None = None
    keeps_face: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a counter was: its raw value at a time, and the offset then."""

    raw: float
    at: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """All that has to be kept of a counter; times are seconds since 1970.

    raw, at: the last reading that was believed. total: what is shown. doubted: the
    first of those readings that are not believed yet. before: where the counter was
    when something happened to it last.
    """

    raw: float
    at: float
    total: float
    pace: Pace
    offset: float = 0.0
    doubted: Reach | None = None
    before: Reach | None = None

    @property
    def reach(self) -> Reach:
        """Return where the counter is."""
        return Reach(raw=self.raw, at=self.at, offset=self.offset)

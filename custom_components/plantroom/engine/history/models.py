"""What is kept of a point's past, and how a client asks for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..checks import require

MOST_HOURS = 20_000


class HourSource(StrEnum):
    """Who saw an hour: the engine itself, or a Trend Log of the device."""

    ENGINE = "engine"
    TREND_LOG = "trend_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class HourSummary:
    """What one point showed in one whole hour of UTC, in the point's own unit.

    mean: weighted by how long each value was shown. first, last: the value shown when
    the hour began (or when it was first known) and when it ended; a counter's growth
    is the difference of two lasts. covered_seconds: for how much of the hour a value
    was known, 0 to 3600; a value counts until the next one, not while its device was
    unreachable. complete: the hour is over and nothing more will come.
    """

    point_id: str
    start: datetime
    mean: float
    minimum: float
    maximum: float
    first: float
    last: float
    covered_seconds: float
    complete: bool
    source: HourSource = HourSource.ENGINE


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRequest:
    """Hours that begin in [start, end) of these points, oldest first.

    sources: who may be asked, () for the engine alone; a device's Trend Logs are read
    from the device, which takes seconds, with Progress events of the task id. Where
    both saw an hour, the one that covers more of it answers.
    """

    point_ids: tuple[str, ...]
    start: datetime
    end: datetime
    sources: tuple[HourSource, ...] = ()
    task_id: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be answered, saying which field and why."""
        require(self.start.tzinfo is not None, "start", "must have a time zone")
        require(self.end.tzinfo is not None, "end", "must have a time zone")
        require(self.start <= self.end, "end", "is before start")
        require(
            len(self.point_ids) <= MOST_HOURS,
            "point_ids",
            f"must be {MOST_HOURS} at most",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursAnswer:
    """The hours that are known, MOST_HOURS at most.

    more_from: ask again from there when not None. kept_since: before that the engine
    kept nothing or dropped it to stay within its disk; None when it kept nothing yet.
    unread: devices whose Trend Logs could not be read, with the reason.
    """

    hours: tuple[HourSummary, ...]
    more_from: datetime | None = None
    kept_since: datetime | None = None
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLogSummary:
    """A device's log of one of its points, as the device describes it.

    reference: of the log object, "trend-log,3". point_id: of what it logs. records:
    how many it holds. interval_seconds: 0.0 when it logs changes or on demand.
    """

    device_id: str
    reference: str
    name: str
    point_id: str
    records: int
    interval_seconds: float
    enabled: bool

"""What a device's local dates and times are in UTC; pure.

A device tells its records' times by its own clock, which keeps the building's time,
another zone's, or none, and may be wrong. How it differs from ours now is measured;
in the past it differed likewise, but for summer time where it keeps the building's.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from ..octets.encoding import Date, Time

# A clock that is wrong by less keeps the zone that it then seems to keep
MOST_ERROR_SECONDS: Final = 1200.0
# What asking takes, and clocks that tell hundredths but keep none
NO_ERROR_SECONDS: Final = 5.0
FURTHEST_ZONE_SECONDS: Final = 14 * 3600.0
_ZONE_STEP_SECONDS: Final = 900.0
_FIRST_YEAR, _LAST_YEAR = 1971, 2150
_LAST_WEEKDAY = 7


class ClockError(ValueError):
    """A device's clock is so wrong that its records' times say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClock:
    """What to take from a device's time.

    zone: the building's, when it keeps that; else offset: seconds its local time is
    ahead of UTC, always. error: seconds its clock is ahead of the right one.
    """

    zone: tzinfo | None
    offset: float = 0.0
    error: float = 0.0

    def local(self, utc: float) -> tuple[Date, Time]:
        """Return what the device says at a moment, in seconds since 1970."""
        offset = self.offset
        if self.zone is not None:
            offset = _offset_at(self.zone, utc)
        at = datetime.fromtimestamp(utc + offset + self.error, UTC)
        return (
            Date(at.year, at.month, at.day, at.isoweekday()),
            Time(at.hour, at.minute, at.second, at.microsecond // 10_000),
        )

    def moments(
        self, stamps: Sequence[tuple[Date, Time]], now: float
    ) -> list[float | None]:
        """Return stamps, oldest first, in seconds since 1970; None for no time.

        An hour that summer time repeats is told apart by what comes after it: of the
        two that a stamp may mean, it is the later one that is not after the next.
        """
        found: list[float | None] = []
        latest = now + NO_ERROR_SECONDS
        for date, time in reversed(stamps):
            moment = self._moment(date, time, latest)
            found.append(moment)
            if moment is not None:
                latest = moment
        return found[::-1]

    def _moment(self, date: Date, time: Time, latest: float) -> float | None:
        local = seconds_of(date, time)
        if local is None:
            return None
        local -= self.error
        if self.zone is None:
            return local - self.offset
        naive = datetime.fromtimestamp(local, UTC).replace(tzinfo=self.zone)
        late = naive.replace(fold=1).timestamp()
        early = naive.replace(fold=0).timestamp()
        return late if early < late <= latest else early


def seconds_of(date: Date, time: Time) -> float | None:
    """Return a local date and time as seconds since 1970 there; None when not whole."""
    if None in date[:3] or None in time[:3]:
        return None
    year, month, day = date.year or 0, date.month or 0, date.day or 0
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    hour, minute, second = time.hour or 0, time.minute or 0, time.second or 0
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return calendar.timegm(at.timetuple()) + (time.hundredth or 0) / 100


def clock_of(
    local: float,
    utc: float,
    zone: tzinfo,
    *,
    utc_offset_minutes: int | None = None,
    summer_time: bool = False,
) -> DeviceClock:
    """Return a device's clock from what it says at a moment; raises ClockError.

    local: its seconds_of() then. zone: the building's. utc_offset_minutes: its
    UTC_Offset, positive west of Greenwich; summer_time: its Daylight_Savings_Status.
    """
    ahead = local - utc
    error = ahead - _offset_at(zone, utc)
    if abs(error) <= MOST_ERROR_SECONDS:
        return DeviceClock(zone=zone, error=_real(error))
    if utc_offset_minutes is not None:
        offset = -60.0 * utc_offset_minutes + (3600.0 if summer_time else 0.0)
        if abs(ahead - offset) <= MOST_ERROR_SECONDS:
            return DeviceClock(zone=None, offset=offset, error=_real(ahead - offset))
    offset = round(ahead / _ZONE_STEP_SECONDS) * _ZONE_STEP_SECONDS
    if abs(offset) > FURTHEST_ZONE_SECONDS:
        raise ClockError(f"its clock is wrong by {error / 3600:.0f} hours")
    return DeviceClock(zone=None, offset=offset, error=_real(ahead - offset))


def _offset_at(zone: tzinfo, utc: float) -> float:
    offset = datetime.fromtimestamp(utc, zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _real(error: float) -> float:
    return error if abs(error) > NO_ERROR_SECONDS else 0.0

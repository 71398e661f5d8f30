"""The highest demand of a day and of a month; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Period(StrEnum):
    """What a peak is the highest of, by the building's own clock."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest demand of a period, in kilowatts, and when it was reached."""

    name: str
    kilowatts: float
    at: datetime


def name_of(period: Period, local: datetime) -> str:
    """Return the period a local time is in: "2026-11-21" or "2026-11"."""
    return local.strftime("%Y-%m-%d" if period is Period.DAY else "%Y-%m")


def raised(peak: Peak | None, name: str, kilowatts: float, at: datetime) -> Peak:
    """Return the peak after a demand whose interval began in the period named."""
    if peak is not None and peak.name == name and peak.kilowatts >= kilowatts:
        return peak
    return Peak(name=name, kilowatts=kilowatts, at=at)

"""Seconds as a form's duration, and back."""

from collections.abc import Mapping
from datetime import timedelta


def duration_of(seconds: float) -> dict[str, int]:
    """Return what a duration selector shows."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return {"hours": hours, "minutes": minutes, "seconds": rest}


def seconds_of(duration: Mapping[str, float] | None) -> float:
    """Return the seconds that a duration selector was given, 0 for none."""
    return timedelta(**duration).total_seconds() if duration else 0.0

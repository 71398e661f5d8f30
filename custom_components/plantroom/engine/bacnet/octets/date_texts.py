"""Dates and times as text: ISO 8601 with "*" for what is unspecified."""

from .encoding import Date, Time


def date_text(date: Date) -> str:
    """Return "2026-11-21"."""
    return f"{_part(date.year, 4)}-{_part(date.month)}-{_part(date.day)}"


def time_text(time: Time) -> str:
    """Return "12:00:03", with hundredths where there are any."""
    text = f"{_part(time.hour)}:{_part(time.minute)}:{_part(time.second)}"
    return f"{text}.{time.hundredth:02}" if time.hundredth else text


def _part(number: int | None, digits: int = 2) -> str:
    return "*" if number is None else f"{number:0{digits}}"

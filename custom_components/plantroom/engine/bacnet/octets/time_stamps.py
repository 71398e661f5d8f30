"""When a device says that something happened, in three forms (BACnetTimeStamp)."""

from typing import NamedTuple

from .date_texts import date_text, time_text
from .encoding import (
    Date,
    Element,
    Tagged,
    Time,
    decode_primitive,
    encode_context,
    encode_primitive,
)
from .tags import ApplicationTag, MalformedFrameError, encode_brackets

_TIME, _SEQUENCE_NUMBER, _DATE_TIME = 0, 1, 2


class TimeStamp(NamedTuple):
    """A time, a sequence number, or date and time; what it is not is None."""

    sequence_number: int | None = None
    date: Date | None = None
    time: Time | None = None

    @property
    def says_when(self) -> bool:
        """Return whether it tells one event from the next."""
        if self.time is None:
            return self.sequence_number is not None
        return self.time.hour is not None and (
            self.date is None or self.date.day is not None
        )


def decode_time_stamp(element: Element) -> TimeStamp:
    """Return the time stamp that an element is, or raise MalformedFrameError."""
    if isinstance(element, Tagged):
        content = element.content
        if element.tag == _DATE_TIME and isinstance(content, tuple):
            return _date_time(content)
        if element.tag == _TIME and isinstance(content, bytes):
            return _of_time(content)
        if element.tag == _SEQUENCE_NUMBER and isinstance(content, bytes):
            number = decode_primitive(ApplicationTag.UNSIGNED, content)
            if isinstance(number, int):
                return TimeStamp(sequence_number=int(number))
    raise MalformedFrameError("a time stamp of no form")


def encode_time_stamp(stamp: TimeStamp) -> bytes:
    """Return the octets that a time stamp was decoded from."""
    if stamp.date is not None and stamp.time is not None:
        opening, closing = encode_brackets(_DATE_TIME)
        return (
            opening
            + encode_primitive(stamp.date)
            + encode_primitive(stamp.time)
            + closing
        )
    if stamp.time is not None:
        return encode_context(_TIME, stamp.time)
    return encode_context(_SEQUENCE_NUMBER, stamp.sequence_number or 0)


def time_stamp_text(stamp: TimeStamp) -> str:
    """Return "2026-11-21T12:00:03.50", "12:00:03", or "#17" for a sequence number."""
    if stamp.time is None:
        return f"#{stamp.sequence_number or 0}"
    if stamp.date is None:
        return time_text(stamp.time)
    return f"{date_text(stamp.date)}T{time_text(stamp.time)}"


def is_later(one: TimeStamp, other: TimeStamp) -> bool:
    """Return whether one is certainly later than another of the same form."""
    if one.time is None or other.time is None:
        numbers = one.sequence_number, other.sequence_number
        return None not in numbers and (numbers[0] or 0) > (numbers[1] or 0)
    if (one.date is None) != (other.date is None):
        return False
    return _moment(one) > _moment(other)


def _moment(stamp: TimeStamp) -> tuple[int, ...]:
    return tuple(part or 0 for part in (*(stamp.date or ())[:3], *(stamp.time or ())))


def _date_time(content: tuple[Element, ...]) -> TimeStamp:
    match content:
        case (Date() as date, Time() as time):
            return TimeStamp(date=date, time=time)
    raise MalformedFrameError("a time stamp without date and time")


def _of_time(content: bytes) -> TimeStamp:
    time = decode_primitive(ApplicationTag.TIME, content)
    if not isinstance(time, Time):
        raise MalformedFrameError("a time stamp without a time")
    return TimeStamp(time=time)

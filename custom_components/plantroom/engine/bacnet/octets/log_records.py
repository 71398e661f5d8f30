"""The records of Trend Logs, of one value or of several (clause 21, BACnetLogRecord)."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from ..names.error_names import error_name
from .encoding import (
    BitString,
    Date,
    Element,
    Primitive,
    Tagged,
    Time,
    decode_primitive,
)
from .tags import ApplicationTag, MalformedFrameError


class DatumKind(IntEnum):
    """What a record holds; the numbers are those of the choice in BACnetLogRecord."""

    LOG_STATUS = 0
    BOOLEAN = 1
    REAL = 2
    ENUMERATED = 3
    UNSIGNED = 4
    SIGNED = 5
    BIT_STRING = 6
    NULL = 7
    FAILURE = 8
    TIME_CHANGE = 9
    ANY = 10


class LogRecord(NamedTuple):
    """What was logged when, by the device's own clock.

    value: of a LOG_STATUS the bits for disabled, purged, interrupted; of a FAILURE
    the standard's name of the error; of a TIME_CHANGE by how many seconds, 0 when
    not known; of ANY a primitive, or None when it is none. flags: status flags.
    """

    date: Date
    time: Time
    kind: DatumKind
    value: Primitive
    flags: BitString | None = None


_PRIMITIVES: Final = {
    DatumKind.LOG_STATUS: ApplicationTag.BIT_STRING,
    DatumKind.BOOLEAN: ApplicationTag.BOOLEAN,
    DatumKind.REAL: ApplicationTag.REAL,
    DatumKind.ENUMERATED: ApplicationTag.ENUMERATED,
    DatumKind.UNSIGNED: ApplicationTag.UNSIGNED,
    DatumKind.SIGNED: ApplicationTag.SIGNED,
    DatumKind.BIT_STRING: ApplicationTag.BIT_STRING,
    DatumKind.NULL: ApplicationTag.NULL,
    DatumKind.TIME_CHANGE: ApplicationTag.REAL,
}
_STAMP, _DATUM, _STATUS_FLAGS = 0, 1, 2
# The choices of BACnetLogData, and of the values in it
_MULTIPLE_STATUS, _MULTIPLE_VALUES, _MULTIPLE_TIME_CHANGE = 0, 1, 2
_COLUMN_KINDS: Final = {
    0: DatumKind.BOOLEAN,
    1: DatumKind.REAL,
    2: DatumKind.ENUMERATED,
    3: DatumKind.UNSIGNED,
    4: DatumKind.SIGNED,
    5: DatumKind.BIT_STRING,
    6: DatumKind.NULL,
    7: DatumKind.FAILURE,
    8: DatumKind.ANY,
}


def decode_log_record(record: Sequence[Tagged]) -> LogRecord:
    """Return a record of a Trend Log, or raise MalformedFrameError."""
    date, time, datum = _stamped(record)
    kind, value = _datum(datum, datum.tag)
    return LogRecord(date, time, kind, value, _flags(record))


def decode_log_multiple_record(record: Sequence[Tagged], column: int) -> LogRecord:
    """Return one column of a record of a Trend Log Multiple, the first being 0.

    Raises MalformedFrameError, also for a column that the record does not have.
    """
    date, time, datum = _stamped(record)
    if datum.tag == _MULTIPLE_STATUS:
        return LogRecord(date, time, *_datum(datum, DatumKind.LOG_STATUS))
    if datum.tag == _MULTIPLE_TIME_CHANGE:
        return LogRecord(date, time, *_datum(datum, DatumKind.TIME_CHANGE))
    columns = datum.content
    if datum.tag != _MULTIPLE_VALUES or not isinstance(columns, tuple):
        raise MalformedFrameError("a log record of no known kind")
    found = columns[column] if column < len(columns) else None
    if not isinstance(found, Tagged):
        raise MalformedFrameError("a log record without a column")
    return LogRecord(date, time, *_datum(found, _COLUMN_KINDS.get(found.tag, -1)))


def _stamped(record: Sequence[Tagged]) -> tuple[Date, Time, Tagged]:
    match record:
        case (
            Tagged(tag=0, content=(Date() as date, Time() as time)),
            Tagged(tag=1, content=(Tagged() as datum,)),
            *_,
        ):
            return date, time, datum
    raise MalformedFrameError("a log record without time or value")


def _flags(record: Sequence[Tagged]) -> BitString | None:
    for part in record:
        if part.tag == _STATUS_FLAGS and isinstance(part.content, bytes):
            bits = decode_primitive(ApplicationTag.BIT_STRING, part.content)
            return bits if isinstance(bits, BitString) else None
    return None


def _datum(element: Tagged, number: int) -> tuple[DatumKind, Primitive]:
    if number not in DatumKind:
        raise MalformedFrameError(f"a log record of kind {number}")
    kind = DatumKind(number)
    content = element.content
    if kind is DatumKind.FAILURE:
        return kind, _failure(content)
    if kind is DatumKind.ANY:
        return kind, _any(content)
    if not isinstance(content, bytes):
        raise MalformedFrameError("a log record's value is constructed")
    if kind is DatumKind.BOOLEAN:
        return kind, bool(content and content[0])
    return kind, decode_primitive(_PRIMITIVES[kind], content)


def _failure(content: bytes | tuple[Element, ...]) -> str:
    match content:
        case (int(error_class), int(error_code)):
            return error_name(error_class, error_code)
    return "unknown"


def _any(content: bytes | tuple[Element, ...]) -> Primitive:
    match content:
        case (element,) if not isinstance(element, Tagged):
            return element
    return None

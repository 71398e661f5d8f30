"""What the records of a log make of a point's hours; pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ...history.hour_trace import HourFacts, HourTrace
from ..octets.encoding import BitString
from ..octets.log_records import DatumKind, LogRecord

# How much later than it should be the next record of a log with an interval may come
LATE: Final = 1.5
LARGEST: Final = 1e300
_NUMBERS: Final = frozenset(
    {DatumKind.REAL, DatumKind.UNSIGNED, DatumKind.SIGNED, DatumKind.ANY}
)
_PURGED, _INTERRUPTED = 1, 2
_FAULT, _OUT_OF_SERVICE = 1, 3


class Logged(NamedTuple):
    """A record in UTC, in seconds since 1970.

    value: a number to rely on, None when there is none from then on. broke: what was
    before it ended at some time unknown.
    """

    at: float
    value: float | None
    broke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTerms:
    """How a log's values count.

    interval: seconds between records, 0.0 for a log of changes, where a value counts
    until the next. until: up to when the log goes on, in seconds since 1970.
    """

    interval: float
    until: float


def logged(
    records: Iterable[LogRecord],
    moments: Iterable[float | None],
    factor: float = 1.0,
    offset: float = 0.0,
) -> Iterator[Logged]:
    """Yield records with their moments; a value is multiplied, then the offset added."""
    for record, at in zip(records, moments, strict=True):
        if at is None:
            continue
        raw = _number(record)
        value = None if raw is None else raw * factor + offset
        yield Logged(at, value, _broke(record))


def hours_of(
    records: Iterable[Logged], terms: LogTerms, start: float, end: float
) -> list[HourFacts]:
    """Return the hours that begin in [start, end).

    A record that is older than one before it, as after the clock was set back, and
    one that is there twice, count once.
    """
    trace: HourTrace | None = None
    hours: list[HourFacts] = []
    latest = float("-inf")
    for record in records:
        if record.at < latest:
            continue
        if trace is None:
            trace = HourTrace(record.at)
        else:
            hours += _hold(trace, latest, record, terms)
        hours += trace.take(record.value, record.at)
        latest = record.at
    if trace is not None:
        hours += _ended(trace, latest, terms)
    return [each for each in hours if start <= each.start < end]


def _hold(
    trace: HourTrace, latest: float, record: Logged, terms: LogTerms
) -> Sequence[HourFacts]:
    """Count the value before a record for as long as it is known to have been."""
    if terms.interval:
        lasts = latest + terms.interval * (1.0 if record.broke else LATE)
        return trace.take(None, lasts) if record.at > lasts else ()
    return trace.take(None, latest) if record.broke else ()


def _ended(trace: HourTrace, latest: float, terms: LogTerms) -> list[HourFacts]:
    until = terms.until
    if terms.interval:
        until = min(until, latest + terms.interval * LATE)
    hours = [*trace.advance(until)]
    going_on = trace.now()
    return hours if going_on is None else [*hours, going_on._replace(until=None)]


def _number(record: LogRecord) -> float | None:
    value, flags = record.value, record.flags
    if record.kind not in _NUMBERS or isinstance(value, bool):
        return None
    if flags and _is_set(flags, _FAULT) and not _is_set(flags, _OUT_OF_SERVICE):
        return None
    if not isinstance(value, int | float) or not abs(value) < LARGEST:
        return None
    return float(value)


def _broke(record: LogRecord) -> bool:
    """Return whether records before one may be missing."""
    if record.kind is DatumKind.LOG_STATUS and isinstance(record.value, BitString):
        return _is_set(record.value, _PURGED) or _is_set(record.value, _INTERRUPTED)
    return record.kind is DatumKind.TIME_CHANGE


def _is_set(bits: BitString, number: int) -> bool:
    return number < len(bits.bits) and bits.bits[number]

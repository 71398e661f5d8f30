"""Logs of a simulated device: Trend Log and Trend Log Multiple objects, read by ReadRange (clause 15.8)."""

import bisect
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bacpypes3 import object as standard
from bacpypes3.basetypes import (
    DateTime,
    DeviceObjectPropertyReference,
    LogData,
    LogDataLogData,
    LogMultipleRecord,
    LogRecord,
    LogRecordLogDatum,
    LogStatus,
    StatusFlags,
)
from bacpypes3.errors import PropertyError
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.primitivedata import Date, Time, Unsigned

from .points import LogRow, PointValue

DAY_SECONDS, HOUR_SECONDS = 86_400, 3600
PAST_SECONDS = 14 * DAY_SECONDS
CHANGE_SECONDS = 37 * 60
CHANGE_STEP = 0.5
INTERRUPTED_DAY, INTERRUPTED_FROM, INTERRUPTED_UNTIL = 3, 3, 6
POLLED, COV = 0, 1
STATUS_BITS = {
    "logDisabled": [1, 0, 0],
    "bufferPurged": [0, 1, 0],
    "logInterrupted": [0, 0, 1],
    "logEnabled": [0, 0, 0],
}
LOG_BUFFER, RECORD_COUNT, TOTAL_RECORD_COUNT = 131, 141, 145


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRecord:
    """What was logged at a moment; status: the name of a bit of BACnetLogStatus instead."""

    number: int
    at: float
    values: tuple[float, ...] = ()
    status: str = ""


def truth(row: LogRow, column: int, at: float, made_at: float) -> float:
    """Return what a log's object showed before the log was made, by formula; seconds since 1970."""
    day = math.sin(2 * math.pi * (at / DAY_SECONDS - 0.375))
    grown = row.growth_per_hour * (at - made_at) / HOUR_SECONDS
    value = row.base + column + row.amplitude * day + grown
    if not row.interval_seconds:
        value = round(value / CHANGE_STEP) * CHANGE_STEP
    return value


def is_interrupted(row: LogRow, at: float) -> bool:
    """Return whether the log's power was off, one night a week."""
    day, second = divmod(int(at), DAY_SECONDS)
    night = INTERRUPTED_FROM * HOUR_SECONDS <= second < INTERRUPTED_UNTIL * HOUR_SECONDS
    return row.interrupted and day % 7 == INTERRUPTED_DAY and night


class SimulatedLog:
    """One log: 14 days of its past by formula, from then on what its objects show."""

    def __init__(
        self, row: LogRow, shown: Callable[[str], PointValue], now: float | None = None
    ) -> None:
        self.row = row
        self.total = 0
        self._shown = shown
        self._records: list[SimulatedRecord] = []
        self.made_at = self._latest = time.time() if now is None else now
        self._first = self._latest - PAST_SECONDS
        for record in self._past():
            self._append(record)

    @property
    def records(self) -> list[SimulatedRecord]:
        """Return what the buffer holds, oldest first."""
        self.catch_up()
        return self._records

    def truth(self, at: float, column: int = 0) -> float:
        """Return what was shown at a moment before the log was made."""
        return truth(self.row, column, at, self.made_at)

    def catch_up(self) -> None:
        """Log what was due since it was last looked at."""
        now = time.time()
        values = tuple(float(self._shown(each)) for each in self.row.points)
        if self.row.interval_seconds:
            for at in self._grid(self._latest, now):
                self._append(SimulatedRecord(number=0, at=at, values=values))
        elif self._records and self._records[-1].values != values:
            self._append(SimulatedRecord(number=0, at=now, values=values))
        self._latest = max(now, self._latest)

    def log_status(self, status: str) -> None:
        """Log that something happened to the log itself."""
        self._append(SimulatedRecord(number=0, at=time.time(), status=status))

    def _grid(self, after: float, until: float) -> Iterator[float]:
        step = self.row.interval_seconds or CHANGE_SECONDS
        at = (math.floor(after / step) + 1) * step
        while at <= until:
            yield float(at)
            at += step

    def _past(self) -> Iterator[SimulatedRecord]:
        columns = range(len(self.row.points))
        interrupted, before = False, None
        for at in self._grid(self._first, self._latest):
            if is_interrupted(self.row, at):
                interrupted = True
                continue
            if interrupted:
                interrupted = False
                yield SimulatedRecord(number=0, at=at - 1.0, status="logInterrupted")
            values = tuple(self.truth(at, column) for column in columns)
            if self.row.interval_seconds or values != before:
                yield SimulatedRecord(number=0, at=at, values=values)
            before = values

    def _append(self, record: SimulatedRecord) -> None:
        self.total += 1
        self._records.append(
            SimulatedRecord(
                number=self.total,
                at=record.at,
                values=record.values,
                status=record.status,
            )
        )
        del self._records[: -self.row.buffer_size]


class LogObject:
    """What both kinds of log object add: counts that are true, and a buffer that is not a property to read."""

    _log: SimulatedLog

    def keep(self, log: SimulatedLog) -> None:
        """Take the log."""
        self._log = log

    async def read_property(self, attr: int | str, index: int | None = None) -> Any:
        """Return the value as a client sees it."""
        number = int(attr) if isinstance(attr, int) else None
        if number == LOG_BUFFER:
            raise PropertyError(errorCode="readAccessDenied")
        if number == RECORD_COUNT:
            return Unsigned(len(self._log.records))
        if number == TOTAL_RECORD_COUNT:
            self._log.catch_up()
            return Unsigned(self._log.total)
        return await super().read_property(attr, index)  # type: ignore[misc]


class TrendLog(LogObject, LocalObject, standard.TrendLogObject):
    """A log of one property."""

    _required = ("enable", "logDeviceObjectProperty", "logInterval", "bufferSize")
    _object_identifier_class = LocalObject._object_identifier_class
    _property_identifier_class = LocalObject._property_identifier_class


class TrendLogMultiple(LogObject, LocalObject, standard.TrendLogMultipleObject):
    """A log of several properties at once."""

    _required = ("enable", "logDeviceObjectProperty", "logInterval", "bufferSize")
    _object_identifier_class = LocalObject._object_identifier_class
    _property_identifier_class = LocalObject._property_identifier_class


def make_log_object(log: SimulatedLog) -> Any:
    """Return the object of a log."""
    row = log.row
    references = [
        DeviceObjectPropertyReference(
            objectIdentifier=each, propertyIdentifier="presentValue"
        )
        for each in row.points
    ]
    kind = TrendLogMultiple if row.multiple else TrendLog
    made = kind(
        objectIdentifier=row.object_id,
        objectName=row.name,
        description=f"Log of {', '.join(row.points)}",
        enable=True,
        stopWhenFull=False,
        bufferSize=row.buffer_size,
        recordCount=0,
        totalRecordCount=0,
        loggingType=POLLED if row.interval_seconds else COV,
        logInterval=row.interval_seconds * 100,
        statusFlags=StatusFlags([]),
        eventState="normal",
        reliability="noFaultDetected",
        logDeviceObjectProperty=references if row.multiple else references[0],
    )
    made.keep(log)
    return made


def encoded(log: SimulatedLog, record: SimulatedRecord, local: datetime) -> Any:
    """Return a record as bacpypes3 sends it; local: when it is of, by the device's clock."""
    stamp = DateTime(
        date=Date((local.year - 1900, local.month, local.day, local.isoweekday())),
        time=Time(
            (local.hour, local.minute, local.second, local.microsecond // 10_000)
        ),
    )
    status = LogStatus(STATUS_BITS[record.status]) if record.status else None
    if log.row.multiple:
        columns = [LogDataLogData(realValue=value) for value in record.values]
        data = LogData(logStatus=status) if status else LogData(logData=columns)
        return LogMultipleRecord(timestamp=stamp, logData=data)
    if status:
        return LogRecord(timestamp=stamp, logDatum=LogRecordLogDatum(logStatus=status))
    value = record.values[0]
    whole = isinstance(log.row.base, int)
    datum = (
        LogRecordLogDatum(unsignedValue=int(value))
        if whole
        else LogRecordLogDatum(realValue=value)
    )
    return LogRecord(timestamp=stamp, logDatum=datum, statusFlags=StatusFlags([]))


def find_by_time(records: list[SimulatedRecord], at: float) -> int:
    """Return the index of the first record newer than a moment."""
    return bisect.bisect_right([record.at for record in records], at)

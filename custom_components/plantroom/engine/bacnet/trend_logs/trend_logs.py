"""The Trend Logs of one device: which there are, and what they say of points."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from ...errors import DeviceRefusedError, MalformedReplyError
from ...history.hour_trace import PointHour
from ...history.log_source import LoggedHours, LogProgress, LogQuery, reason_of
from ...history.models import TrendLogSummary
from ...models import Point, PointKind
from ..description.object_types import DEVICE
from ..description.property_results import ObjectProperties
from ..names.property_ids import PropertyId
from ..octets.encoding import Date, Time
from ..octets.rpm import PropertyRef, PropertyResult
from ..reading.device_limits import RPM_REFUSED
from ..session import DeviceSession
from .device_clock import ClockError, DeviceClock, clock_of, seconds_of
from .log_description import LogDescription, read_logs
from .log_hours import LATE, LogTerms, hours_of, logged
from .record_reader import Record, RecordReader

_LOGGER = logging.getLogger(__name__)

SERVICE: Final = "read-range"
DESCRIBED_SECONDS: Final = 600.0
# An hour that summer time repeats may be the one that is asked for
LEAD_SECONDS: Final = 2 * 3600.0
CLOCK_WRONG: Final = "clock-wrong"
_NUMBERS: Final = frozenset({PointKind.ANALOG, PointKind.INTEGER, PointKind.COUNTER})
_CLOCK: Final = (
    PropertyId.LOCAL_DATE,
    PropertyId.LOCAL_TIME,
    PropertyId.UTC_OFFSET,
    PropertyId.DAYLIGHT_SAVINGS_STATUS,
)


class TrendLogs:
    """Reads the logs of one device; that it cannot be read so is asked once."""

    def __init__(self, device_id: str, instance: int) -> None:
        """Take whose logs."""
        self._device_id = device_id
        self._instance = instance
        self._refused = ""
        self._logs: list[LogDescription] = []
        self._described_at = float("-inf")
        self._reading = asyncio.Lock()

    async def summaries(self, session: DeviceSession) -> tuple[TrendLogSummary, ...]:
        """Return the device's logs as they are now; raises DeviceError."""
        async with self._reading:
            self._described_at = float("-inf")
            logs = await self._described(session)
        return tuple(each for log in logs for each in log.summaries(self._device_id))

    async def hours(
        self,
        session: DeviceSession,
        services: Sequence[str],
        points: Sequence[Point],
        query: LogQuery,
        progress: LogProgress,
    ) -> LoggedHours:
        """Return what the logs say of points of the device; raises DeviceError.

        Of two logs of one point, the one that saw more of an hour tells it.
        """
        asked = frozenset(query.point_ids)
        async with self._reading:
            wanted = {
                point.reference: point
                for point in points
                if point.kind in _NUMBERS and point.point_id in asked
            }
            logs = [
                log
                for log in await self._described(session)
                if not log.triggered and not wanted.keys().isdisjoint(log.points)
            ]
            if not logs:
                return LoggedHours([])
            self._check_service(services)
            clock = await self._clock(session, query.zone)
            found = LoggedHours([])
            for number, log in enumerate(logs):
                try:
                    hours = await self._log_hours(session, log, wanted, query, clock)
                    found.hours.extend(hours)
                except (DeviceRefusedError, MalformedReplyError) as err:
                    _LOGGER.debug("%s: %s", self._device_id, err)
                    found = found._replace(unread=reason_of(err))
                progress((number + 1) / len(logs))
            return found

    async def _log_hours(
        self,
        session: DeviceSession,
        log: LogDescription,
        wanted: Mapping[str, Point],
        query: LogQuery,
        clock: DeviceClock,
    ) -> list[PointHour]:
        columns = [n for n, point in enumerate(log.points) if point in wanted]
        reader = RecordReader(
            session,
            self._device_id,
            log.log,
            session.target.max_apdu,
            wanted=columns,
            columns=len(log.points),
        )
        try:
            records = await _read(reader, log, query, clock)
        except DeviceRefusedError as err:
            if err.reason == RPM_REFUSED:
                self._refused = err.reason
            raise
        points = [wanted[log.points[column]] for column in columns]
        return await asyncio.to_thread(_hours, records, points, log, query, clock)

    async def _described(self, session: DeviceSession) -> list[LogDescription]:
        now = asyncio.get_running_loop().time()
        if now - self._described_at > DESCRIBED_SECONDS:
            self._logs = await read_logs(session.reader, self._instance)
            self._described_at = now
        return self._logs

    async def _clock(self, session: DeviceSession, zone: tzinfo) -> DeviceClock:
        """Return the device's clock; one without a clock is taken to keep our time."""
        refs = [PropertyRef(DEVICE, self._instance, each) for each in _CLOCK]
        results = await session.reader.read(refs)
        local = _local_time(results)
        if local is None:
            return DeviceClock(zone=zone)
        properties = ObjectProperties(results)
        now = datetime.now(UTC).timestamp()
        try:
            return clock_of(
                local,
                now,
                zone,
                utc_offset_minutes=_whole(properties.values(PropertyId.UTC_OFFSET)),
                summer_time=properties.values(PropertyId.DAYLIGHT_SAVINGS_STATUS)
                == (True,),
            )
        except ClockError as err:
            _LOGGER.debug("The logs of %s are not read: %s", self._device_id, err)
            raise DeviceRefusedError(
                f"The logs of {self._device_id} say nothing: {err}",
                device=self._device_id,
                reason=CLOCK_WRONG,
            ) from err

    def _check_service(self, services: Sequence[str]) -> None:
        if services and SERVICE not in services:
            self._refused = self._refused or RPM_REFUSED
        if self._refused:
            raise DeviceRefusedError(
                f"{self._device_id} does not let its logs be read",
                device=self._device_id,
                reason=self._refused,
            )


async def _read(
    reader: RecordReader, log: LogDescription, query: LogQuery, clock: DeviceClock
) -> list[Record]:
    """Return what was logged in a time, and the value that was there before it."""
    since = query.start - LEAD_SECONDS - LATE * log.interval_seconds
    stamp = clock.local(since)
    before = [] if log.interval_seconds else await reader.before(stamp)
    records = await reader.since(
        stamp, held=log.records, until=clock.local(query.end + LEAD_SECONDS)
    )
    return list(dict.fromkeys([*before, *records]))


def _hours(
    records: Sequence[Record],
    points: Sequence[Point],
    log: LogDescription,
    query: LogQuery,
    clock: DeviceClock,
) -> list[PointHour]:
    """Return the hours of each column's point."""
    now = datetime.now(UTC).timestamp()
    moments = clock.moments([record[0][:2] for record in records], now)
    terms = LogTerms(
        interval=log.interval_seconds,
        until=min(now, query.end) if log.enabled else float("-inf"),
    )
    found: list[PointHour] = []
    for number, point in enumerate(points):
        factor, offset = query.shown.get(point.point_id, (1.0, 0.0))
        if point.kind is PointKind.COUNTER:
            factor *= point.scale
        column = logged((each[number] for each in records), moments, factor, offset)
        found += (
            PointHour(point.point_id, point.unit, facts)
            for facts in hours_of(column, terms, query.start, query.end)
        )
    return found


def _local_time(results: Sequence[PropertyResult]) -> float | None:
    match results[0].values, results[1].values:
        case (Date() as date,), (Time() as time,):
            return seconds_of(date, time)
    return None


def _whole(values: Sequence[object]) -> int | None:
    match values:
        case (int(value),) if not isinstance(value, bool):
            return int(value)
    return None

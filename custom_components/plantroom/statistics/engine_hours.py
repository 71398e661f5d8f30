"""Asks the engine what points showed, and devices where the engine did not look."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Final

from ..client import EngineClient
from ..engine.errors import PlantroomError
from ..engine.history.models import HourSource, HoursRequest, HourSummary
from .hours import HOUR
from .subjects import Subject

_LOGGER = logging.getLogger(__name__)

_POINTS_AT_ONCE: Final = 500
# An engine that follows a point all the time misses no more of an hour than this
_SLACK_SECONDS: Final = 60.0

type Hours = dict[tuple[str, datetime], HourSummary]


@dataclass(slots=True)
class EngineHours:
    """Hours by point and start. unread: why devices could not be asked for their logs."""

    hours: Hours = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def of(self, point_id: str, hour: datetime) -> HourSummary | None:
        """Return what a point showed in an hour, None when nobody knows."""
        return self.hours.get((point_id, hour))

    @property
    def from_server(self) -> bool:
        """Return whether the engine itself saw any of it."""
        return any(h.source is HourSource.ENGINE for h in self.hours.values())


async def ask_engine(
    client: EngineClient, subjects: Iterable[Subject], hours: tuple[datetime, ...]
) -> EngineHours:
    """Return what is known of hours without a gap between; raises PlantroomError.

    Devices are asked for their Trend Logs of what the engine saw less than whole.
    """
    known = EngineHours()
    points = {subject.point_id: subject.device_id for subject in subjects}
    start, end = hours[0], hours[-1] + HOUR
    await _ask(client, known, points, start, end, HourSource.ENGINE)
    wanting: dict[str, list[str]] = {}
    for point_id, device_id in points.items():
        if any(_is_wanting(known.of(point_id, hour)) for hour in hours):
            wanting.setdefault(device_id, []).append(point_id)
    for device_id, point_ids in wanting.items():
        logged = await logged_points(client, device_id)
        asked = [point_id for point_id in point_ids if point_id in logged]
        await _ask(client, known, asked, start, end, HourSource.TREND_LOG)
    return known


async def logged_points(client: EngineClient, device_id: str) -> set[str]:
    """Return the points that a device keeps Trend Logs of."""
    try:
        logs = await client.trend_logs(device_id)
    except PlantroomError as err:
        _LOGGER.debug("%s does not tell of its Trend Logs: %s", device_id, err)
        return set()
    return {log.point_id for log in logs if log.records}


async def _ask(
    client: EngineClient,
    known: EngineHours,
    point_ids: Iterable[str],
    start: datetime,
    end: datetime,
    source: HourSource,
) -> None:
    for some in batched(point_ids, _POINTS_AT_ONCE, strict=False):
        begin: datetime | None = start
        while begin is not None and begin < end:
            answer = await client.hours(
                HoursRequest(point_ids=some, start=begin, end=end, sources=(source,))
            )
            for hour in answer.hours:
                _take(known.hours, hour)
            known.unread.update(answer.unread)
            more = answer.more_from
            begin = more if more is not None and more > begin else None


def _take(hours: Hours, hour: HourSummary) -> None:
    """Keep the hour that covers more."""
    key = (hour.point_id, hour.start)
    kept = hours.get(key)
    if kept is None or hour.covered_seconds > kept.covered_seconds:
        hours[key] = hour


def _is_wanting(hour: HourSummary | None) -> bool:
    if hour is None:
        return True
    return hour.covered_seconds < HOUR.total_seconds() - _SLACK_SECONDS

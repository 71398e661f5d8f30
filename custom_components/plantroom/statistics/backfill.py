"""Lets statistics begin where a device's Trend Logs do, not where we came."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.components.recorder.models import StatisticData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from ..client import EngineClient
from ..device_adapter import DeviceAdapter
from ..engine.history.models import HourSource, HoursRequest, HourSummary
from .counters import CounterRow, sums_leading_to
from .engine_hours import logged_points
from .hours import hour_of
from .importing import import_rows
from .recorder_rows import first_rows
from .recorder_turn import recorder_is_through
from .subjects import Subject, find_subjects, statistics_points

# No device that is still in use keeps more
_OLDEST: Final = timedelta(days=3653)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What was filled in of a device.

    statistics, hours: how many begin earlier now, and by how many hours in all. begins:
    the first of these hours. waiting: points whose statistic the recorder has not begun
    yet, which takes it up to five minutes: nothing can be put before them until then.
    asked: points whose logs were asked for. unread: why logs could not be read, "" when
    they could.
    """

    statistics: int = 0
    hours: int = 0
    begins: datetime | None = None
    waiting: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    unread: str = ""


async def backfill(
    hass: HomeAssistant,
    adapter: DeviceAdapter,
    client: EngineClient,
    device_id: str,
    *,
    task_id: str = "",
    but: Container[str] = (),
) -> Backfilled:
    """Import the hours before the first of each statistic; raises PlantroomError.

    but: points to leave as they are. Progress comes as events of the task id. Doing it again imports nothing twice: then
    the first of each statistic is the first that the device has.
    """
    logged = await logged_points(client, device_id)
    shown = statistics_points(hass, adapter, device_id)
    points = {point_id for point_id in logged & shown if point_id not in but}
    subjects = [
        subject
        for subject in await find_subjects(hass, adapter)
        if subject.point_id in points
    ]
    first = await get_instance(hass).async_add_executor_job(
        partial(first_rows, hass, [subject.metadata_id for subject in subjects])
    )
    begun = [subject for subject in subjects if subject.metadata_id in first]
    waiting = points - {subject.point_id for subject in begun}
    hours, unread = await _logged_hours(client, [s.point_id for s in begun], task_id)
    written = [
        rows
        for subject in begun
        if (rows := _rows(subject, hours, *first[subject.metadata_id]))
    ]
    written = [item for item in written if import_rows(hass, *item)]
    await recorder_is_through(hass)
    return Backfilled(
        statistics=len(written),
        hours=sum(len(rows) for _, rows in written),
        begins=min((rows[0]["start"] for _, rows in written), default=None),
        waiting=tuple(sorted(waiting)),
        asked=tuple(subject.point_id for subject in begun),
        unread=unread.get(device_id, ""),
    )


async def _logged_hours(
    client: EngineClient, point_ids: Iterable[str], task_id: str
) -> tuple[list[HourSummary], dict[str, str]]:
    """Return all that the logs hold, and why they could not be read."""
    asked, now = tuple(point_ids), dt_util.utcnow()
    hours: list[HourSummary] = []
    unread: dict[str, str] = {}
    start: datetime | None = hour_of(now - _OLDEST)
    while asked and start is not None:
        answer = await client.hours(
            HoursRequest(
                point_ids=asked,
                start=start,
                end=hour_of(now),
                sources=(HourSource.TREND_LOG,),
                task_id=task_id,
            )
        )
        hours += answer.hours
        unread.update(answer.unread)
        more = answer.more_from
        start = more if more is not None and more > start else None
    return hours, unread


def _rows(
    subject: Subject,
    hours: Iterable[HourSummary],
    first: datetime,
    anchor: CounterRow | None,
) -> tuple[Subject, list[StatisticData]] | None:
    """Return the rows before the first, None without any."""
    # The recorder itself makes the hour that the first of its five minutes are in
    earlier = sorted(
        (
            hour
            for hour in hours
            if hour.point_id == subject.point_id
            and hour.start < hour_of(first)
            and hour.covered_seconds > 0
        ),
        key=lambda hour: hour.start,
    )
    if not earlier or (subject.has_sum and anchor is None):
        return None
    if anchor is None or not subject.has_sum:
        return subject, [subject.mean_row(hour) for hour in earlier]
    sums = sums_leading_to(
        [subject.counter_hour(hour) for hour in earlier],
        anchor,
        increasing=subject.increasing,
    )
    return subject, [
        StatisticData(start=hour.start, state=row.state, sum=row.sum)
        for hour, row in zip(earlier, sums, strict=True)
    ]

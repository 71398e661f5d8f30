"""Logs of many devices are read at once; what fails is said, device by device."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import override
from zoneinfo import ZoneInfo

import pytest

from custom_components.plantroom.engine.energy.local_time import LocalTime
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    PlantroomError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import Progress
from custom_components.plantroom.engine.history import log_reading
from custom_components.plantroom.engine.history.hour_trace import HourFacts, PointHour
from custom_components.plantroom.engine.history.log_reading import LogReading
from custom_components.plantroom.engine.history.log_source import (
    LoggedHours,
    LogProgress,
    LogQuery,
    LogSource,
)
from custom_components.plantroom.engine.history.models import (
    HourSource,
    HoursRequest,
    TrendLogSummary,
)

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
FACTS = HourFacts(int(START.timestamp()), 1.0, 1.0, 1.0, 1.0, 1.0, 3600.0)
LOG = TrendLogSummary(
    device_id="n:1", reference="trend-log,1", name="Log", point_id="n:1:analog-input,1",
    records=3, interval_seconds=900.0, enabled=True,
)  # fmt: skip


class Field(LogSource):
    """Devices whose logs say one hour of every point, unless one is told to fail."""

    def __init__(self) -> None:
        self.failures: dict[str, PlantroomError] = {}
        self.partly: dict[str, str] = {}
        self.queries: dict[str, LogQuery] = {}
        self.waits: Callable[[str], float] = lambda _device_id: 0.0

    @override
    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        return (LOG,)

    @override
    async def logged_hours(
        self, device_id: str, query: LogQuery, progress: LogProgress
    ) -> LoggedHours:
        self.queries[device_id] = query
        await asyncio.sleep(self.waits(device_id))
        if device_id in self.failures:
            raise self.failures[device_id]
        progress(0.5)
        hours = [PointHour(point_id, "", FACTS) for point_id in query.point_ids]
        return LoggedHours(hours, self.partly.get(device_id, ""))


class Bench:
    """A reading of the logs of devices "n:…"; "m:…" keep none, others are unknown."""

    def __init__(self) -> None:
        self.field = Field()
        self.told: list[Progress] = []
        events = EventBus()
        events.listen(lambda numbered: self.told.append(numbered.event))  # type: ignore[arg-type]
        self.reading = LogReading(
            events,
            self._source_of,
            lambda point_id: (2.0, 5.0) if point_id == "n:1:a" else (1.0, 0.0),
            LocalTime(lambda: "Europe/Berlin"),
        )

    async def hours(self, *point_ids: str) -> tuple[list[str], list[tuple[str, str]]]:
        """Return the points that have hours, and what was not read."""
        request = HoursRequest(
            point_ids=point_ids,
            start=START,
            end=START.replace(hour=12),
            sources=(HourSource.TREND_LOG,),
            task_id="task",
        )
        found, unread = await self.reading.hours(request)
        return [hour.point_id for hour in found], unread

    def _source_of(self, device_id: str) -> LogSource | None:
        match device_id.partition(":")[0]:
            case "n":
                return self.field
            case "m":
                return None
        raise UnknownTargetError("no", target=device_id)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_each_device_is_asked_for_its_own_points(bench: Bench):
    found, unread = await bench.hours("n:1:a", "n:2:a", "n:1:b")
    assert (sorted(found), unread) == (["n:1:a", "n:1:b", "n:2:a"], [])
    query = bench.field.queries["n:1"]
    assert query.point_ids == ("n:1:a", "n:1:b")
    assert (query.start, query.end) == (START.timestamp(), START.timestamp() + 7200)
    assert query.zone == ZoneInfo("Europe/Berlin")
    assert query.shown == {"n:1:a": (2.0, 5.0), "n:1:b": (1.0, 0.0)}


async def test_device_that_fails_costs_nothing_but_its_own(bench: Bench):
    bench.field.failures = {
        "n:1": DeviceOfflineError("silent", device="n:1"),
        "n:2": DeviceRefusedError("no", device="n:2", reason="clock-wrong"),
    }
    bench.field.partly = {"n:3": "malformed_reply"}
    found, unread = await bench.hours("n:1:a", "n:2:a", "n:3:a", "n:4:a")
    assert found == ["n:3:a", "n:4:a"]
    assert sorted(unread) == [
        ("n:1", "device_offline"),
        ("n:2", "clock-wrong"),
        ("n:3", "malformed_reply"),
    ]


async def test_what_keeps_no_logs_is_not_unread(bench: Bench):
    assert await bench.hours("m:1:a", "gone:1:a") == ([], [])
    assert await bench.reading.logs("m:1") == ()
    assert await bench.reading.logs("n:1") == (LOG,)
    with pytest.raises(UnknownTargetError):
        await bench.reading.logs("gone:1")


async def test_device_that_takes_too_long_is_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_reading, "DEVICE_SECONDS", 0.02)
    bench.field.waits = lambda device_id: 60.0 if device_id == "n:1" else 0.0
    found, unread = await bench.hours("n:1:a", "n:2:a")
    assert (found, unread) == (["n:2:a"], [("n:1", "too-slow")])


async def test_progress_goes_up_to_all(bench: Bench):
    await bench.hours("n:1:a", "n:2:a")
    fractions = [each.fraction for each in bench.told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {each.task_id for each in bench.told} == {"task"}

"""A history beside points that a test reads, on a clock that a test sets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.energy.local_time import LocalTime
from custom_components.plantroom.engine.energy.moment import Moment
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    NetworkStatusChanged,
)
from custom_components.plantroom.engine.history.history import History
from custom_components.plantroom.engine.history.log_reading import LogReading
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HoursRequest,
    HourSummary,
)
from custom_components.plantroom.engine.models import (
    DeviceStatus,
    Health,
    NetworkStatus,
    Point,
    Problem,
)
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.problems import Problems
from tests.site import point, reading

TEN = datetime(2026, 11, 21, 10, tzinfo=UTC)
DEVICE = "n:1"
ROOM = f"{DEVICE}:analog-value,1"
OTHER = f"{DEVICE}:analog-value,2"
HOUR = timedelta(hours=1)


class HistoryBench:
    """Points of one device, all watched unless a test says otherwise."""

    def __init__(self, folder: Path | None = None, at: datetime = TEN) -> None:
        self.at = at
        self.steady = 1000.0
        self.events = EventBus()
        self.points = Points(self.events)
        self.problems = Problems(self.events)
        logs = LogReading(
            self.events,
            lambda _device_id: None,
            lambda _point_id: (1.0, 0.0),
            LocalTime(lambda: "UTC"),
        )
        self.history = History(
            self.events, self.points, self.problems, folder, logs, self._now
        )

    async def start(self, *defined: Point) -> None:
        """Start with points, all of them watched."""
        await self.history.start()
        self.define(*defined)
        self.history.watch(frozenset(each.point_id for each in self.points.all()))

    def define(self, *defined: Point) -> None:
        """Make these the device's points."""
        self.points.define(DEVICE, defined or (point(), point("analog-value,2")))

    def read(self, value: Any, point_id: str = ROOM, **facts: Any) -> None:
        """Take what was read now."""
        self.points.update([(point_id, reading(value, **{"at": self.at} | facts))])

    def wait(self, seconds: float = 0, *, minutes: float = 0) -> None:
        """Let time pass as it does, somebody looking at the clock now and then."""
        left = seconds + minutes * 60
        while left > 0:
            step = min(left, 60.0)
            self.at += timedelta(seconds=step)
            self.steady += step
            left -= step
            self.history._book.advance(self.history._book.point_ids)

    def sleep(self, seconds: float) -> None:
        """Let time pass while the whole process stands still."""
        self.at += timedelta(seconds=seconds)
        self.steady += seconds

    def set_clock(self, at: datetime) -> None:
        """Set the wall clock, which is noticed at once."""
        self.at = at
        self.history._book.advance(self.history._book.point_ids)

    def device(self, *, online: bool) -> None:
        """State whether the device answers."""
        status = DeviceStatus(device_id=DEVICE, online=online, since=self.at)
        self.events.publish(DeviceStatusChanged(status=status))

    def network(self, health: Health) -> None:
        """State how the network is doing."""
        status = NetworkStatus(network_id="n", health=health, since=self.at)
        self.events.publish(NetworkStatusChanged(status=status))

    async def answer(
        self, *point_ids: str, start: datetime | None = None, hours: int = 48
    ) -> HoursAnswer:
        """Return what a client is told."""
        begin = self.at - hours * HOUR if start is None else start
        request = HoursRequest(
            point_ids=point_ids or (ROOM,), start=begin, end=begin + 2 * hours * HOUR
        )
        return await self.history.hours(request)

    async def hours(self, *point_ids: str) -> tuple[HourSummary, ...]:
        """Return the hours that a client is told of."""
        return (await self.answer(*point_ids)).hours

    async def killed(self, folder: Path, at: datetime) -> HistoryBench:
        """Return what a new process makes of what was kept, ours being lost."""
        task, self.history._task = self.history._task, None
        if task is not None:
            task.cancel()
        await self.history._keeper.stop()
        return HistoryBench(folder, at)

    @property
    def problem(self) -> Problem | None:
        """Return the problem that stands, if any."""
        return next(iter(self.problems.all()), None)

    def _now(self) -> Moment:
        return Moment(steady=self.steady, at=self.at)


def covered(hours: tuple[HourSummary, ...]) -> Iterator[tuple[int, float]]:
    """Yield the hour of the day of each, and how much of it is known."""
    for each in hours:
        yield each.start.hour, each.covered_seconds

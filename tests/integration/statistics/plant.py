"""A plant whose truth is known, and the server that looks at it all the time."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from custom_components.plantroom.engine.energy.moment import Moment
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.history.history import History
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
)
from custom_components.plantroom.engine.models import Point
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.problems import Problems

from ..office import AHU, METER, TEMPERATURE, point, reading

HOUR = timedelta(hours=1)
PRESSURE = point("analog-input,2", "AHU-1.DuctPressure", unit="pascals")
# Starts anew at zero now and then, as a meter does that is replaced
DAILY = point("accumulator,2", "AHU-1.Energy since start", unit="kilowatt-hours")
WATCHED = (TEMPERATURE, PRESSURE, METER, DAILY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What one hour was really like. grown: all that was counted within it."""

    mean: float
    minimum: float
    maximum: float
    last: float
    grown: float


@dataclass(slots=True)
class Plant:
    """Every point's values, each shown from a moment until the next one."""

    random: Random
    at: datetime
    shown: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)
    # By how much all clocks were set, which no time passed for
    clock_set: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        begin = {TEMPERATURE: 21.0, PRESSURE: 250.0, METER: 1234.0, DAILY: 40.0}
        for item, value in begin.items():
            self.shown[item.point_id] = [(self.at, value)]

    def now(self, point_id: str) -> float:
        """Return what a point shows."""
        return self.shown[point_id][-1][1]

    def go_on(self, seconds: float, *, starts_anew: bool = False) -> None:
        """Let time pass; a counter that starts anew counts from zero again."""
        self.at += timedelta(seconds=seconds)
        changes = {
            TEMPERATURE: round(self.now(TEMPERATURE.point_id) + self._some(0.2), 2),
            PRESSURE: round(self.now(PRESSURE.point_id) + self._some(5.0), 1),
            METER: round(self.now(METER.point_id) + self.random.random() * 0.1, 3),
            DAILY: round(self.now(DAILY.point_id) + self.random.random() * 0.2, 3),
        }
        if starts_anew:
            changes[DAILY] = 0.0
        for item, value in changes.items():
            self.shown[item.point_id].append((self.at, value))

    def set_clock(self, by: timedelta) -> None:
        """Let everybody read another time from now on."""
        self.at += by
        self.clock_set += by

    def show(self, point: Point, value: float) -> None:
        """Let a point show something else from now on."""
        self.shown[point.point_id].append((self.at, value))

    def truth(self, point_id: str, hour: datetime) -> Truth:
        """Return an hour of a point, worked out from nothing but what it showed."""
        values = self._within(point_id, hour)
        ends = [*(at for at, _ in values[1:]), hour + HOUR]
        seconds = [
            (end - max(at, hour)).total_seconds()
            for (at, _), end in zip(values, ends, strict=True)
        ]
        mean = sum(v * s for (_, v), s in zip(values, seconds, strict=True)) / 3600
        only = [value for _, value in values]
        grown = sum(b - a if b >= a else b for a, b in pairwise(only))
        return Truth(
            mean=mean, minimum=min(only), maximum=max(only), last=only[-1], grown=grown
        )

    def _within(self, point_id: str, hour: datetime) -> list[tuple[datetime, float]]:
        """Return what an hour began with and all that came in it."""
        shown = self.shown[point_id]
        before = [item for item in shown if item[0] <= hour]
        return [before[-1], *(i for i in shown if hour < i[0] < hour + HOUR)]

    def _some(self, most: float) -> float:
        return (self.random.random() - 0.5) * 2 * most


class PlantServer:
    """The engine's own history on a clock of the test, fed with what the plant shows."""

    def __init__(self, plant: Plant, folder: Path) -> None:
        self._plant = plant
        self._folder = folder
        self._began = plant.at
        self._history: History | None = None
        self._points: Points | None = None
        self.asked = 0

    @property
    def running(self) -> bool:
        return self._history is not None

    async def start(self) -> None:
        events = EventBus()
        self._points = Points(events)
        self._points.define(AHU, WATCHED)
        self._history = History(
            events, self._points, Problems(events), self._folder, self._moment
        )
        await self._history.start()
        self._history.watch({item.point_id for item in WATCHED})
        self.poll()

    async def stop(self) -> None:
        if self._history is not None:
            await self._history.stop()
        self._history = self._points = None

    def poll(self) -> None:
        """Read every point, as a running server does all the time."""
        if self._points is not None:
            self._points.update(
                (each, reading(self._plant.now(each), at=self._plant.at))
                for each in self._plant.shown
            )

    def look_away(self) -> None:
        """Know nothing of any point until told to look again."""
        assert self._history is not None
        self._history.watch(())

    def look_again(self) -> None:
        assert self._history is not None
        self._history.watch({item.point_id for item in WATCHED})

    async def save(self) -> None:
        """Do what a running server does every minute."""
        if self._history is not None:
            await self._history.save()

    async def hours(self, request: HoursRequest) -> HoursAnswer:
        self.asked += 1
        if self._history is None or HourSource.TREND_LOG in request.sources:
            return HoursAnswer(hours=())
        return await self._history.hours(replace(request, sources=()))

    def _moment(self) -> Moment:
        passed = self._plant.at - self._plant.clock_set - self._began
        steady = passed.total_seconds()
        return Moment(steady=steady, at=self._plant.at)


def readings_of(plant: Plant) -> Iterable[tuple[str, float]]:
    """Return what every point shows now."""
    return [(each, plant.now(each)) for each in plant.shown]

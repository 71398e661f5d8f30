"""The hours of every watched numeric point, as far as they are not kept yet."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from ..events import (
    DeviceRemoved,
    DeviceStatusChanged,
    NetworkStatusChanged,
    NumberedEvent,
    PointsChanged,
    ReadingsChanged,
)
from ..models import DeviceStatus, Health, Point, PointKind, Reading
from ..points import Points
from .clock import Pace, WatchedClock
from .hour_trace import HOUR_SECONDS, HourFacts, HourTrace, PointHour

NUMERIC: Final = frozenset({PointKind.ANALOG, PointKind.INTEGER, PointKind.COUNTER})
LARGEST: Final = 1e300
_RELIABLE: Final = frozenset({"", "no-fault-detected"})


class HourBook:
    """Follows readings while somebody vouches for them.

    A point that nobody watches, whose device is silent or whose value is not reliable
    shows nothing. Points of states and texts have no statistics and are left out.
    """

    def __init__(self, points: Points, clock: WatchedClock) -> None:
        """Take where points and readings are found."""
        self._points = points
        self._clock = clock
        self._watched: Collection[str] = frozenset()
        self._traces: dict[str, HourTrace] = {}
        self._units: dict[str, str] = {}
        self._by_device: dict[str, set[str]] = {}
        self._silent: set[str] = set()
        self._ended: dict[str, list[HourFacts]] = {}
        self._changed: set[str] = set()
        self._kept: dict[str, PointHour] = {}

    @property
    def followed(self) -> int:
        """Return of how many points the value is known now."""
        return sum(trace.knows for trace in self._traces.values())

    def restore(self, kept: Mapping[str, PointHour]) -> None:
        """Go on with hours that an earlier process had not ended, counted until then."""
        self._kept = dict(kept)

    def clear(self) -> None:
        """Know nothing any more."""
        self._traces.clear()
        self._units.clear()
        self._by_device.clear()
        self._silent.clear()
        self._ended.clear()
        self._changed.clear()
        self._kept.clear()
        self._watched = frozenset()

    def watch(self, point_ids: Collection[str]) -> None:
        """Take these as kept fresh, and what others show as unknown."""
        before, self._watched = self._watched, point_ids
        self._lose([each for each in self._traces if each not in point_ids])
        # What was read before they were watched says nothing of now
        self._points.doubt(
            each
            for each in point_ids
            if each not in before and self._points.reading(each) is not None
        )

    def hear(self, numbered: NumberedEvent) -> None:
        """Take what happened to points and devices."""
        match numbered.event:
            case ReadingsChanged(readings=readings):
                self._take(readings)
            case DeviceStatusChanged(status=status):
                self._take_status(status)
            case NetworkStatusChanged(status=status):
                if status.health in {Health.DOWN, Health.STARTING}:
                    self._lose_network(f"{status.network_id}:")
            case PointsChanged(changed=changed, removed=removed):
                self._lose(removed)
                self._take_changed(changed)
            case DeviceRemoved(device_id=device_id):
                self._silent.discard(device_id)
                self._lose(self._by_device.get(device_id, ()))

    @property
    def point_ids(self) -> tuple[str, ...]:
        """Return the points that are followed."""
        return tuple(self._traces)

    def advance(self, point_ids: Iterable[str]) -> float:
        """Count up to now and return when that is, in seconds since 1970."""
        at = self._look()
        for point_id in point_ids:
            trace = self._traces.get(point_id)
            if trace is None:
                continue
            before = trace.hour
            self._end(point_id, trace.advance(at))
            if trace.hour != before:
                self._changed.add(point_id)
        return at

    def open_hours(self, point_ids: Iterable[str]) -> list[PointHour]:
        """Return the hours that go on, counted up to the latest advance()."""
        hours = []
        for point_id in point_ids:
            trace = self._traces.get(point_id)
            facts = None if trace is None else trace.now()
            if facts is not None:
                hours.append(PointHour(point_id, self._units[point_id], facts))
        return hours

    def take_news(self) -> list[PointHour]:
        """Return hours that ended, and those going on that are not as returned before."""
        ended, self._ended = self._ended, {}
        changed, self._changed = self._changed, set()
        news = [
            PointHour(point_id, self._units[point_id], facts)
            for point_id, hours in ended.items()
            for facts in hours
        ]
        return [*news, *self.open_hours(changed)]

    def forget_idle(self) -> None:
        """Follow points no more that nobody watches and that have no hour open."""
        watched = self._watched
        idle = [
            point_id
            for point_id, trace in self._traces.items()
            if point_id not in watched and trace.hour is None
        ]
        for point_id in idle:
            self._forget(point_id)

    def _take(self, readings: Iterable[tuple[str, Reading]]) -> None:
        at = self._look()
        watched, silent = self._watched, self._silent
        for point_id, reading in readings:
            if point_id not in watched:
                continue
            if silent and point_id.rpartition(":")[0] in silent:
                # Nobody vouches for it until the device is back
                continue
            self._take_reading(point_id, reading, at)

    def _take_reading(self, point_id: str, reading: Reading, at: float) -> None:
        trace = self._traces.get(point_id) or self._begin(point_id, at)
        if trace is None:
            return
        self._changed.add(point_id)
        ended = trace.take(number_of(reading), at)
        if ended:
            self._end(point_id, ended)

    def _begin(self, point_id: str, at: float) -> HourTrace | None:
        point = self._points.get(point_id)
        if point is None or point.kind not in NUMERIC:
            return None
        kept = self._kept.pop(point_id, None)
        if kept is not None and kept.unit != point.unit:
            kept = None
        facts = None if kept is None else kept.facts
        trace = self._traces[point_id] = _trace(facts, at)
        self._units[point_id] = point.unit
        self._by_device.setdefault(point.device_id, set()).add(point_id)
        return trace

    def _take_status(self, status: DeviceStatus) -> None:
        device_id = status.device_id
        if not status.online:
            if device_id not in self._silent:
                self._silent.add(device_id)
                self._lose(self._by_device.get(device_id, ()))
            return
        if device_id not in self._silent:
            return
        self._silent.discard(device_id)
        at = self._look()
        for point in self._points.of_device(device_id):
            self._resume(point.point_id, at)
        for point_id in tuple(self._by_device.get(device_id, ())):
            self._resume(point_id, at)

    def _resume(self, point_id: str, at: float) -> None:
        """Know again what a point shows: its device was read."""
        reading = self._points.reading(point_id)
        if reading is not None and point_id in self._watched:
            self._take_reading(point_id, reading, at)

    def _take_changed(self, changed: Iterable[Point]) -> None:
        """Begin anew with a point that is measured in something else."""
        for point in changed:
            unit = self._units.get(point.point_id)
            if unit is not None and (unit, True) != (point.unit, _is_numeric(point)):
                self._forget(point.point_id)

    def _lose_network(self, prefix: str) -> None:
        lost = [each for each in self._traces if each.startswith(prefix)]
        self._lose(lost)
        # Devices may be read again without having been away
        self._points.doubt(lost)

    def _lose(self, point_ids: Iterable[str]) -> None:
        """Know no more what points show."""
        known = [each for each in point_ids if self._knows(each)]
        if not known:
            return
        at = self._look()
        for point_id in known:
            self._changed.add(point_id)
            self._end(point_id, self._traces[point_id].take(None, at))

    def _knows(self, point_id: str) -> bool:
        trace = self._traces.get(point_id)
        return trace is not None and trace.knows

    def _look(self) -> float:
        """Return what time it is; what a step of the clock hides is not counted."""
        look = self._clock.look()
        if look.pace is not Pace.STEADY:
            for point_id, trace in self._traces.items():
                self._end(point_id, trace.advance(look.known_until))
                self._end(point_id, trace.skip(look.at))
                self._changed.add(point_id)
        return look.at

    def _end(self, point_id: str, ended: Collection[HourFacts]) -> None:
        if ended:
            self._ended.setdefault(point_id, []).extend(ended)
            self._changed.add(point_id)

    def _forget(self, point_id: str) -> None:
        del self._traces[point_id]
        del self._units[point_id]
        self._changed.discard(point_id)
        self._ended.pop(point_id, None)
        self._by_device[point_id.rpartition(":")[0]].discard(point_id)


def number_of(reading: Reading) -> float | None:
    """Return a value to rely on, or None.

    Out of service, value and reliability are what a person set to try something: it
    is shown, so it counts.
    """
    value, flags = reading.value, reading.flags
    if reading.error or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not flags.out_of_service and (
        flags.fault or reading.reliability not in _RELIABLE
    ):
        return None
    return float(value) if math.isfinite(value) and abs(value) < LARGEST else None


def _trace(kept: HourFacts | None, at: float) -> HourTrace:
    """Return what goes on with a kept hour, if that goes on."""
    if kept is None or not kept.start <= at < kept.start + HOUR_SECONDS:
        return HourTrace(at)
    # The clock may have been set back while nobody ran
    return HourTrace(max(at, kept.until or at), kept)


def _is_numeric(point: Point) -> bool:
    return point.kind in NUMERIC

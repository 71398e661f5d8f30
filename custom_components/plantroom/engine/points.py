"""The points known and their latest readings; the only place they change."""

import math
from collections.abc import Iterable, Sequence

from .event_bus import EventBus
from .events import PointsChanged, ReadingsChanged
from .models import Point, Reading


class Points:
    """Points and readings by id; every change becomes an event."""

    def __init__(self, events: EventBus) -> None:
        """Start with no points."""
        self._events = events
        self._points: dict[str, Point] = {}
        self._by_device: dict[str, dict[str, Point]] = {}
        self._readings: dict[str, Reading] = {}

    def get(self, point_id: str) -> Point | None:
        """Return a point, or None."""
        return self._points.get(point_id)

    def reading(self, point_id: str) -> Reading | None:
        """Return a point's latest reading, or None before the first."""
        return self._readings.get(point_id)

    def all(self) -> tuple[Point, ...]:
        """Return every point."""
        return tuple(self._points.values())

    def readings(self) -> tuple[tuple[str, Reading], ...]:
        """Return every latest reading with its point id."""
        return tuple(self._readings.items())

    def of_device(self, device_id: str) -> tuple[Point, ...]:
        """Return a device's points in the order they were defined."""
        return tuple(self._by_device.get(device_id, {}).values())

    def define(self, device_id: str, points: Sequence[Point]) -> None:
        """Make these the points of a device and tell what that changed."""
        before = self._by_device.get(device_id, {})
        after = {point.point_id: point for point in points}
        added = tuple(p for i, p in after.items() if i not in before)
        changed = tuple(p for i, p in after.items() if i in before and before[i] != p)
        removed = tuple(i for i in before if i not in after)
        for point_id in removed:
            del self._points[point_id]
            self._readings.pop(point_id, None)
        self._by_device[device_id] = after
        self._points.update(after)
        if added or changed or removed:
            self._events.publish(
                PointsChanged(
                    device_id=device_id, added=added, changed=changed, removed=removed
                )
            )

    def forget_device(self, device_id: str) -> None:
        """Drop a device's points; the event for the device says the rest."""
        for point_id in self._by_device.pop(device_id, {}):
            del self._points[point_id]
            self._readings.pop(point_id, None)

    def update(self, readings: Iterable[tuple[str, Reading]]) -> None:
        """Take readings of known points; publish those that say something new."""
        fresh = []
        for point_id, reading in readings:
            if point_id not in self._points:
                continue
            before = self._readings.get(point_id)
            if before is None or not _same(before, reading):
                self._readings[point_id] = reading
                fresh.append((point_id, reading))
        if fresh:
            self._events.publish(ReadingsChanged(readings=tuple(fresh)))


def _same(before: Reading, after: Reading) -> bool:
    """Return whether a client would see no difference; NaN equals NaN."""
    return (
        (before.value == after.value or (_is_nan(before) and _is_nan(after)))
        and before.flags == after.flags
        and before.reliability == after.reliability
        and before.error == after.error
        and before.priority == after.priority
    )


def _is_nan(reading: Reading) -> bool:
    return isinstance(reading.value, float) and math.isnan(reading.value)

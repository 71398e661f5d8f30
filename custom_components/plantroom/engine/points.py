"""The points known and their latest readings; the only place they change."""

import math
from collections.abc import Container, Iterable, Sequence
from typing import Protocol

from .event_bus import EventBus
from .events import PointsChanged, ReadingsChanged
from .models import Point, Reading


class Derivation(Protocol):
    """Makes of a device's points what people see: counters that go on, and more."""

    @property
    def followed(self) -> Container[str]:
        """Return the ids of field points whose readings it takes; always the same."""

    def points_of(self, device_id: str, field: Sequence[Point]) -> Sequence[Point]:
        """Return a device's points as people see them, derived ones among them."""

    def take(self, point_id: str, reading: Reading) -> Iterable[tuple[str, Reading]]:
        """Return the readings that follow from one of a followed point."""

    def readings_of(self, device_id: str) -> Iterable[tuple[str, Reading]]:
        """Return what is known of a device's points before anything is read."""

    def forget_device(self, device_id: str) -> None:
        """Follow a device's points no more."""


class Points:
    """Points and readings by id; every change becomes an event.

    Networks define and update field points and get those back from of_device() and
    field_reading(); all else is what people see.
    """

    def __init__(self, events: EventBus) -> None:
        """Start with no points."""
        self._events = events
        self._points: dict[str, Point] = {}
        self._field: dict[str, tuple[Point, ...]] = {}
        self._by_device: dict[str, dict[str, Point]] = {}
        self._readings: dict[str, Reading] = {}
        self._field_readings: dict[str, Reading] = {}
        self._derivation: Derivation | None = None
        self._followed: Container[str] = ()
        self._doubted: set[str] = set()

    def derive_with(self, derivation: Derivation) -> None:
        """Let a derivation have its say from now on, before any point is defined."""
        self._derivation = derivation
        self._followed = derivation.followed

    def get(self, point_id: str) -> Point | None:
        """Return a point, or None."""
        return self._points.get(point_id)

    def reading(self, point_id: str) -> Reading | None:
        """Return a point's latest reading, or None before the first."""
        return self._readings.get(point_id)

    def field_reading(self, point_id: str) -> Reading | None:
        """Return the latest reading as its device gave it, or None before the first."""
        found = self._field_readings.get(point_id)
        return self._readings.get(point_id) if found is None else found

    def all(self) -> tuple[Point, ...]:
        """Return every point."""
        return tuple(self._points.values())

    def readings(self) -> tuple[tuple[str, Reading], ...]:
        """Return every latest reading with its point id."""
        return tuple(self._readings.items())

    def of_device(self, device_id: str) -> tuple[Point, ...]:
        """Return a device's field points in the order they were defined."""
        return self._field.get(device_id, ())

    def define(self, device_id: str, points: Sequence[Point]) -> None:
        """Make these the points of a device and tell what that changed."""
        self._field[device_id] = tuple(points)
        if self._derivation is not None:
            points = self._derivation.points_of(device_id, points)
        self._take_points(device_id, {point.point_id: point for point in points})
        if self._derivation is not None:
            self.show(self._derivation.readings_of(device_id))

    def define_again(self, device_id: str) -> None:
        """Derive anew from a device's field points and their readings."""
        field = self.of_device(device_id)
        if not field:
            return
        known = [(p.point_id, self.field_reading(p.point_id)) for p in field]
        for point_id, _ in known:
            self._field_readings.pop(point_id, None)
        self.define(device_id, field)
        self.update([(each, reading) for each, reading in known if reading])

    def forget_device(self, device_id: str) -> None:
        """Drop a device's points; the event for the device says the rest."""
        self._field.pop(device_id, None)
        for point_id in self._by_device.pop(device_id, {}):
            self._forget(point_id)
        if self._derivation is not None:
            self._derivation.forget_device(device_id)

    def doubt(self, point_ids: Iterable[str]) -> None:
        """Take what is next read of these points for news, whatever it says."""
        self._doubted.update(point_ids)

    def update(self, readings: Iterable[tuple[str, Reading]]) -> None:
        """Take readings of known field points; publish those that say something new."""
        known, followed, latest = self._points, self._followed, self._readings
        fresh = []
        for point_id, reading in readings:
            if point_id not in known:
                continue
            if point_id in followed:
                fresh += self._taken(point_id, reading)
                continue
            before = latest.get(point_id)
            if before is None or not _same(before, reading) or self._doubts(point_id):
                latest[point_id] = reading
                fresh.append((point_id, reading))
        self._publish(fresh)

    def show(self, readings: Iterable[tuple[str, Reading]]) -> None:
        """Take readings of known points as people see them; publish what is new."""
        self._publish(self._news(readings))

    def _take_points(self, device_id: str, after: dict[str, Point]) -> None:
        before = self._by_device.get(device_id, {})
        added = tuple(p for i, p in after.items() if i not in before)
        changed = tuple(p for i, p in after.items() if i in before and before[i] != p)
        removed = tuple(i for i in before if i not in after)
        for point_id in removed:
            self._forget(point_id)
        self._by_device[device_id] = after
        self._points.update(after)
        if added or changed or removed:
            self._events.publish(
                PointsChanged(
                    device_id=device_id, added=added, changed=changed, removed=removed
                )
            )

    def _taken(self, point_id: str, reading: Reading) -> list[tuple[str, Reading]]:
        if self._derivation is None:
            return []
        self._field_readings[point_id] = reading
        return self._news(self._derivation.take(point_id, reading))

    def _news(
        self, readings: Iterable[tuple[str, Reading]]
    ) -> list[tuple[str, Reading]]:
        """Keep readings and return those that say something new."""
        fresh = []
        for point_id, reading in readings:
            before = self._readings.get(point_id)
            if point_id in self._points and (
                before is None or not _same(before, reading) or self._doubts(point_id)
            ):
                self._readings[point_id] = reading
                fresh.append((point_id, reading))
        return fresh

    def _doubts(self, point_id: str) -> bool:
        return bool(self._doubted) and point_id in self._doubted

    def _publish(self, fresh: Sequence[tuple[str, Reading]]) -> None:
        if fresh:
            if self._doubted:
                self._doubted.difference_update(point_id for point_id, _ in fresh)
            self._events.publish(ReadingsChanged(readings=tuple(fresh)))

    def _forget(self, point_id: str) -> None:
        del self._points[point_id]
        self._readings.pop(point_id, None)
        self._field_readings.pop(point_id, None)
        self._doubted.discard(point_id)


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

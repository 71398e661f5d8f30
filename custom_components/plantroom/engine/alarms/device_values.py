"""What a device showed when an alarm changed."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..models import PointValue
from ..points import Points
from .models import AlarmValues

MOST_VALUES = 100
MOST_TAKEN = 10
WITHIN = timedelta(seconds=1)


class DeviceValues:
    """Values of a device's points, taken ten times a second at most."""

    def __init__(
        self, points: Points, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take where readings are found."""
        self._points = points
        self._clock = clock
        self._taken: dict[str, deque[AlarmValues]] = {}

    def take(self, device_id: str) -> AlarmValues:
        """Return what a device's points show, 100 of them at most.

        In a flood of its alarms, what they showed a moment before.
        """
        now = self._clock()
        taken = self._taken.setdefault(device_id, deque(maxlen=MOST_TAKEN))
        full = len(taken) == MOST_TAKEN
        if full and timedelta() <= now - taken[0].at < WITHIN:
            return taken[-1]
        values = AlarmValues(at=now, values=self._values(device_id))
        taken.append(values)
        return values

    def _values(self, device_id: str) -> tuple[tuple[str, PointValue], ...]:
        values: list[tuple[str, PointValue]] = []
        for point in self._points.of_device(device_id):
            reading = self._points.reading(point.point_id)
            if reading is not None and not reading.error:
                values.append((point.point_id, reading.value))
            if len(values) == MOST_VALUES:
                break
        return tuple(values)

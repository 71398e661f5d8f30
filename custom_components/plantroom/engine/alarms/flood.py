"""When alarms come faster than people can take; no clock, times in."""

from collections import deque


class FloodGate:
    """Open while fewer than so many alarms are raised within so many seconds."""

    def __init__(self, alarms: int, seconds: float) -> None:
        """Take how many, in how long, make a flood."""
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=alarms)

    def take(self, now: float) -> bool:
        """Take that an alarm was raised now, and return whether it is one of a flood."""
        self._times.append(now)
        return self.is_flood(now)

    def is_flood(self, now: float) -> bool:
        """Return whether the last so many alarms were raised that fast."""
        full = len(self._times) == self._times.maxlen
        return full and now - self._times[0] <= self._seconds

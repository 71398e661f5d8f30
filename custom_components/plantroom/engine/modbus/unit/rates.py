"""How often each point is due; pure."""

from collections.abc import Collection, Mapping


class Rates:
    """Points by how often they are read; times are the loop's."""

    def __init__(self) -> None:
        """Start with no points."""
        self._seconds: dict[str, float] = {}
        self._due_at: dict[float, float] = {}
        self._fresh: set[str] = set()

    @property
    def shortest_seconds(self) -> float | None:
        """Return how often the most urgent points are read, None without any."""
        return min(self._due_at, default=None)

    def set(self, seconds: Mapping[str, float], fresh: Collection[str]) -> None:
        """Make these the points; fresh: those that are due at once."""
        self._fresh = (self._fresh & seconds.keys()) | {*fresh}
        self._seconds = dict(seconds)
        intervals = set(seconds.values())
        self._due_at = {s: self._due_at.get(s, float("-inf")) for s in intervals}

    def due(self, now: float) -> frozenset[str]:
        """Return the points to read now.

        What would be due before the half of the shortest interval is over is due.
        """
        ahead = now + (self.shortest_seconds or 0.0) / 2
        intervals = {s for s, at in self._due_at.items() if at <= ahead}
        return frozenset(
            point_id
            for point_id, seconds in self._seconds.items()
            if seconds in intervals or point_id in self._fresh
        )

    def were_read(self, point_ids: Collection[str], now: float) -> None:
        """Take that these were read; they are due again when their time is over."""
        self._fresh.difference_update(point_ids)
        for seconds in {self._seconds[p] for p in point_ids if p in self._seconds}:
            mine = [p for p, s in self._seconds.items() if s == seconds]
            if all(point_id in point_ids for point_id in mine):
                self._due_at[seconds] = self._next(seconds, now)

    def all_due(self) -> None:
        """Have everything read the next time."""
        self._fresh.update(self._seconds)

    def _next(self, seconds: float, now: float) -> float:
        """Return the next time in step with the last, or from now on after a pause."""
        following = self._due_at[seconds] + seconds
        return following if following > now else now + seconds

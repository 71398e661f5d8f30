"""How long to wait before the next try; nodes of a site do not all try at once."""

import random
from typing import Final

# SC_Minimum_Reconnect_Time and SC_Maximum_Reconnect_Time as commonly set
SHORTEST_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 600.0
_JITTER: Final = 0.25


class Backoff:
    """Waits that double from the shortest to the longest, each a little different."""

    def __init__(
        self,
        shortest_seconds: float = SHORTEST_SECONDS,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        """Take the bounds."""
        self._shortest = shortest_seconds
        self._longest = longest_seconds
        self._next = shortest_seconds

    def next_seconds(self) -> float:
        """Return how long to wait now, never outside the bounds."""
        wait, self._next = self._next, min(self._next * 2, self._longest)
        least = max(wait * (1 - _JITTER), self._shortest)
        most = min(wait * (1 + _JITTER), self._longest)
        return random.uniform(least, most)  # noqa: S311

    def reset(self) -> None:
        """Begin with the shortest again."""
        self._next = self._shortest

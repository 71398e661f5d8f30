"""How long a unit is waited for, from how long it took before; pure."""

from typing import Final

SHORTEST_SECONDS: Final = 0.25
# A device that writes its flash memory answers so many times slower
SLACK: Final = 8.0
PROBE_SLACK: Final = 4.0
FADING: Final = 0.99
ATTEMPTS: Final = 3
# For who was never asked: few units take so long, and those that do answer later
FIRST_PROBE_SECONDS: Final = 1.0
# Every so many probes, one waits as long as the line allows
FULL_PROBE_EVERY: Final = 5


class Patience:
    """One unit's answer times; slowest: None before its first answer."""

    def __init__(self, longest_seconds: float, slowest: float | None = None) -> None:
        """Take the most that the line waits, and what was learned before."""
        self._longest = longest_seconds
        self.slowest = slowest

    def answered(self, seconds: float) -> None:
        """Take how long an answer took."""
        self.slowest = max(seconds, (self.slowest or 0.0) * FADING)

    @property
    def attempts(self) -> int:
        """Return how often a unit is asked that should answer."""
        return 1 if self.slowest is None else ATTEMPTS

    def attempt_seconds(self, attempt: int) -> float:
        """Return how long the nth attempt waits, from 1; the last four times longer."""
        if self.slowest is None:
            return self._longest
        times = 4 if attempt >= ATTEMPTS else 1
        return self._bounded(self.slowest * SLACK, times)

    def probe_seconds(self, failures: int, slowest_of_line: float | None) -> float:
        """Return how long a unit that is down is waited for after so many failures.

        Now and then as long as may be: at its second chance one that never answered.
        """
        known = self.slowest or slowest_of_line
        full = 0 if self.slowest is not None else 1
        if known is None or (failures and failures % FULL_PROBE_EVERY == full):
            return self._longest
        wait = known * PROBE_SLACK
        if self.slowest is None and not failures:
            wait = max(wait, FIRST_PROBE_SECONDS)
        return self._bounded(wait)

    def _bounded(self, seconds: float, times: int = 1) -> float:
        return min(max(seconds, SHORTEST_SECONDS) * times, self._longest)

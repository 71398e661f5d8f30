"""How soon a node goes back to a hub that it lost."""

from typing import Final

from .backoff import Backoff

# Losses after which the hub is tried at once, until a connection lasted: two devices of
# one UUID throw each other out for ever, and so may a hub
QUICK_TRIES: Final = 3


class Patience:
    """Lets a hub be tried at once, but one that loses us again and again ever later."""

    def __init__(self, backoff: Backoff, lasting_seconds: float) -> None:
        """Take the waits, and after how long a connection counts as one that lasted."""
        self._backoff = backoff
        self._lasting = lasting_seconds
        self._quick = QUICK_TRIES
        self._not_before = 0.0

    def lost(self, now: float, lasted_seconds: float) -> None:
        """Take note of a connection that ended; now: of the event loop's clock."""
        if lasted_seconds >= self._lasting:
            self._quick = QUICK_TRIES
            self._backoff.reset()
        if self._quick:
            self._quick -= 1
            return
        self._not_before = now + self._backoff.next_seconds()

    def rest_seconds(self, now: float) -> float:
        """Return how long the hub is not to be tried, 0 for at once."""
        return max(self._not_before - now, 0.0)

    def forget(self) -> None:
        """Let the hub be tried at once, as after a person changed something."""
        self._quick = QUICK_TRIES
        self._not_before = 0.0
        self._backoff.reset()

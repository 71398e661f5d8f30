"""Messages that were refused, told without filling the log."""

import logging
import time
from typing import Final

_LOGGER = logging.getLogger(__name__)

QUIET_SECONDS: Final = 60.0
LONGEST_REASON: Final = 200


class RefusedMessages:
    """Tells of the first, and then now and then how many there were."""

    def __init__(self, name: str) -> None:
        """Take where they come from."""
        self._name = name
        self._untold = 0
        self._told_at: float | None = None

    def note(self, topic: str, reason: str) -> None:
        """Note one message, that nobody gets to see otherwise, and why."""
        self._untold += 1
        now = time.monotonic()
        if self._told_at is not None and now - self._told_at < QUIET_SECONDS:
            return
        _LOGGER.warning(
            "%d messages to %s were refused, the last one to %r: %s",
            self._untold,
            self._name,
            topic,
            reason[:LONGEST_REASON],
        )
        self._untold, self._told_at = 0, now

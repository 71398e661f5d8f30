"""When a lease that could not be ended is tried again, and since when that goes on."""

import asyncio
from dataclasses import dataclass
from typing import Final

from ..backoff import backoff_seconds

FIRST_SECONDS: Final = 2.0
LONGEST_SECONDS: Final = 60.0
# A device that answers and refuses will not think better of it soon
LONGEST_REFUSED_SECONDS: Final = 900.0
STUCK_SECONDS: Final = 600.0


@dataclass(slots=True, kw_only=True)
class Attempts:
    """The tries to end one lease."""

    began: float
    next_at: float = 0.0
    failures: int = 0
    reason: str = ""
    told: bool = False

    @classmethod
    def fresh(cls) -> Attempts:
        """Return those of a lease that is to end from now on."""
        return cls(began=asyncio.get_running_loop().time())

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try."""
        return asyncio.get_running_loop().time() >= self.next_at

    @property
    def is_stuck(self) -> bool:
        """Return whether that goes on for so long that a person should know."""
        lasted = asyncio.get_running_loop().time() - self.began
        return self.failures > 0 and lasted >= STUCK_SECONDS

    def fail(self, reason: str, *, refused: bool) -> None:
        """Note a failure and wait before the next try."""
        self.failures += 1
        self.reason = reason
        longest = LONGEST_REFUSED_SECONDS if refused else LONGEST_SECONDS
        wait = backoff_seconds(self.failures, FIRST_SECONDS, longest)
        self.next_at = asyncio.get_running_loop().time() + wait

    def hurry(self) -> None:
        """Try at once: the device is back."""
        self.next_at = 0.0

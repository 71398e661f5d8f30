"""How much of a line's time goes to units that do not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

# A tenth, however many units are down
REST_PER_PROBE: Final = 9.0
# A third, for the second chance of units that may be slow and no more than that
REST_PER_SECOND_CHANCE: Final = 2.0


class ProbeBudget:
    """Lets one probe at a time onto the line, and the line rest after it."""

    def __init__(self) -> None:
        """Start with a rested line."""
        self._lock = asyncio.Lock()
        self._rested_at = 0.0
        self._rest = REST_PER_PROBE

    @asynccontextmanager
    async def place(self, failures: int) -> AsyncIterator[None]:
        """Wait until a unit that was silent so often may be probed, as others wait."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            await asyncio.sleep(max(self._rested_at - loop.time(), 0.0))
            if failures == 1:
                self._rest = REST_PER_SECOND_CHANCE
            try:
                yield
            finally:
                self._rest = REST_PER_PROBE

    def spent(self, seconds: float) -> None:
        """Take how long a request that was not answered held the line."""
        now = asyncio.get_running_loop().time()
        self._rested_at = now + self._rest * seconds

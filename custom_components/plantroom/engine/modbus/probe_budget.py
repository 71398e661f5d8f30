"""How much of a line's time goes to units that do not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

# A tenth, however many units are down
REST_PER_PROBE: Final = 9.0


class ProbeBudget:
    """Lets one probe at a time onto the line, and the line rest after it."""

    def __init__(self) -> None:
        """Start with a rested line."""
        self._lock = asyncio.Lock()
        self._rested_at = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until a probe may be made, in the order of those who wait."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            await asyncio.sleep(max(self._rested_at - loop.time(), 0.0))
            yield

    def spent(self, seconds: float) -> None:
        """Take how long a probe held the line."""
        now = asyncio.get_running_loop().time()
        self._rested_at = now + REST_PER_PROBE * seconds

"""Waiting for what nobody announces."""

import asyncio
from collections.abc import Callable

LOOK_SECONDS = 0.005


async def until[T](what: Callable[[], T], seconds: float = 30) -> T:
    """Return what() once it is true, or raise TimeoutError."""
    async with asyncio.timeout(seconds):
        while not (found := what()):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    return found

"""So many at once, in turn."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable


async def run_each[T](
    work: Callable[[T], Awaitable[int]], items: Iterable[T], at_once: int
) -> int:
    """Run work on each item, so many at once; return the sum."""
    waiting = iter(items)
    total = 0

    async def run() -> None:
        nonlocal total
        for item in waiting:
            # Not in one statement: it would add to the total of before the wait
            done = await work(item)
            total += done

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(run())
    return total

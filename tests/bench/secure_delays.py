"""How late notifications are, taken while they come."""

import asyncio
from typing import Any

from tests.bench.own_process import Window, percentile


async def delays_of(delays: list[float], settings: dict[str, Any]) -> dict[str, Any]:
    """Return delays in ms of what comes in some seconds, and the CPU that took."""
    await asyncio.sleep(settings["pause_seconds"])
    delays.clear()
    async with Window() as window:
        await asyncio.sleep(settings["seconds"])
    return {
        "came": len(delays),
        "cpu": window.result["cpu"],
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
    }

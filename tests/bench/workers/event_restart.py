"""How soon a server that is killed shows all its objects again."""

import asyncio
import time
from signal import SIGKILL
from statistics import median
from typing import Any

from tests.bench.event_flow import Flow, flowing
from tests.bench.workers.event_gateway import until_served


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the seconds from the start after a kill to an answer, and their CPU."""
    async with flowing(settings) as flow, flow.feeder() as feeder:
        await feeder.ask(define=flow.objects)
        await until_served(flow)
        first = flow.numbers(flow.objects)
        await feeder.ask(first=first, count=flow.objects, rate=0)
        await until_served(flow, value=first + flow.objects - 1)
        # What was shown a moment ago is in the recovery cache after that
        await asyncio.sleep(settings["settle_seconds"])
        rounds = [
            await _killed(flow, first + flow.objects - 1)
            for _ in range(settings["rounds"])
        ]
    seconds, cpu = zip(*rounds, strict=True)
    return {
        "objects": flow.objects,
        "seconds": median(seconds),
        "worst_seconds": max(seconds),
        "cpu": median(cpu),
        "resident_mb": flow.memory_at_end,
    }


async def _killed(flow: Flow, value: int) -> tuple[float, float]:
    await flow.server.stop(SIGKILL)
    began = time.monotonic()
    starting = asyncio.create_task(flow.server.start())
    await until_served(flow, value=value)
    seconds = time.monotonic() - began
    await starting
    cpu = flow.cpu()
    flow.memory_at_end = flow.memory()["resident_mb"]
    return seconds, cpu

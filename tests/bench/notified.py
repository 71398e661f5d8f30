"""How long changes were on their way: what the fleet sent, matched with what arrived."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.bench.own_process import Window, percentile
from tests.simulators.client import SimulatorControl

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.2
QUIET_SECONDS = 30.0

type Change = tuple[int, str, float]


class Arrivals:
    """When each change arrived: instance, object "type,instance", value."""

    def __init__(self) -> None:
        self.at: dict[Change, float] = {}

    def take(self, instance: int, name: str, value: float, at: float) -> None:
        """Take a change; the first arrival of it counts."""
        self.at.setdefault((instance, name, value), at)

    def delays_ms(self, sent: list[Any]) -> list[float]:
        """Return the milliseconds each sent change took, those that never came left out."""
        return [
            1000 * (self.at[key] - at)
            for at, instance, name, value in sent
            if (key := (instance, name, value)) in self.at
        ]

    async def until_all_of(self, sent: list[Any]) -> None:
        """Return once all that was sent arrived, or nothing more does for a while."""
        known, since = len(self.at), time.monotonic()
        while len(self.delays_ms(sent)) < len(sent):
            await asyncio.sleep(LOOK_SECONDS)
            if len(self.at) != known:
                known, since = len(self.at), time.monotonic()
            elif time.monotonic() - since > QUIET_SECONDS:
                return


async def listen_for(
    arrivals: Arrivals, control: SimulatorControl, settings: dict[str, Any]
) -> dict[str, Any]:
    """Let the fleet send at each rate for a while; return cost and delays by rate."""
    result: dict[str, Any] = {}
    for rate in settings["rates"]:
        await asyncio.sleep(settings["pause_seconds"])
        await control.command("sent")
        arrivals.at.clear()
        async with Window() as window:
            await control.command("emit", rate=rate)
            await asyncio.sleep(settings["seconds"])
            await _until(lambda: arrivals.at)
            await control.command("emit", rate=0)
        sent = await control.command("sent")
        await arrivals.until_all_of(sent)
        delays = arrivals.delays_ms(sent)
        result[str(rate)] = window.result | {
            "sent": len(sent),
            "arrived": len(delays),
            "p50_ms": percentile(delays, 0.5),
            "p95_ms": percentile(delays, 0.95),
        }
    return result


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


async def subscribed(control: SimulatorControl, points: int) -> None:
    """Return once the fleet has a subscription for each point."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await control.command("statistics"))["subscriptions"] < points:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

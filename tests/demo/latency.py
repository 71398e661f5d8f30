"""How long a change in a device takes to a state on Home Assistant's WebSocket."""

import asyncio
import math
from dataclasses import dataclass

from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed
from tests.simulators.client import SimulatorControl

CHANGES = 200
WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.02
POINTS = tuple((instance, "analog-input,1") for instance in range(2001, 2013))
LOWEST, STEP, STEPS = 18.0, 0.5, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds from the change in the simulator to its arrival at a client."""

    changes: int
    p50: float
    p95: float
    worst: float


async def measure_latency(
    building: SimulatorControl, entities: Entities, feed: StateFeed
) -> Latency:
    """Change room temperatures one after the other; raises TimeoutError for a lost one."""
    seconds = []
    for number in range(CHANGES):
        instance, reference = POINTS[number % len(POINTS)]
        # Each point gets another value every round, far over its COV increment.
        value = LOWEST + STEP * (number // len(POINTS) % STEPS)
        entity_id = entities.of_point(instance, reference)
        at = await building.set(instance, reference, value)
        await feed.wait_for(entity_id, str(value), WAIT_SECONDS)
        seconds.append(feed.arrived_at[entity_id] - at)
        await asyncio.sleep(PAUSE_SECONDS)
    for instance, reference in POINTS:
        await building.release(instance, reference)
    return summarise(seconds)


def summarise(seconds: list[float]) -> Latency:
    """Return the percentiles, by nearest rank, in milliseconds."""
    ordered = sorted(value * 1000 for value in seconds)

    def percentile(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 2)

    return Latency(
        changes=len(ordered),
        p50=percentile(0.5),
        p95=percentile(0.95),
        worst=percentile(1.0),
    )

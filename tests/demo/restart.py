"""Home Assistant restarts, and shows at once what it knew, without a survey."""

import time
from collections.abc import Awaitable, Callable

from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed
from tests.simulators.client import SimulatorControl

from .house import DemoHouse

VALUES_SECONDS = 30.0
SHOWN = 20


async def check_restart(
    house: DemoHouse,
    before: Entities,
    while_away: Callable[[], Awaitable[None]] | None = None,
) -> tuple[StateFeed, dict[str, float]]:
    """Return the states from the start on, and a report; raises LookupError.

    Every entity must be there at once and every value soon.
    """
    points = before.enabled_points
    reads_of_setup = await _reads(house.building)
    began = time.monotonic()
    await house.restart_home_assistant(while_away)
    started = time.monotonic()
    feed = StateFeed()
    await feed.start(house.api)
    await house.api.wait_until_running()
    # Home Assistant shows what it remembers as restored until the integration adds it.
    missing = [
        e for e in points if feed.attributes.get(e, {"restored": 1}).get("restored")
    ]
    if missing:
        raise LookupError(f"not known after the restart: {missing[:SHOWN]}")
    await feed.wait_for_values(points, VALUES_SECONDS)
    values = time.monotonic()
    reads = await _reads(house.building) - reads_of_setup
    if reads > reads_of_setup / 2:
        raise LookupError(f"{reads} reads: the devices were surveyed again")
    return feed, {
        "entities_known": len(points),
        "reads_before": reads_of_setup,
        "reads": reads,
        "seconds_to_start": round(started - began, 2),
        "seconds_from_start_to_all_values": round(values - started, 2),
    }


async def _reads(building: SimulatorControl) -> int:
    """Return how often devices were asked to read anything."""
    seen = await building.statistics()
    return sum(
        count
        for services in seen.values()
        for service, count in services.items()
        if service.startswith("Read")
    )

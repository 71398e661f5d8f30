"""What Home Assistant costs with many entities of ours, against one without us."""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

SHARE = 0.2


async def measure(size: Size) -> list[dict[str, Any]]:
    """Return the cost for each number of devices, the first of them none."""
    result = []
    for devices in size.entity_devices:
        async with fleet(size, SHARE) as control:
            settings = {
                "devices": devices_of(control, size.points)[:devices],
                "points": size.points,
                "poll_seconds": size.poll_seconds,
                "settle_seconds": size.entity_settle_seconds,
                "seconds": size.entity_seconds,
                "share": SHARE,
            }
            measured = await run_worker("home_assistant_load", control, settings)
        result.append(measured)
        say(
            f"Home Assistant with {measured['entities']} points:"
            f" {measured['cpu_percent']:.2f} % of a core,"
            f" {measured['resident_mib']:.0f} MiB"
        )
    return result

"""Many devices in one engine: what polling them costs and how late it makes the loop."""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

SHARES = {"some": 0.2, "all": 1.0}


async def measure(size: Size) -> dict[str, Any]:
    """Return the engine's cost by share of changing values."""
    async with fleet(size, 1.0) as control:
        settings = {
            "devices": devices_of(control, size.points),
            "points": size.points,
            "poll_seconds": size.poll_seconds,
            "seconds": size.site_seconds,
            "shares": SHARES,
            "fast_poll_seconds": size.fast_poll_seconds,
            "fast_seconds": size.fast_seconds,
        }
        measured = await run_worker("whole_engine", control, settings)
    for name in SHARES:
        say(
            f"site, {name} values changing: {measured[name]['cpu_percent']:.2f} % of a"
            f" core, loop lag p99 {measured[name]['lag_p99_ms']:.1f} ms"
        )
    return measured

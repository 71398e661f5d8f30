"""Points read per CPU second by our read plans, rusty-bacnet and bacpypes3."""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

CLIENTS = ("read_plans", "rusty", "plain_bacpypes3")
SINGLE_DEVICES = 100


async def measure(size: Size) -> dict[str, Any]:
    """Return points a CPU second, and seconds of a round, by shape and client."""
    result: dict[str, Any] = {}
    async with fleet(size, 1.0) as control:
        small = devices_of(control, size.points)
        shapes: dict[str, dict[str, Any]] = {
            "large": {
                "devices": devices_of(control, size.large_points),
                "points": size.large_points,
            },
            "small": {"devices": small, "points": size.points},
            "single": {
                "devices": small[:SINGLE_DEVICES],
                "points": size.points,
                "single": True,
            },
        }
        for shape, settings in shapes.items():
            for client in CLIENTS:
                given = settings | {"seconds": size.reading_seconds}
                measured = await run_worker(client, control, given)
                rate = measured["points"] / measured["cpu"]
                say(f"reading, {shape}: {client} {rate:,.0f} points per CPU second")
                result.setdefault(shape, {})[client] = {
                    "rate": rate,
                    "round_seconds": measured["seconds"] / measured["rounds"],
                }
    return result

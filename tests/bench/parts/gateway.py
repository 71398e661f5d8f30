"""The device that we are: reads and notifications, beside bacpypes3 and rusty-bacnet."""

from typing import Any

from tests.bench.processes import run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

SERVERS = ("own_device", "rusty_device", "bacpypes3_device")


async def measure(size: Size) -> dict[str, Any]:
    """Return what each server measured of itself while it was asked."""
    settings = {
        "objects": size.gateway_objects,
        "seconds": size.reading_seconds,
        "rounds": size.gateway_rounds,
        "pause_seconds": size.pause_seconds,
    }
    result: dict[str, Any] = {}
    for server in SERVERS:
        measured = result[server] = await run_worker(server, None, settings)
        reads, changes = measured["reads"], measured["changes"]
        say(
            f"gateway, {server}: {reads['answered'] / reads['cpu']:,.0f} reads and"
            f" {changes['told'] / changes['cpu']:,.0f} notifications per CPU second"
        )
    return result

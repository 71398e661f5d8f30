"""The device that we are, beside others; and events on their way through it."""

from typing import Any

from tests.bench.processes import run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

# Ten times what event-gateways of this kind are asked for
LOAD_RATE, READ_RATE = 1000, 500
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
    return result | {"events": await _events(size), "restart": await _restart(size)}


async def _events(size: Size) -> dict[str, Any]:
    """Return what a server on one core does with events, by where they come from."""
    settings = {
        "objects": size.gateway_objects,
        "events": size.event_count,
        "rates": size.event_rates,
        "seconds": size.event_seconds,
        "load_rate": LOAD_RATE,
        "read_rate": READ_RATE,
    }
    result = {}
    for store in size.event_stores:
        given = settings | {"store": store}
        result[store] = await run_worker("event_gateway", None, given)
        most, load = result[store]["most"], result[store]["load"]
        say(
            f"gateway, {store}: {most['events'] / most['cpu']:,.0f} events per CPU"
            f" second; p99 {load['p99_ms']:.0f} ms at {LOAD_RATE}/s"
        )
    return result


async def _restart(size: Size) -> dict[str, Any]:
    settings = {
        "store": size.restart_store,
        "objects": size.restart_objects,
        "settle_seconds": size.restart_settle_seconds,
        "rounds": size.restart_rounds,
    }
    measured = await run_worker("event_restart", None, settings)
    say(f"gateway, restart: {measured['seconds']:.1f} s, CPU {measured['cpu']:.1f} s")
    return measured

"""The engine in a server: what it costs, and what Home Assistant has of it."""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

SHARE = 0.2
WAYS = {"direct": False, "server": True}


async def measure(size: Size) -> dict[str, Any]:
    """Return a server's cost and snapshot, and both ways to Home Assistant's states."""
    site = await _site(size, size.devices)
    half = site
    if size.snapshot_devices != size.devices:
        half = await _site(size, size.snapshot_devices)
    return {
        "site": site,
        "snapshot": half["snapshot"] | {"points": half["points"]},
        "changes": {way: await _changes(size, way) for way in WAYS},
        "return": {way: await _return(size, way) for way in WAYS},
    }


async def _site(size: Size, devices: int) -> dict[str, Any]:
    async with fleet(size, SHARE) as control:
        settings = {
            "devices": devices_of(control, size.points)[:devices],
            "points": size.points,
            "poll_seconds": size.poll_seconds,
            "settle_seconds": size.entity_settle_seconds,
            "seconds": size.entity_seconds,
        }
        measured = await run_worker("served_site", control, settings)
    snapshot, rest, start = (measured[part] for part in ("snapshot", "rest", "start"))
    say(
        f"server with {measured['points']} points: {rest['resident_mb']:.0f} MB, first"
        f" value {start['first_value_seconds']:.1f} s after its start; snapshot"
        f" {snapshot['whole_ms']:.0f} ms"
    )
    return measured


async def _changes(size: Size, way: str) -> dict[str, Any]:
    async with fleet(size, 0.0) as control:
        settings = {
            "devices": devices_of(control, size.points)[: size.cov_devices],
            "points": size.points,
            "seconds": size.cov_seconds,
            "rates": size.server_rates,
            "pause_seconds": size.pause_seconds,
            "served": WAYS[way],
        }
        result = await run_worker("home_assistant_changes", control, settings)
    for rate, measured in result.items():
        say(
            f"changes, {way} at {rate}/s: p50 {measured['p50_ms']:.2f} ms, p95"
            f" {measured['p95_ms']:.2f} ms, {measured['cpu_percent']:.1f} % of a core"
        )
    return result


async def _return(size: Size, way: str) -> dict[str, Any]:
    async with fleet(size, SHARE) as control:
        settings = {
            "devices": devices_of(control, size.points)[: size.snapshot_devices],
            "points": size.points,
            "poll_seconds": size.poll_seconds,
            "served": WAYS[way],
        }
        measured = await run_worker("home_assistant_return", control, settings)
    say(
        f"return, {way}: {measured['points']} entities right"
        f" {measured['reload']['seconds']:.2f} s after Home Assistant's return"
    )
    return measured

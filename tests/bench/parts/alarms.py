"""Alarms: from a device to a client over both wires and to a phone, a flood, and a replay.

Every measurement here is one worker's with the same settings. The phone's is of a whole
Home Assistant with our blueprint, and replays nothing.
"""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size

WORKERS = {"direct": "alarms", "websocket": "alarms", "phone": "home_assistant_alarms"}


async def measure(size: Size) -> dict[str, Any]:
    """Return what each worker measured, by the way alarms take."""
    return {way: await _measured(way, WORKERS[way], size) for way in WORKERS}


async def _measured(wire: str, worker: str, size: Size) -> dict[str, Any]:
    async with fleet(size, 0.0) as control:
        settings = {
            "wire": wire,
            "devices": devices_of(control, size.points)[: size.alarm_devices],
            "points": size.points,
            "quiet": {"rate": size.alarm_rate, "count": size.alarms},
            "flood": {"rate": size.alarm_flood_rate, "count": size.alarm_flood},
        }
        measured = await run_worker(worker, control, settings)
    quiet, flood, replay = measured["quiet"], measured["flood"], measured.get("replay")
    say(
        f"alarms, {wire}: p50 {quiet['p50_ms']:.1f} ms; flood of {flood['sent']}:"
        f" {flood['arrived']} arrived, loop lag p99 {flood['lag_p99_ms']:.1f} ms"
        + (
            f"; replay of {replay['rows']} in {replay['seconds']:.2f} s"
            if replay
            else ""
        )
    )
    return measured

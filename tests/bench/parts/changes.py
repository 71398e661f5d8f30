"""Changes of value: their way to Home Assistant's states, and what each one costs."""

from typing import Any

from tests.bench.processes import devices_of, fleet, run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size


async def measure(size: Size) -> dict[str, Any]:
    """Return cost and delays by client and rate; "flood" is for the cost alone."""
    result: dict[str, Any] = {}
    for worker in ("home_assistant_changes", "plain_cov"):
        result[worker] = await _listen(worker, size, size.cov_rates)
        for rate, measured in result[worker].items():
            say(
                f"changes, {worker} at {rate}/s: p50 {measured['p50_ms']:.2f} ms,"
                f" p95 {measured['p95_ms']:.2f} ms"
            )
    for worker in ("engine_cov", "plain_cov"):
        measured = (await _listen(worker, size, (size.flood_rate,)))[
            str(size.flood_rate)
        ]
        rate = measured["arrived"] / measured["cpu"]
        say(f"changes, {worker}: {rate:,.0f} notifications per CPU second")
        result.setdefault("flood", {})[worker] = rate
    return result


async def _listen(worker: str, size: Size, rates: tuple[int, ...]) -> dict[str, Any]:
    # A server for each, so that no subscription of another is served
    async with fleet(size, 0.0) as control:
        settings = {
            "devices": devices_of(control, size.points)[: size.cov_devices],
            "points": size.points,
            "seconds": size.cov_seconds,
            "rates": rates,
            "pause_seconds": size.pause_seconds,
        }
        return await run_worker(worker, control, settings)

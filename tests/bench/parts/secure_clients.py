"""Devices on BACnet/SC, read and heard through our hub, beside rusty-bacnet's client."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.processes import run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size
from tests.simulators.client import ROOT

READERS = ("secure_read_plans", "secure_rusty")
LISTENERS = ("secure_cov", "secure_rusty_cov")
START_SECONDS = 120
RATE = 50.0


async def measure(size: Size) -> dict[str, Any]:
    """Return points a CPU second, and delays of notifications, by client."""
    result: dict[str, Any] = {}
    async with secure_fleet(size) as settings:
        for name in READERS:
            measured = await run_worker(name, None, settings)
            rate = measured["points"] / measured["cpu"]
            say(f"BACnet/SC, {name}: {rate:,.0f} points per CPU second")
            result[name] = measured
        for name in LISTENERS:
            measured = result[name] = await run_worker(name, None, settings)
            say(
                f"BACnet/SC, {name}: p50 {measured['p50_ms']:.2f} ms,"
                f" p99 {measured['p99_ms']:.2f} ms of {measured['came']:,}"
            )
    return result


@asynccontextmanager
async def secure_fleet(size: Size) -> AsyncIterator[dict[str, Any]]:
    """Run a hub with devices in a process; return what workers are given."""
    with tempfile.TemporaryDirectory() as folder:
        given = {
            "folder": folder,
            "core": max(os.sched_getaffinity(0)),
            "devices": size.large,
            "points": size.large_points,
            "rate": RATE,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.secure_fleet", json.dumps(given)),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT / "addon")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield _settings(await _first_line(process), size) | {"credentials": folder}
        finally:
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()


async def _first_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        facts: dict[str, Any] = json.loads(await process.stdout.readline())
    return facts


def _settings(facts: dict[str, Any], size: Size) -> dict[str, Any]:
    return {
        "uri": facts["uri"],
        "devices": [(each["vmac"], 0) for each in facts["devices"]],
        "points": size.large_points,
        "seconds": size.reading_seconds,
        "pause_seconds": size.pause_seconds,
    }

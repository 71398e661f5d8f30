"""Modbus: ours beside pymodbus alone, and beside Home Assistant's own integration."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.processes import run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size
from tests.simulators.client import ROOT

REGISTERS = 500
DEVICES, REGISTERS_EACH = 100, 40
START_SECONDS = 20.0


async def measure(size: Size) -> dict[str, Any]:
    """Return registers a CPU second by client, and the cost of two sites."""
    async with _server(DEVICES) as server:
        one = server | {"hosts": server["hosts"][:1], "registers": REGISTERS}
        many = server | {"registers": REGISTERS_EACH}
        rates = {
            "engine": await _engine(one, size, fast_seconds=0.1),
            "one_by_one": await _plain(one, size, blocks=False),
            "blocks": await _plain(one, size, blocks=True),
        }
        return {
            "registers": REGISTERS,
            "rates": rates,
            "home_assistant": await _home_assistant(one, size),
            "site": await _site(many, size),
        }


async def _engine(
    settings: dict[str, Any], size: Size, *, fast_seconds: float
) -> float:
    fast = (await _run_engine(settings, size, fast_seconds))["fast"]
    rate: float = fast["readings"] / fast["cpu"]
    say(f"Modbus, whole engine: {rate:,.0f} registers per CPU second")
    return rate


async def _plain(settings: dict[str, Any], size: Size, *, blocks: bool) -> float:
    given = settings | {"seconds": size.reading_seconds, "blocks": blocks}
    measured = await run_worker("plain_pymodbus", None, given)
    rate: float = measured["points"] / measured["cpu"]
    say(f"Modbus, pymodbus, blocks {blocks}: {rate:,.0f} registers per CPU second")
    return rate


async def _home_assistant(settings: dict[str, Any], size: Size) -> dict[str, Any]:
    given = settings | {
        "poll_seconds": size.modbus_poll_seconds,
        "settle_seconds": size.entity_settle_seconds,
        "seconds": size.entity_seconds,
    }
    result = {
        "empty": await run_worker("home_assistant_modbus", None, given | {"hosts": []}),
        "core": await run_worker("core_modbus", None, given),
        "ours": await run_worker("home_assistant_modbus", None, given),
    }
    for name, cost in result.items():
        say(f"Home Assistant, Modbus, {name}: {cost['cpu_percent']:.2f} % of a core")
    return result | {"poll_seconds": size.modbus_poll_seconds}


async def _site(settings: dict[str, Any], size: Size) -> dict[str, Any]:
    measured = await _run_engine(settings, size, 1.0)
    say(
        f"{DEVICES} Modbus devices of {REGISTERS_EACH} registers:"
        f" {measured['steady']['cpu_percent']:.2f} % of a core"
    )
    return measured | {"devices": DEVICES}


async def _run_engine(
    settings: dict[str, Any], size: Size, fast_poll_seconds: float
) -> dict[str, Any]:
    given = settings | {
        "poll_seconds": size.modbus_poll_seconds,
        "seconds": size.entity_seconds,
        "fast_poll_seconds": fast_poll_seconds,
        "fast_seconds": size.fast_seconds,
    }
    return await run_worker("modbus_engine", None, given)


@asynccontextmanager
async def _server(devices: int) -> AsyncIterator[dict[str, Any]]:
    """Yield port and hosts of a server in a process of its own."""
    core = max(os.sched_getaffinity(0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.modbus_server"),
        *("--devices", str(devices), "--core", str(core)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            ready: dict[str, Any] = json.loads(await process.stdout.readline())
        yield ready
    finally:
        process.stdin.close()
        await process.wait()

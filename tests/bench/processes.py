"""The bench's processes: one server on one core, one client at a time on another."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench import warm
from tests.bench.sizes import Size
from tests.ports import free_port
from tests.simulators.client import ROOT, SimulatorControl

WORKER_SECONDS = 240.0
OWN_HOST = "127.0.0.9"
STDERR_SHOWN = 4000


class WorkerError(Exception):
    """A measuring process ended without a result."""


@asynccontextmanager
async def fleet(size: Size, share: float) -> AsyncIterator[SimulatorControl]:
    """Yield the control of a server whose points change by share."""
    arguments = {
        "--devices": size.devices,
        "--points": size.points,
        "--large": size.large,
        "--large-points": size.large_points,
        "--share": share,
        "--core": max(os.sched_getaffinity(0)),
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    control = await SimulatorControl.spawn(*words, module="tests.bench.server")
    try:
        yield control
    finally:
        await control.stop()


def devices_of(control: SimulatorControl, points: int) -> list[tuple[str, int]]:
    """Return the endpoints of the server's devices that have so many points."""
    addresses = [d["address"] for d in control.devices if d["objects"] == points]
    return [(address.split(":")[0], control.port) for address in addresses]


async def run_worker(
    name: str, control: SimulatorControl | None, settings: dict[str, Any]
) -> dict[str, Any]:
    """Return what the worker measured in a process of its own; raises WorkerError.

    control: of the BACnet fleet it measures with, None for no fleet.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = settings | {
            "folder": folder,
            "own": f"{OWN_HOST}:{free_port()}",
            "control_port": control.control_port if control else 0,
            "core": min(os.sched_getaffinity(0)),
        }
        if warm.is_prepared():
            if (measured := await warm.measure(name, given, WORKER_SECONDS)) is None:
                raise WorkerError(f"{name}: ended without a result")
            return measured
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.worker", name, json.dumps(given)),
            cwd=ROOT,
            # The server's package lies where its app's image has it
            env=os.environ | {"PYTHONPATH": str(ROOT / "addon")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(WORKER_SECONDS):
                output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode or not output.strip():
        raise WorkerError(f"{name}: {errors.decode()[-STDERR_SHOWN:]}")
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result

"""What a BACnet server of any make costs that is asked, and that tells of changes."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from typing import Any

from tests.bench.asking import FIRST_CHANGE
from tests.simulators.client import ROOT

CLIENT_HOST = "127.0.0.10"
CHANGES_A_TURN = 50
# Of so many objects: by default rusty-bacnet grants one client few more
MOST_SUBSCRIBED = 50
CLIENT_SECONDS = 120.0

type Change = Callable[[int, float], Awaitable[None]]


async def measure_asked(settings: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return requests and notifications per CPU second of this process, and delays.

    change shows a value of an analog input, numbered from 0.
    """
    result: dict[str, Any] = {}
    for what in ("reads", "batches"):
        cpu = time.process_time()
        client = await _client(what, settings)
        found = await _line(client)
        result[what] = found | {"cpu": time.process_time() - cpu}
        await client.wait()
    result["changes"] = await _tell(settings, change)
    return result


async def _tell(settings: dict[str, Any], change: Change) -> dict[str, Any]:
    client = await _client("changes", settings)
    await _line(client)
    began, cpu = time.perf_counter(), time.process_time()
    subscribed = min(settings["objects"], MOST_SUBSCRIBED)
    changes = settings["rounds"] * settings["objects"]
    for number in range(changes):
        # Every change is news, whatever the round
        await change(number % subscribed, FIRST_CHANGE + number)
        if number % CHANGES_A_TURN == 0:
            await asyncio.sleep(0)
    seconds, spent = time.perf_counter() - began, time.process_time() - cpu
    told = (await _line(client))["told"]
    # What was still to be sent when the last change was made
    spent = max(spent, time.process_time() - cpu)
    await client.wait()
    return {
        "changed": changes,
        "told": told,
        "seconds": seconds,
        "cpu": spent,
    }


async def _client(what: str, settings: dict[str, Any]) -> Process:
    host, port = settings["own"].split(":")
    given = {
        "what": what,
        "host": CLIENT_HOST,
        "server": [host, int(port)],
        "objects": (
            min(settings["objects"], MOST_SUBSCRIBED)
            if what == "changes"
            else settings["objects"]
        ),
        "seconds": settings["seconds"],
        "pause_seconds": settings["pause_seconds"],
        "changes": settings["rounds"] * settings["objects"],
        "core": max(os.sched_getaffinity(os.getppid())),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.asking", json.dumps(given)),
        cwd=ROOT,
        stdout=PIPE,
    )


async def _line(client: Process) -> dict[str, Any]:
    assert client.stdout is not None
    async with asyncio.timeout(CLIENT_SECONDS):
        line = await client.stdout.readline()
    found: dict[str, Any] = json.loads(line)
    return found

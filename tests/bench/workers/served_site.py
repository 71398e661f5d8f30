"""A server with a site of many devices: its memory, its start, and its snapshot."""

import asyncio
import time
import zlib
from collections.abc import Callable
from statistics import median
from typing import Any

from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from custom_components.plantroom.engine.wire.command_codec import codec_of
from custom_components.plantroom.engine.wire.frames import (
    Answer,
    answer_from_json,
    answer_text,
)
from custom_components.plantroom.engine.wire.json_values import read_json
from custom_components.plantroom.mirror import Mirror
from tests.bench.served import (
    bench_server,
    cpu_seconds,
    memory_mb,
    snapshot_with,
    wire_to,
)
from tests.bench.workers.whole_engine import site
from tests.integration.server_process import ServerProcess

ROUNDS = 7


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what a server costs, how soon it has values, and what a snapshot takes."""
    points = settings["points"] * len(settings["devices"])
    async with bench_server(settings) as server:
        empty = memory_mb(server)
        async with wire_to(server) as wire:
            await wire.call("configure", site(settings, settings["poll_seconds"]))
            known = await snapshot_with(wire, points=points)
            point_ids = tuple(point.point_id for point in known.points)
            await wire.call(
                "watch", WatchRequest(client_id="bench", point_ids=point_ids)
            )
            snapshot = await snapshot_with(wire, points=points, readings=points)
            taken = await _snapshot(wire.call, snapshot)
            rest = await _at_rest(server, settings)
        return {
            "points": points,
            "poll_seconds": settings["poll_seconds"],
            "empty_mb": empty["resident_mb"],
            "snapshot": taken,
            "rest": rest,
            "start": await _started(server, points),
        }


async def _at_rest(server: ServerProcess, settings: dict[str, Any]) -> dict[str, Any]:
    """Return memory and CPU while all points are polled."""
    await asyncio.sleep(settings["settle_seconds"])
    cpu, began = cpu_seconds(server), time.perf_counter()
    await asyncio.sleep(settings["seconds"])
    used = (cpu_seconds(server) - cpu) / (time.perf_counter() - began)
    return memory_mb(server) | {"cpu_percent": 100 * used}


async def _started(server: ServerProcess, points: int) -> dict[str, float]:
    """Start again with what is kept; return the seconds since the process was started.

    The CPU seconds are the server's own, which a busy machine does not change.
    """
    await server.stop()
    began = time.perf_counter()
    result: dict[str, float] = {}

    def note(what: str) -> None:
        result[f"{what}_seconds"] = time.perf_counter() - began
        result[f"{what}_cpu"] = cpu_seconds(server)

    await server.start()
    note("listening")
    async with wire_to(server) as wire:
        await snapshot_with(wire, readings=1)
        note("first_value")
        await snapshot_with(wire, readings=points)
        note("all_values")
    return result


async def _snapshot(call: Callable[[str], Any], snapshot: Snapshot) -> dict[str, float]:
    """Return the milliseconds of each part of a snapshot's way, and its size."""
    codec = codec_of("snapshot")
    wholes = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await call("snapshot")
        wholes.append(1000 * (time.perf_counter() - began))

    def encode() -> str:
        return answer_text(Answer(number=1, result=codec.encode_result(snapshot)))

    text = encode()

    def decode() -> Any:
        return codec.decode_result(answer_from_json(read_json(text)).result)

    return {
        "encode_ms": _milliseconds(encode),
        "decode_ms": _milliseconds(decode),
        "apply_ms": _milliseconds(lambda: Mirror().take(snapshot)),
        "whole_ms": median(wholes),
        "octets": len(text.encode()),
        "compressed_octets": len(zlib.compress(text.encode())),
    }


def _milliseconds(work: Callable[[], Any]) -> float:
    """Return the median time of some rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return median(took)

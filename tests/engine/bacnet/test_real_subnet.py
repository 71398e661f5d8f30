"""Discovery and COV between two hosts with a real broadcast address, in namespaces."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.requests import ScanRequest
from tests.peers.rusty_server import RustyServer

from .answers import SCAN_SECONDS, answers_of
from .field_bench import NETWORK, field_bench

ROOT = Path(__file__).resolve().parents[3]
PORT = 47808
OURS, THEIRS, BROADCAST = "10.213.47.1", "10.213.47.2", "10.213.47.255"
INSTANCE = 7001
RUN_SECONDS = 40


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=10)


def in_namespace(name: str, what: str) -> list[str]:
    code = f"import asyncio; from {__name__} import {what}; asyncio.run({what}())"
    return ["ip", "netns", "exec", name, sys.executable, "-c", code]


@pytest.fixture
def hosts() -> Iterator[tuple[str, str]]:
    """Make two hosts on one wire; skip where this process may not."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    names = tuple(f"plantroom-{os.getpid()}-{side}" for side in "ab")
    wires = tuple(f"pr{os.getpid() % 10**6}{side}" for side in "ab")
    try:
        for name in names:
            run("ip", "netns", "add", name)
        run("ip", "link", "add", wires[0], "netns", names[0], "type", "veth",
            "peer", "name", wires[1], "netns", names[1])  # fmt: skip
        for name, wire, host in zip(names, wires, (OURS, THEIRS), strict=True):
            inside = ("ip", "-n", name)
            run(*inside, "address", "add", f"{host}/24", "broadcast", "+", "dev", wire)
            run(*inside, "link", "set", wire, "up")
            run(*inside, "link", "set", "lo", "up")
    except (subprocess.SubprocessError, OSError) as err:
        remove(names)
        pytest.skip(f"no network namespaces here: {err}")
    yield names[0], names[1]
    remove(names)


def remove(names: tuple[str, ...]) -> None:
    for name in names:
        subprocess.run(("ip", "netns", "del", name), capture_output=True, check=False)


async def serve_device() -> None:
    """Be the other host until standard input ends."""
    async with RustyServer(
        port=PORT, host=THEIRS, instance=INSTANCE, broadcast=BROADCAST
    ) as server:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await server.set_input(1, float(line))


async def discover() -> None:
    """Be our host: scan, find the device by Who-Is, hear a change, and print all that."""
    async with field_bench(PORT, address=f"{OURS}/24") as bench:
        request = ScanRequest(network_id=NETWORK, task_id="t", seconds=SCAN_SECONDS)
        with answers_of(INSTANCE):
            found = await bench.network.scan(request, lambda fraction, text: None)
        await bench.serve(INSTANCE)
        await bench.watch_all(INSTANCE)
        # What is lost once is asked for again after half a minute
        await bench.until(lambda: bench.cov_points(INSTANCE) == 8, 80)
        print("subscribed", flush=True)
        await bench.until(lambda: bench.value(INSTANCE, "analog-input,1") == 30.5)
        reading = bench.reading(INSTANCE, "analog-input,1")
        print(
            json.dumps(
                {
                    "found": [(each.instance, each.address) for each in found],
                    "address": str(bench.device(INSTANCE).address),
                    "source": reading.source,
                }
            ),
            flush=True,
        )


def heard_by_us(ours: str, device: Any, pipes: dict[str, Any]) -> str:
    """Be our host beside a device that is there; return what it printed last."""
    with subprocess.Popen(in_namespace(ours, "discover"), cwd=ROOT, **pipes) as client:
        try:
            assert client.stdout.readline() == "subscribed\n"
            device.stdin.write("30.5\n")
            device.stdin.flush()
            output, _ = client.communicate(timeout=RUN_SECONDS)
        finally:
            client.kill()
    return str(output)


def test_a_device_is_found_and_heard_on_a_real_subnet(hosts):
    ours, theirs = hosts
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        in_namespace(theirs, "serve_device"), cwd=ROOT, **pipes
    ) as device:
        try:
            assert device.stdout.readline() == "ready\n"
            output = heard_by_us(ours, device, pipes)
        finally:
            device.kill()
    assert json.loads(output) == {
        "found": [[INSTANCE, THEIRS]],
        "address": THEIRS,
        "source": "cov",
    }

"""A server with a gateway, who feeds it and who listens: processes on two cores."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.site_config import (
    BacnetNetworkConfig,
    SiteConfig,
)
from tests.bench.served import CLOCK_TICKS, cpu_seconds, memory_mb
from tests.integration.server_process import ServerProcess, server_process
from tests.peers.kurrentdb.server import KurrentServer
from tests.server.running import wire_to
from tests.simulators.client import ROOT

CLIENT_HOST = "127.0.0.10"
TOKEN = "a-token-of-the-bench"
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02


class Helper:
    """A process that answers lines with lines."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def ask(self, **question: Any) -> dict[str, Any]:
        """Return the answer to a question."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        return await self.line()

    async def line(self) -> dict[str, Any]:
        """Return what it says next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
        return found

    async def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._process.wait()


class Flow:
    """One server that follows one store, with its feeder and its address."""

    def __init__(
        self, settings: dict[str, Any], server: ServerProcess, url: str
    ) -> None:
        host, port = settings["own"].split(":")
        self.settings = settings
        self.server = server
        self.objects: int = settings["objects"]
        self._url = url
        self._device = [host, int(port)]
        # The first value is of the first object
        self._next: int = self.objects - 1
        self.memory_at_end = 0.0

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used."""
        return cpu_seconds(self.server)

    def cpu_since(self, before: float) -> float:
        """Return the CPU seconds used since; a tick where it was too little to be seen."""
        return max(self.cpu() - before, 1 / CLOCK_TICKS)

    def memory(self) -> dict[str, float]:
        """Return what the server has in RAM, in MB of 10^6."""
        return memory_mb(self.server)

    def numbers(self, count: int) -> int:
        """Return the first of so many numbers that no event had."""
        first = self._next + 1
        self._next += count
        return first

    @asynccontextmanager
    async def feeder(self) -> AsyncIterator[Helper]:
        """Yield who sends events."""
        folder = str(self.server.folder)
        given = {"kind": self.settings["store"], "token": TOKEN, "folder": folder}
        feeder = await self._helper("event_feed", given | {"url": self._url})
        try:
            yield feeder
        finally:
            await feeder.end()

    @asynccontextmanager
    async def subscriber(self) -> AsyncIterator[Helper]:
        """Yield who is told of every object."""
        subscriber = await self._helper("event_subscriber", {})
        await subscriber.line()
        try:
            yield subscriber
        finally:
            await subscriber.end()

    async def reader(self, rate: float, seconds: float) -> Helper:
        """Return who reads meanwhile; its only line is how long reads took."""
        return await self._helper("event_reader", {"rate": rate, "seconds": seconds})

    async def _helper(self, name: str, more: dict[str, Any]) -> Helper:
        given = {
            "host": CLIENT_HOST,
            "server": self._device,
            "objects": self.objects,
            "core": max(os.sched_getaffinity(os.getppid())),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", f"tests.bench.{name}", json.dumps(given | more)),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT / "addon")},
            stdin=PIPE,
            stdout=PIPE,
            limit=1 << 26,
        )
        return Helper(process)


@asynccontextmanager
async def flowing(settings: dict[str, Any]) -> AsyncIterator[Flow]:
    """Yield a server that follows settings["store"], "log" or "kurrentdb".

    It stays on the core that this process has; everything else is kept off it. What it
    serves it was told by a client, and has kept.
    """
    folder = Path(settings["folder"]) / "server"
    folder.mkdir(exist_ok=True)
    is_log = settings["store"] == "log"
    with nullcontext() if is_log else KurrentServer() as kurrent:
        store = EventStoreConfig(store_id="store", http_token=TOKEN)
        if kurrent is not None:
            # It would take turns with whom it feeds
            core = max(os.sched_getaffinity(os.getppid()))
            os.sched_setaffinity(kurrent.pid, {core})
            store = EventStoreConfig(
                store_id="store", kind=StoreKind.KURRENTDB, uri=kurrent.uri
            )
        async with server_process(folder) as server:
            async with wire_to(server.port, client_id="bench") as wire:
                await wire.connect()
                await wire.call("configure", _site(settings, store))
            url = f"http://127.0.0.1:{server.port}/events"
            yield Flow(settings, server, url if kurrent is None else kurrent.uri)


def _site(settings: dict[str, Any], store: EventStoreConfig) -> SiteConfig:
    host, port = settings["own"].split(":")
    network = BacnetNetworkConfig(
        network_id="bench", name="Bench", address=f"{host}/8", port=int(port)
    )
    subscription = SubscriptionConfig(
        subscription_id="bench", store_id="store", network_id="bench", stream="bench"
    )
    gateway = GatewayConfig(stores=(store,), subscriptions=(subscription,))
    return SiteConfig(networks=(network,), gateway=gateway)

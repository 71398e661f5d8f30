"""A Plantroom server in a process of its own, and how the bench reaches it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant

from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.requests import Snapshot
from custom_components.plantroom.server_settings import (
    ServerSettings,
    Tls,
    own_client_id,
    settings_data,
)
from tests.integration.server_process import ServerProcess, server_process

HOST = "127.0.0.1"
KIB_A_MB = 1_000_000 / 1024
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.05


@asynccontextmanager
async def bench_server(settings: dict[str, Any]) -> AsyncIterator[ServerProcess]:
    """Run a server on a folder of its own; it shares the measuring process's core."""
    folder = Path(settings["folder"]) / "server"
    folder.mkdir(exist_ok=True)
    async with server_process(folder) as server:
        yield server


@asynccontextmanager
async def wire_to(server: ServerProcess) -> AsyncIterator[WebSocketConnection]:
    """Yield a connection that is connected."""
    async with ClientSession() as session:
        connection = WebSocketConnection(
            session,
            ServerAddress(host=HOST, port=server.port),
            token=server.token,
            client_id="bench",
        )
        await connection.connect()
        try:
            yield connection
        finally:
            await connection.disconnect()


async def snapshot_with(
    connection: WebSocketConnection, *, points: int = 0, readings: int = 0
) -> Snapshot:
    """Return the snapshot once it has so many points and readings."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            snapshot: Snapshot = await connection.call("snapshot")
            if len(snapshot.points) >= points and len(snapshot.readings) >= readings:
                return snapshot
            await asyncio.sleep(LOOK_SECONDS)


async def entry_data(hass: HomeAssistant, server: ServerProcess) -> dict[str, Any]:
    """Return a config entry's data for this server."""
    return settings_data(
        ServerSettings(
            host=HOST,
            port=server.port,
            token=server.token,
            client_id=await own_client_id(hass),
            tls=Tls.NONE,
        )
    )


def memory_mb(server: ServerProcess) -> dict[str, float]:
    """Return what the server has in RAM now, and at most so far, in MB of 10^6."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    return {
        "resident_mb": int(facts["VmRSS"].split()[0]) / KIB_A_MB,
        "peak_mb": int(facts["VmHWM"].split()[0]) / KIB_A_MB,
    }


def cpu_seconds(server: ServerProcess) -> float:
    """Return the CPU time of all threads of the server, in user mode and in the kernel."""
    text = Path(f"/proc/{server.pid}/stat").read_text()
    after_name = text.rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / CLOCK_TICKS

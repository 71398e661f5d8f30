"""Alarms of devices on their way through engine and wire to a client, and replayed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.connection.direct import DirectConnection
from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.alarms.requests import AlarmsSinceRequest
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.events import AlarmsChanged, EngineEvent
from tests.bench.own_process import Window, percentile
from tests.bench.workers.whole_engine import Host, site
from tests.integration.server_process import TOKEN, server_process
from tests.simulators.client import SimulatorControl
from tests.simulators.fleet_device import FIRST_INSTANCE

POLL_SECONDS = 300.0
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


class Told:
    """What a client was told of alarms being raised, and how late."""

    def __init__(self) -> None:
        self.delays_ms: list[float] = []

    def take(self, event: EngineEvent) -> None:
        """Take an event of any kind; an alarm's value is when its device sent it."""
        if not isinstance(event, AlarmsChanged):
            return
        now = time.time()
        for transition in event.transitions:
            sent_at = transition.alarm.value
            if isinstance(sent_at, float):
                self.delays_ms.append(1000 * (now - sent_at))


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the delays of a few alarms, a flood's cost, and a replay's time."""
    told = Told()
    async with (
        SimulatorControl(settings["control_port"]) as control,
        WIRES[settings["wire"]](settings) as connection,
    ):
        client = EngineClient(connection)
        client.listen_changes(told.take)
        try:
            await client.start(site(settings, POLL_SECONDS))
            await _online(client, len(settings["devices"]))
            quiet = await _told(control, told, settings, settings["quiet"], 1)
            flood = await _told(control, told, settings, settings["flood"], 100_000)
            return {
                "quiet": quiet,
                "flood": flood | {"open": len(client.mirror.alarms)},
                "replay": await _replayed(client),
            }
        finally:
            await client.stop()


@asynccontextmanager
async def _direct(settings: dict[str, Any]) -> AsyncIterator[Connection]:
    connection = DirectConnection(Engine(Host(data_folder=Path(settings["folder"]))))
    try:
        yield connection
    finally:
        await connection.disconnect()


@asynccontextmanager
async def _websocket(settings: dict[str, Any]) -> AsyncIterator[Connection]:
    async with (
        server_process(Path(settings["folder"])) as server,
        ClientSession() as session,
    ):
        connection = WebSocketConnection(
            session,
            ServerAddress(host="127.0.0.1", port=server.port, ssl=None),
            token=TOKEN,
            client_id="bench",
        )
        try:
            yield connection
        finally:
            await connection.disconnect()


WIRES = {"direct": _direct, "websocket": _websocket}


async def _online(client: EngineClient, devices: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sum(s.online for s in client.mirror.statuses.values()) < devices:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


async def _told(
    control: SimulatorControl,
    told: Told,
    settings: dict[str, Any],
    wanted: dict[str, Any],
    first: int,
) -> dict[str, Any]:
    """Have alarms raised at a rate and return what became of them."""
    told.delays_ms.clear()
    host, port = settings["own"].split(":")
    devices = [FIRST_INSTANCE + number for number in range(len(settings["devices"]))]
    async with Window() as window:
        source = await control.command(
            "tell_events",
            to=[host, int(port)],
            devices=devices,
            first=first,
            **wanted,
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(told.delays_ms) < source["sent"]:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
    return window.result | {
        **source,
        "arrived": len(told.delays_ms),
        "p50_ms": percentile(told.delays_ms, 0.5),
        "p95_ms": percentile(told.delays_ms, 0.95),
        "worst_ms": max(told.delays_ms),
    }


async def _replayed(client: EngineClient) -> dict[str, Any]:
    """Return how long a client that knows nothing takes to hear all of it."""
    cursor, rows, numbers = 0, 0, set[int]()
    async with Window() as window:
        while True:
            replay = await client.alarms_since(AlarmsSinceRequest(cursor=cursor))
            rows += len(replay.transitions)
            numbers.update(each.number for each in replay.transitions)
            if not replay.transitions or replay.transitions[-1].number == replay.last:
                break
            cursor = replay.transitions[-1].number
    return window.result | {"rows": rows, "different": len(numbers)}

"""A client is right again whatever happens to its server."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from plantroom_server.websocket_api import WebSocketApi

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection import websocket
from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    ConnectionLostError,
    PlantroomError,
)
from custom_components.plantroom.engine.models import Reading
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.connection.office import ROOM, VAV, Office, assert_mirror_is_right
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import site_of, until

from .running import TOKEN, running_server, wire_to

ADDON = Path(__file__).parents[2] / "addon"


@pytest.fixture(autouse=True)
def try_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "backoff_seconds", lambda *_a, **_k: 0.02)


@pytest.fixture
async def building():
    async with Building(profile="all", only=(VAV,), speed=0) as made:
        yield made


class ServerProcess:
    """python -m plantroom_server on a port and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "plantroom_server",
            "--data", str(self._folder), "--host", "127.0.0.1",
            "--port", str(self.port), "--log-level", "warning",
            env={**os.environ, "PYTHONPATH": str(ADDON), "PLANTROOM_TOKEN": TOKEN},
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def end(self, number: signal.Signals) -> tuple[int, str]:
        """Return its exit code and what it logged."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        async with asyncio.timeout(60):
            _, logged = await process.communicate()
        assert process.returncode is not None
        return process.returncode, logged.decode()

    async def stop(self) -> None:
        if self._process is not None:
            await self.end(signal.SIGKILL)


async def test_client_that_is_let_go_is_not_welcomed_by_a_server_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    farewell = WebSocketApi.stop
    async with running_server(tmp_path) as server:
        port = server.port

        async def slow_farewell(api: WebSocketApi) -> None:
            with pytest.raises(ConnectionLostError):
                async with wire_to(port, client_id="back") as wire:
                    await wire.connect()
            refused.append(port)
            await farewell(api)

        refused: list[int] = []
        monkeypatch.setattr(WebSocketApi, "stop", slow_farewell)
        async with wire_to(port) as wire:
            await wire.connect()
            await server.stop()
        assert refused == [port]
        monkeypatch.setattr(WebSocketApi, "stop", farewell)


@pytest.fixture
async def process(tmp_path: Path):
    made = ServerProcess(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def connected(client: EngineClient, site: SiteConfig) -> None:
    """Start a client as soon as there is a server."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.start(site)
            except ConnectionLostError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_client_is_right_again_after_its_servers_process_ended(
    process: ServerProcess, building: Building, number: signal.Signals
):
    async with wire_to(process.port, client_id="me") as wire:
        client = EngineClient(wire, client_id="me")
        await connected(client, site_of(building, VAV))
        readings: list[Reading] = []
        states: list[bool] = []
        client.watch(ROOM, readings.append)
        client.listen_connected(states.append)
        await until(lambda: readings, 60)
        first = wire.instance

        code, logged = await process.end(number)
        assert code == (0 if number is signal.SIGTERM else -signal.SIGKILL)
        assert "Traceback" not in logged
        await until(lambda: states == [False])
        building.set(VAV, "analog-input,1", "presentValue", 27.5)

        await process.start()
        await until(lambda: states == [False, True], 60)
        await until(lambda: readings[-1].value == 27.5, 60)
        assert wire.instance != first
        assert len(client.mirror.points) == 14
        await client.stop()


async def test_server_that_restarts_in_its_place_is_found_again(
    tmp_path: Path, building: Building
):
    # Of those that no connection of this machine is given while nobody listens
    port = free_port()
    async with running_server(tmp_path, port=port):
        wire_context = wire_to(port, client_id="me")
        wire = await wire_context.__aenter__()
        client = EngineClient(wire, client_id="me")
        await client.start(site_of(building, VAV))
        await until(lambda: len(client.mirror.points) == 14)
    assert not client.connected
    async with running_server(tmp_path, port=port) as server:
        await until(lambda: client.connected)
        assert wire.instance == server.engine.instance
        assert len(client.mirror.points) == 14
        await wire_context.__aexit__(None, None, None)


async def test_connection_that_breaks_costs_no_event(
    tmp_path: Path, building: Building
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        client = EngineClient(wire, client_id="me")
        await client.start(site_of(building, VAV))
        readings: list[Reading] = []
        client.watch(ROOM, readings.append)
        await until(lambda: readings)
        for value in (21.0, 22.0, 23.0, 24.0):
            # The one before leaves the server after its connection has gone
            await until(lambda: len(server._api.clients) == 1)
            (served,) = server._api.clients
            served._abort()
            building.set(VAV, "analog-input,1", "presentValue", value)
            await until(lambda: readings[-1].value == value)  # noqa: B023
            await until(lambda: client.connected)
        await assert_mirror_is_right(
            Office(building=building, client=client, connection=wire)
        )
        await client.stop()


async def test_calls_that_wait_when_the_server_goes_are_lost(tmp_path: Path):
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    async with (
        running_server(tmp_path) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        server.engine.call = never
        calling = [asyncio.create_task(wire.call("snapshot")) for _ in range(3)]
        await until(lambda: any(c._calls for c in server._api.clients))
        (served,) = server._api.clients
        served._abort()
        for each in await asyncio.gather(*calling, return_exceptions=True):
            assert type(each) is ConnectionLostError


async def test_token_that_changed_is_told_and_not_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    # Of those that no connection of this machine is given while nobody listens
    port = free_port()
    async with running_server(tmp_path, port=port):
        wire_context = wire_to(port)
        wire = await wire_context.__aenter__()
        failures: list[PlantroomError] = []
        wire.listen_failure(failures.append)
        await wire.connect()
    async with running_server(tmp_path, port=port, token="an entirely new one"):
        await until(lambda: failures)
        assert [type(each) for each in failures] == [AuthenticationError]
        assert wire._task is not None
        await until(wire._task.done)
        assert not wire.connected
        with pytest.raises(AuthenticationError):
            await wire.connect()
    await wire_context.__aexit__(None, None, None)


async def test_leaving_while_the_server_is_looked_for_leaves_nothing_behind(
    tmp_path: Path,
):
    async with running_server(tmp_path) as server:
        wire_context = wire_to(server.port)
        wire = await wire_context.__aenter__()
        await wire.connect()
    await until(lambda: not wire.connected)
    with pytest.raises(ConnectionLostError):
        await wire.connect()
    await wire_context.__aexit__(None, None, None)
    assert len(asyncio.all_tasks()) == 1


async def test_nobody_there_is_a_typed_error_that_says_where():
    port = free_port()
    async with wire_to(port) as wire:
        with pytest.raises(ConnectionLostError) as caught:
            await wire.connect()
        assert caught.value.facts["port"] == str(port)


async def test_somebody_who_is_no_plantroom_server_is_a_typed_error():
    async def greet(_reader: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        await writer.drain()
        writer.close()

    other = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with other, wire_to(other.sockets[0].getsockname()[1]) as wire:
        with pytest.raises(ConnectionLostError):
            await wire.connect()

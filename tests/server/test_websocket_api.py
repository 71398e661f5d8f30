"""The server lets nobody in without the token, and nobody down for what another does."""

import asyncio
import itertools
import logging
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from plantroom_server import served_client, websocket_api

from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    ConnectionLostError,
    SchemaError,
    ServerBusyError,
)
from custom_components.plantroom.engine.wire import frames
from custom_components.plantroom.engine.wire.frames import PATH
from custom_components.plantroom.engine.wire.json_values import write_json
from tests.site import until

from .raw_client import answered, call, ended, heard, raw_client, raw_socket, say_hello
from .running import TOKEN, running_server, wire_to


@pytest.fixture
async def server(tmp_path):
    async with running_server(tmp_path) as started:
        yield started


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server answer guesses at once."""
    monkeypatch.setattr(websocket_api, "WRONG_TOKEN_SECONDS", 0.01)


async def still_serves(server) -> None:
    """Somebody else, from elsewhere, is served as if nothing had been."""
    async with raw_client(server.port, address="127.0.0.9") as socket:
        await call(socket, 1, "snapshot")
        assert "result" in await answered(socket, 1)


async def test_client_with_the_token_is_welcome(server):
    async with raw_socket(server.port) as socket:
        await say_hello(socket)
        welcome = await heard(socket)
        assert welcome["instance"] == server.engine.instance
        assert welcome["may_configure"] is True


@pytest.mark.parametrize("token", ["", "a token of a tesu", TOKEN + " ", "é", "\ud800"])
@pytest.mark.usefixtures("impatient")
async def test_client_with_another_token_is_refused(
    server, token: str, caplog: pytest.LogCaptureFixture
):
    async with raw_socket(server.port) as socket:
        await say_hello(socket, token=token)
        assert (await heard(socket))["error"]["code"] == "authentication"
        await ended(socket)
    assert "The token is wrong" in caplog.text
    assert TOKEN not in caplog.text
    assert not token or token not in caplog.text


@pytest.mark.usefixtures("impatient")
async def test_wrong_token_is_a_typed_error_that_is_not_tried_again(server):
    async with wire_to(server.port, token="another token") as wire:
        with pytest.raises(AuthenticationError):
            await wire.connect()
        assert not wire.connected


@pytest.mark.parametrize(
    ("schema", "minimum", "side"), [(0, 0, "client"), (99, 99, "server")]
)
async def test_client_of_another_time_is_told_who_is_too_old(
    server, schema: int, minimum: int, side: str
):
    async with raw_socket(server.port) as socket:
        await say_hello(socket, schema=schema, minimum=minimum, token="any")
        error = (await heard(socket))["error"]
        assert (error["code"], error["facts"]["side"]) == ("schema", side)


async def test_server_that_asks_for_a_newer_client_is_a_typed_error(
    server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(frames, "MINIMUM_SCHEMA", frames.SCHEMA + 1)
    async with wire_to(server.port) as wire:
        with pytest.raises(SchemaError) as caught:
            await wire.connect()
        assert caught.value.facts["side"] == "client"


@pytest.mark.parametrize(
    "first", ["", "{", "[]", "null", '{"call":1,"command":"snapshot"}', "x" * 5000]
)
async def test_first_frame_that_is_no_hello_ends_the_connection(server, first: str):
    async with raw_socket(server.port) as socket:
        await socket.send_str(first)
        assert (await heard(socket))["error"]["code"] == "malformed_request"
        await ended(socket)
    await still_serves(server)


async def test_binary_hello_ends_the_connection(server):
    async with raw_socket(server.port) as socket:
        await socket.send_bytes(b"\x00" * 100)
        assert (await heard(socket))["error"]["code"] == "malformed_request"


async def test_client_that_says_nothing_is_not_waited_for(
    server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(websocket_api, "HELLO_SECONDS", 0.1)
    async with raw_socket(server.port) as socket:
        assert (await heard(socket))["error"]["code"] == "malformed_request"
        await ended(socket)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 1002), ("[]", 1002), ('{"call":"1","command":"snapshot"}', 1002),
        ('{"answer":1}', 1002), ("[" * 100_000, 1002),
    ],
)  # fmt: skip
async def test_frame_that_makes_no_sense_ends_the_connection(
    server, frame: str, code: int
):
    async with raw_client(server.port) as socket:
        await socket.send_str(frame)
        assert await ended(socket) == code
    await still_serves(server)


async def test_binary_frame_ends_the_connection(server):
    async with raw_client(server.port) as socket:
        await socket.send_bytes(b"{}")
        await ended(socket)


async def test_request_that_is_too_long_ends_the_connection(server):
    async with raw_client(server.port) as socket:
        with suppress(ConnectionError):
            await call(socket, 1, "survey", "x" * frames.LONGEST_REQUEST)
        await ended(socket)
    await still_serves(server)


@pytest.mark.parametrize(
    ("command", "request_", "code"),
    [
        ("survey", 5, "malformed_request"),
        ("survey", {"a": [1]}, "malformed_request"),
        ("watch", {"client_id": [], "point_ids": []}, "malformed_request"),
        ("configure", {"networks": [{}]}, "malformed_request"),
        ("configure", {"networks": [{"network_id": "n", "name": "", "address": "x"}]},
         "configuration"),
        ("stop", None, "unknown_command"),
        ("__init__", None, "unknown_command"),
        ("survey", "n:1", "unknown_target"),
    ],
)  # fmt: skip
async def test_wrong_request_is_answered_with_its_error(
    server, command: str, request_: Any, code: str
):
    async with raw_client(server.port) as socket:
        await call(socket, 7, command, request_)
        assert (await answered(socket, 7))["error"]["code"] == code
        await call(socket, 8, "snapshot")
        assert "result" in await answered(socket, 8)


async def test_command_that_breaks_is_an_error_and_logged(
    server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with raw_client(server.port) as socket:
        monkeypatch.setattr(server.engine, "call", broken)
        await call(socket, 1, "snapshot")
        error = (await answered(socket, 1))["error"]
        assert error["code"] == "plantroom_error"
        assert error["message"] == "snapshot broke: ZeroDivisionError"
    assert "ZeroDivisionError" in caplog.text


async def test_number_of_a_call_that_runs_cannot_be_used_again(server):
    async with raw_client(server.port) as socket:
        server.engine.call = never
        await call(socket, 1, "snapshot")
        await call(socket, 1, "snapshot")
        assert await ended(socket) == 1008


async def test_client_that_calls_without_end_is_ended(
    server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(served_client, "MOST_CALLS", 5)
    async with raw_client(server.port) as socket:
        server.engine.call = never
        for number in range(6):
            await call(socket, number, "snapshot")
        assert await ended(socket) == 1008


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_call_that_nobody_waits_for_any_more_is_cancelled(server):
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(*_: object) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with wire_to(server.port) as wire:
        await wire.connect()
        server.engine.call = endless
        calling = asyncio.create_task(wire.call("snapshot"))
        async with asyncio.timeout(60):
            await began.wait()
            calling.cancel()
            await cancelled.wait()
        assert wire.connected


async def test_calls_of_a_client_that_went_are_cancelled(server):
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(*_: object) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with raw_client(server.port) as socket:
        server.engine.call = endless
        await call(socket, 1, "snapshot")
        async with asyncio.timeout(60):
            await began.wait()
    async with asyncio.timeout(60):
        await cancelled.wait()


async def test_page_that_somebody_made_cannot_connect(server):
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as caught:
            await session.ws_connect(
                f"http://127.0.0.1:{server.port}{PATH}", origin="http://evil.example"
            )
        assert caught.value.status == 403


@pytest.mark.parametrize(("path", "status"), [(PATH, 400), ("/", 404), ("/x", 404)])
async def test_what_is_no_websocket_is_refused(server, path: str, status: int):
    async with (
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}{path}") as response,
    ):
        assert response.status == status


async def test_one_address_cannot_keep_others_out_by_saying_nothing(server):
    async with asyncio.TaskGroup() as group:
        leave = asyncio.Event()
        come = []

        async def silent() -> None:
            async with raw_socket(server.port):
                come.append(1)
                await leave.wait()

        for _ in range(websocket_api.MOST_STRANGERS_OF_ONE):
            group.create_task(silent())
        await until(lambda: len(come) == websocket_api.MOST_STRANGERS_OF_ONE)
        async with wire_to(server.port) as wire:
            with pytest.raises(ServerBusyError):
                await wire.connect()
        await still_serves(server)
        leave.set()


async def test_more_clients_than_there_may_be_are_told_so(
    server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(websocket_api, "MOST_CLIENTS", 1)
    async with raw_client(server.port), wire_to(server.port) as wire:
        with pytest.raises(ServerBusyError):
            await wire.connect()


async def test_client_that_reads_nothing_is_dropped_and_costs_nobody_else(
    server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(served_client, "MOST_FRAMES", 50)
    async with raw_client(server.port, address="127.0.0.9") as reader:
        _, writer = await deaf_client(server.port)
        await until(lambda: len(server._api.clients) == 2)
        for number in range(400):
            for client in server._api.clients:
                client.tell(write_json({"event": number, "data": "x" * 100_000}))
            frame = await heard(reader)
            assert frame["event"] == number
        await until(lambda: len(server._api.clients) == 1)
        writer.close()
    assert "it reads too slowly" in caplog.text


async def deaf_client(port: int):
    """Return a client that says hello and never reads."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(
        f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = frames.hello_text(
        frames.Hello(
            schema=frames.SCHEMA, minimum=frames.SCHEMA, token=TOKEN, client="deaf"
        )
    ).encode()
    # RFC 6455, 5.2: a client's frame is masked, here with zeros
    assert len(hello) < 126
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    writer.transport.pause_reading()
    return reader, writer


async def test_client_that_takes_nothing_for_long_is_dropped(
    server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(served_client, "SEND_SECONDS", 0.1)
    _, writer = await deaf_client(server.port)
    await until(lambda: server._api.clients)
    (client,) = server._api.clients
    for number in range(200):
        client.tell(write_json({"event": number, "data": "x" * 100_000}))
    await until(lambda: not server._api.clients)
    writer.close()
    assert "it takes nothing any more" in caplog.text


async def test_server_that_stops_tells_its_clients(server):
    async with wire_to(server.port) as wire:
        states: list[bool] = []
        wire.listen_state(states.append)
        await wire.connect()
        await server.stop()
        await until(lambda: states == [True, False])
        with pytest.raises(ConnectionLostError):
            await wire.call("snapshot")


async def test_what_leaves_the_machine_is_compressed(
    server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ServerAddress, "on_this_machine", False)
    async with wire_to(server.port) as wire:
        await wire.connect()
        assert wire._link._socket.compress
        assert await wire.call("snapshot")
        assert await wire.call("modbus_profiles")


async def test_client_that_does_not_answer_pings_is_dropped(
    server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    _, writer = await deaf_client(server.port)
    await until(lambda: server._api.clients, 60)
    loop, passed = asyncio.get_running_loop(), itertools.count()
    clock = loop.time
    # A second with every look at the clock, and none while a busy machine connects
    monkeypatch.setattr(loop, "time", lambda: clock() + next(passed))
    await until(lambda: "Client deaf at 127.0.0.1 went" in caplog.text, 3600)
    assert "it reads too slowly" not in caplog.text
    writer.close()

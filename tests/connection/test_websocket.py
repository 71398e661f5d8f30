"""The WebSocket survives whatever a server does, and says what that was."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from custom_components.plantroom.connection import server_link, websocket
from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    ConnectionLostError,
    PlantroomError,
    SchemaError,
    StorageError,
    UnknownCommandError,
)
from custom_components.plantroom.engine.events import (
    DeviceRemoved,
    NumberedEvent,
    UnknownEvent,
)
from custom_components.plantroom.engine.wire.frames import SCHEMA, farewell_text
from custom_components.plantroom.engine.wire.json_values import read_json, write_json
from tests.site import until

from .scripted_server import WELCOME, scripted_server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Try again at once; return how many failures each wait was for."""
    failures: list[int] = []

    def wait(failed: int, **_: object) -> float:
        failures.append(failed)
        return 0.01

    monkeypatch.setattr(websocket, "backoff_seconds", wait)
    return failures


async def stay(socket: web.WebSocketResponse) -> None:
    """Hear the client out until it goes."""
    async for _ in socket:
        pass


@pytest.mark.parametrize(
    "junk",
    [
        "", "{", "[]", "null", "{}", '{"answer":"1"}', '{"event":1}',
        '{"event":"1","kind":"progress","data":{}}', '{"answer":1}', b"\x00",
    ],
)  # fmt: skip
async def test_server_that_talks_nonsense_is_left_and_tried_again(
    junk: str | bytes, waits: list[int]
):
    came = []

    async def script(socket: web.WebSocketResponse) -> None:
        came.append(1)
        await socket.send_str(WELCOME)
        if len(came) == 1:
            if isinstance(junk, bytes):
                await socket.send_bytes(junk)
            else:
                await socket.send_str(junk)
        await stay(socket)

    async with scripted_server(script) as wire:
        states: list[bool] = []
        wire.listen_state(states.append)
        await wire.connect()
        await until(lambda: states == [True, False, True])
        assert waits == [1]


@pytest.mark.parametrize("first", ["", "{", "[]", "{}", '{"instance":5}', b"\x00"])
async def test_first_word_that_is_no_welcome_is_a_lost_connection(first: str | bytes):
    async def script(socket: web.WebSocketResponse) -> None:
        if isinstance(first, bytes):
            await socket.send_bytes(first)
        else:
            await socket.send_str(first)
        await stay(socket)

    async with scripted_server(script) as wire:
        with pytest.raises(ConnectionLostError) as caught:
            await wire.connect()
        assert caught.value.facts["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    "err",
    [
        AuthenticationError("no"),
        SchemaError("old", side="client", schema=1, minimum=2),
        StorageError("full", path="/data", reason="full"),
    ],
)
async def test_farewell_is_raised_as_what_it_is(err: PlantroomError):
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(farewell_text(err))

    async with scripted_server(script) as wire:
        with pytest.raises(type(err)) as caught:
            await wire.connect()
        assert caught.value.facts == err.facts


async def test_welcome_of_a_server_that_is_too_new_is_a_typed_error():
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(
            write_json({"schema": SCHEMA + 1, "minimum": SCHEMA + 1, "planet": "Mars"})
        )
        await stay(socket)

    async with scripted_server(script) as wire:
        with pytest.raises(SchemaError) as caught:
            await wire.connect()
        assert caught.value.facts["side"] == "client"


async def test_server_that_never_says_welcome_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(server_link, "WELCOME_SECONDS", 0.05)
    async with scripted_server(stay) as wire:
        with pytest.raises(ConnectionLostError, match="no welcome in time"):
            await wire.connect()


async def test_server_that_goes_silent_is_noticed(
    monkeypatch: pytest.MonkeyPatch, waits: list[int]
):
    monkeypatch.setattr(server_link, "HEARTBEAT_SECONDS", 0.1)

    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(WELCOME)
        # Its pings are not answered: autoping is off
        await stay(socket)

    async with scripted_server(script) as wire:
        states: list[bool] = []
        wire.listen_state(states.append)
        await wire.connect()
        await until(lambda: False in states)


async def test_failures_in_a_row_wait_ever_longer_until_a_link_held(
    monkeypatch: pytest.MonkeyPatch, waits: list[int]
):
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(WELCOME)
        await socket.close()

    async with scripted_server(script) as wire:
        await wire.connect()
        await until(lambda: len(waits) >= 4)
        assert waits[:4] == [1, 2, 3, 4]
        monkeypatch.setattr(websocket, "STEADY_SECONDS", 0.0)
        waits.clear()
        await until(lambda: len(waits) >= 3)
        assert waits[-2:] == [1, 1]


async def test_event_of_a_newer_server_is_told_with_its_number(
    caplog: pytest.LogCaptureFixture,
):
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(WELCOME)
        for number, kind in ((1, "eclipse"), (2, "device_removed")):
            data = {"device_id": "n:1"}
            await socket.send_str(
                write_json({"event": number, "kind": kind, "data": data})
            )
        await stay(socket)

    async with scripted_server(script) as wire:
        heard: list[NumberedEvent] = []
        wire.listen(heard.append)
        await wire.connect()
        await until(lambda: len(heard) == 2)
        assert [each.event for each in heard] == [
            UnknownEvent(kind="eclipse"),
            DeviceRemoved(device_id="n:1"),
        ]


async def answering(socket: web.WebSocketResponse, result: Any) -> None:
    await socket.send_str(WELCOME)
    async for message in socket:
        frame = read_json(message.data)
        if "call" in frame:
            await socket.send_str(
                write_json({"answer": frame["call"], "result": result})
            )


@pytest.mark.parametrize("result", [None, 5, {"cursor": "x"}, ["x"] * 40_000])
async def test_answer_that_cannot_be_read_is_a_typed_error(result: Any):
    async with scripted_server(lambda socket: answering(socket, result)) as wire:
        await wire.connect()
        with pytest.raises(ConnectionLostError, match="cannot read it"):
            await wire.call("snapshot")
        assert wire.connected


async def test_answer_to_nobody_is_passed_over():
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_str(WELCOME)
        for number in (0, -1, 99):
            await socket.send_str(write_json({"answer": number, "result": None}))
        await answering_only(socket)

    async def answering_only(socket: web.WebSocketResponse) -> None:
        async for message in socket:
            number = read_json(message.data)["call"]
            for _ in range(2):
                await socket.send_str(write_json({"answer": number, "result": []}))

    async with scripted_server(script) as wire:
        await wire.connect()
        assert await wire.call("events_since", 0) == ()
        assert await wire.call("events_since", 0) == ()


async def test_answer_that_never_comes_is_lost_and_the_server_told(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(server_link, "PATIENCE_SECONDS", 0.05)
    frames: list[dict[str, Any]] = []

    async def script(socket: web.WebSocketResponse) -> None:
        nonlocal frames
        await socket.send_str(WELCOME)
        async for message in socket:
            frames += [read_json(message.data)]

    async with scripted_server(script) as wire:
        await wire.connect()
        with pytest.raises(ConnectionLostError) as caught:
            await wire.call("snapshot")
        assert caught.value.facts == {"command": "snapshot", "reason": "timeout"}
        await until(lambda: len(frames) == 2)
        assert frames[1] == {"cancel": frames[0]["call"]}
        assert wire.connected


async def test_no_more_calls_are_under_way_than_the_server_takes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(server_link, "CALLS_AT_ONCE", 3)
    waiting: list[int] = []
    most = 0

    async def script(socket: web.WebSocketResponse) -> None:
        nonlocal most
        await socket.send_str(WELCOME)
        async for message in socket:
            waiting.append(read_json(message.data)["call"])
            most = max(most, len(waiting))
            if len(waiting) == 3:
                for number in waiting:
                    await socket.send_str(
                        write_json({"answer": number, "result": None})
                    )
                waiting.clear()

    async with scripted_server(script) as wire:
        await wire.connect()
        answers = await asyncio.gather(
            *(wire.call("events_since", 0) for _ in range(9))
        )
        assert answers == [None] * 9
        assert most == 3


async def test_command_that_we_do_not_know_is_not_sent():
    async with scripted_server(lambda socket: answering(socket, None)) as wire:
        await wire.connect()
        with pytest.raises(UnknownCommandError):
            await wire.call("dance")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True), ("::1", True), ("localhost", True),
        ("192.168.1.2", False), ("plantroom.local", False),
    ],
)  # fmt: skip
def test_only_what_leaves_the_machine_is_compressed(host: str, here: bool):
    assert ServerAddress(host=host, port=1).on_this_machine is here


def test_address_of_ipv6_is_one():
    assert (
        str(ServerAddress(host="fe80::1", port=1).url) == "ws://[fe80::1]:1/plantroom"
    )

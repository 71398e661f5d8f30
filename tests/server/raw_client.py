"""A client that says whatever it likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from custom_components.plantroom.engine.wire.frames import (
    MINIMUM_SCHEMA,
    PATH,
    SCHEMA,
    Hello,
    hello_text,
)
from custom_components.plantroom.engine.wire.json_values import read_json, write_json

from .running import TOKEN


@asynccontextmanager
async def raw_socket(
    port: int, address: str = "127.0.0.1", **facts: Any
) -> AsyncIterator[ClientWebSocketResponse]:
    """Return a socket on which nothing was said; address: our own."""
    connector = TCPConnector(local_addr=(address, 0))
    async with (
        ClientSession(connector=connector) as session,
        session.ws_connect(
            f"http://127.0.0.1:{port}{PATH}", max_msg_size=0, **facts
        ) as socket,
    ):
        yield socket


@asynccontextmanager
async def raw_client(port: int, **facts: Any) -> AsyncIterator[ClientWebSocketResponse]:
    """Return a socket on which the server has said welcome."""
    async with raw_socket(port, **facts) as socket:
        await say_hello(socket)
        assert "instance" in await heard(socket)
        yield socket


async def say_hello(socket: ClientWebSocketResponse, **facts: Any) -> None:
    """Say a right hello, but for the facts."""
    right = {"schema": SCHEMA, "minimum": MINIMUM_SCHEMA, "token": TOKEN, "client": "r"}
    await socket.send_str(hello_text(Hello(**right | facts)))


async def call(
    socket: ClientWebSocketResponse, number: int, command: str, request: Any = None
) -> None:
    """Call a command with a request that is JSON data already."""
    await socket.send_str(
        write_json({"call": number, "command": command, "request": request})
    )


async def heard(socket: ClientWebSocketResponse) -> dict[str, Any]:
    """Return the next frame."""
    async with asyncio.timeout(30):
        data: dict[str, Any] = read_json(await socket.receive_str())
    return data


async def answered(socket: ClientWebSocketResponse, number: int) -> dict[str, Any]:
    """Return the answer to a call, whatever comes before it."""
    while True:
        frame = await heard(socket)
        if frame.get("answer") == number:
            return frame


async def ended(socket: ClientWebSocketResponse) -> int | None:
    """Return the close code, whatever comes before it."""
    async with asyncio.timeout(30):
        while True:
            message = await socket.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return socket.close_code

"""A server that says what it is told to, whatever it hears."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.wire.frames import (
    MINIMUM_SCHEMA,
    PATH,
    SCHEMA,
    Welcome,
    welcome_text,
)

type Script = Callable[[web.WebSocketResponse], Awaitable[None]]

WELCOME = welcome_text(
    Welcome(
        schema=SCHEMA, minimum=MINIMUM_SCHEMA, instance="scripted", may_configure=True
    )
)


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[WebSocketConnection]:
    """Return a connection, not connected, to a server that runs the script."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=0.1, autoping=False)
        await socket.prepare(request)
        await socket.receive()
        await script(socket)
        return socket

    application = web.Application()
    application.router.add_get(PATH, handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(
        runner.server, "127.0.0.1", 0
    )
    port: int = server.sockets[0].getsockname()[1]
    async with ClientSession() as session:
        connection = WebSocketConnection(
            session,
            ServerAddress(host="127.0.0.1", port=port),
            token="t",
            client_id="c",
        )
        try:
            yield connection
        finally:
            await connection.disconnect()
            server.close()
            await runner.cleanup()

"""A server in this process, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from plantroom_server.options import Options
from plantroom_server.server import PlantroomServer

from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.site_config import SiteConfig

TOKEN = "a token of a test"


@asynccontextmanager
async def running_server(
    folder: Path, site: SiteConfig | None = None, **options: Any
) -> AsyncIterator[PlantroomServer]:
    """Return a server on loopback, on a port that is free unless options say which."""
    wanted: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "token": TOKEN} | options
    server = PlantroomServer(Options(data_folder=folder, **wanted), site=site)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def wire_to(
    port: int, token: str = TOKEN, client_id: str = "test", **facts: Any
) -> AsyncIterator[WebSocketConnection]:
    """Return a connection to a server on loopback, not connected."""
    ssl = facts.pop("ssl", None)
    async with ClientSession() as session:
        connection = WebSocketConnection(
            session,
            ServerAddress(host="127.0.0.1", port=port, ssl=ssl),
            token=token,
            client_id=client_id,
            **facts,
        )
        try:
            yield connection
        finally:
            await connection.disconnect()

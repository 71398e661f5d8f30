"""One port on which an application listens."""

import asyncio
import ssl
from typing import Final, cast

from aiohttp import web

from .connection_limits import ConnectionLimits

TLS_SECONDS: Final = 10.0
SHUTDOWN_SECONDS: Final = 2.0
WAITING_CONNECTIONS: Final = 64


class Listener:
    """An application on a port, with limits on who connects."""

    def __init__(self, application: web.Application) -> None:
        """Take what is to be served."""
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        self._server: asyncio.Server | None = None
        self._limits: ConnectionLimits | None = None

    @property
    def port(self) -> int:
        """Return the port that it listens on, 0 when it does not."""
        if self._server is None or not self._server.sockets:
            return 0
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """Return how many connections there are."""
        return 0 if self._limits is None else len(self._limits)

    def welcome(self, request: web.Request) -> None:
        """Let the connection of a request last."""
        if self._limits is not None:
            self._limits.welcome(request)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen, or raise OSError; host "" is every interface."""
        await self._runner.setup()
        self._limits = ConnectionLimits(cast("web.Server", self._runner.server))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._limits,
            host or None,
            port,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else TLS_SECONDS,
            backlog=WAITING_CONNECTIONS,
        )

    def close(self) -> None:
        """Listen no more; whoever is connected stays."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """Listen no more and end every connection; calling it twice does no harm."""
        self.close()
        await self._runner.cleanup()
        self._server = None

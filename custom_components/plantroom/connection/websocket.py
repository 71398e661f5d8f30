"""The wire to an engine in a server, which may restart while we stay."""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Any, Final, override

from aiohttp import ClientSession

from ..engine.backoff import backoff_seconds
from ..engine.errors import (
    AuthenticationError,
    CertificateError,
    ConnectionLostError,
    PlantroomError,
    SchemaError,
)
from ..engine.wire.frames import MINIMUM_SCHEMA, SCHEMA, Hello, Welcome
from .base import Connection
from .server_link import ServerAddress, ServerLink, open_link

_LOGGER = logging.getLogger(__name__)

FIRST_WAIT_SECONDS: Final = 1.0
# A server that was updated or restarted is not left alone for longer
LONGEST_WAIT_SECONDS: Final = 15.0
# A link that held this long was a good one
STEADY_SECONDS: Final = 60.0


class WebSocketConnection(Connection):
    """Reaches a server again whenever it went, until it is disconnected.

    welcome: what the server said of itself last, None before it ever did.
    """

    def __init__(
        self,
        session: ClientSession,
        address: ServerAddress,
        *,
        token: str,
        client_id: str,
        take_over: bool = False,
    ) -> None:
        """Take where to connect and who we are.

        client_id: the same over restarts; see Hello. take_over: be the one who
        configures the server from now on.
        """
        super().__init__()
        self._session = session
        self._address = address
        self._hello = Hello(
            schema=SCHEMA,
            minimum=MINIMUM_SCHEMA,
            token=token,
            client=client_id,
            take_over=take_over,
        )
        self.welcome: Welcome | None = None
        self._link: ServerLink | None = None
        self._task: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    @override
    async def connect(self) -> None:
        async with self._connecting:
            if self.connected:
                return
            if self._task is not None and not self._task.done():
                raise self._address.lost("tried again in the background")
            link = await open_link(self._session, self._address, self._hello)
            self._take(link)
            self._task = asyncio.get_running_loop().create_task(
                self._run(link), name=f"plantroom {self._address.host}"
            )

    @override
    async def disconnect(self) -> None:
        async with self._connecting:
            task, self._task = self._task, None
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await self._leave()

    @override
    async def call(self, command: str, request: Any = None) -> Any:
        if self._link is None:
            raise ConnectionLostError("The server is not connected", command=command)
        return await self._link.call(command, request)

    async def _run(self, link: ServerLink | None) -> None:
        """Serve link after link; ends when only a person can help."""
        failures = 0
        while True:
            if link is not None:
                failures = 0 if await self._served(link) else failures
            failures += 1
            wait = backoff_seconds(
                failures, first=FIRST_WAIT_SECONDS, longest=LONGEST_WAIT_SECONDS
            )
            await asyncio.sleep(wait)
            try:
                link = await self._reopened()
            except (AuthenticationError, SchemaError) as err:
                _LOGGER.warning("Server %s refuses us: %s", self._address.host, err)
                self._give_up(err)
                return

    async def _served(self, link: ServerLink) -> bool:
        """Follow a link to its end; return whether it held well."""
        began = time.monotonic()
        try:
            reason = await link.receive(self._deliver)
        except ValueError as err:
            reason = f"cannot read what it says: {err}"
        except Exception as err:
            _LOGGER.exception("The link to server %s broke", self._address.host)
            reason = str(err)
        finally:
            await self._leave()
        _LOGGER.warning("Server %s is gone: %s", self._address.host, reason)
        return time.monotonic() - began >= STEADY_SECONDS

    async def _reopened(self) -> ServerLink | None:
        """Return a new link, or None when the server cannot serve us now."""
        try:
            link = await open_link(self._session, self._address, self._hello)
        except AuthenticationError, SchemaError:
            raise
        except CertificateError as err:
            # It may be another server for a while only, or one that a person trusts
            self._give_up(err)
            return None
        except PlantroomError as err:
            _LOGGER.debug("Server %s is still gone: %s", self._address.host, err)
            return None
        _LOGGER.warning("Server %s is back", self._address.host)
        self._take(link)
        return link

    async def _leave(self) -> None:
        link, self._link = self._link, None
        self._set_connected(False)
        if link is not None:
            await link.close()

    def _take(self, link: ServerLink) -> None:
        # Only once: two who each take over whenever they come would never rest
        self._hello = replace(self._hello, take_over=False)
        self._link = link
        self._instance = link.welcome.instance
        self._may_configure = link.welcome.may_configure
        self._server_version = link.welcome.version
        self.welcome = link.welcome
        self._set_connected(True)

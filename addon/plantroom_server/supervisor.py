"""Home Assistant on this machine learns from the Supervisor how to reach the server."""

import asyncio
import logging
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

_LOGGER = logging.getLogger(__name__)

SERVICE: Final = "plantroom"
REQUEST_SECONDS: Final = 10.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
_HTTP_PORT: Final = 80


class SupervisorError(Exception):
    """The Supervisor did not take what it was told; final where a retry cannot help."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        """Take what it said."""
        super().__init__(message)
        self.final = final


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """How Home Assistant reaches the server.

    fingerprint: SHA-256 of its certificate in hexadecimal, "" where it has no TLS.
    server_id: stays the same over restarts, and when the rest changes.
    """

    host: str
    port: int
    token: str = field(repr=False)
    fingerprint: str
    server_id: str

    def as_json(self) -> dict[str, Any]:
        """Return what Home Assistant's flow is given."""
        return {
            "host": self.host,
            "port": self.port,
            "token": self.token,
            "fingerprint": self.fingerprint,
            "id": self.server_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """The Supervisor that runs us, and what we show it; authority: host[:port]."""

    authority: str
    token: str = field(repr=False)

    async def own_address(self) -> str:
        """Return the address at which it sees this server, "" when it has no route.

        On the machine's network that is the Supervisor's bridge, which no other
        machine reaches. Nothing is sent.
        """
        host, _, port = self.authority.partition(":")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                found = await loop.getaddrinfo(
                    host, int(port or _HTTP_PORT), type=socket.SOCK_DGRAM
                )
            family, kind, _, _, address = found[0]
            with socket.socket(family, kind) as probe:
                probe.connect(address)
                own: str = probe.getsockname()[0]
        except OSError as err:  # TimeoutError among them
            _LOGGER.warning("The Supervisor cannot be found: %s", err)
            return ""
        return own

    async def announce(
        self, session: ClientSession, announcement: Announcement
    ) -> None:
        """Give Home Assistant the announcement; a later one takes its place.

        Raises SupervisorError.
        """
        body = {"service": SERVICE, "config": announcement.as_json()}
        try:
            async with session.post(
                f"http://{self.authority}/discovery",
                json=body,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=ClientTimeout(total=REQUEST_SECONDS),
                allow_redirects=False,
            ) as response:
                status = response.status
        except (ClientError, OSError) as err:  # TimeoutError among them
            raise SupervisorError(str(err) or "no answer in time") from err
        if status != 200:
            refused = 400 <= status < 500 and status not in (408, 429)
            raise SupervisorError(f"it answered with {status}", final=refused)


def supervisor_of(environment: Mapping[str, str]) -> Supervisor | None:
    """Return the Supervisor that runs us, None where there is none."""
    token = environment.get("SUPERVISOR_TOKEN")
    if not token:
        return None
    return Supervisor(
        authority=environment.get("SUPERVISOR", "supervisor"), token=token
    )


class SupervisorAnnouncer:
    """Tells the Supervisor once how the server is reached, however long that takes."""

    def __init__(self, supervisor: Supervisor, announcement: Announcement) -> None:
        """Take who is told, and what."""
        self._supervisor = supervisor
        self._announcement = announcement
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to tell it."""
        self._task = asyncio.get_running_loop().create_task(self._tell())

    async def stop(self) -> None:
        """Give up what has not been told.

        What has been stays: Home Assistant waits for a server that is down, and the
        Supervisor forgets an app's announcement when the app is removed.
        """
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _tell(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        warned = False
        async with ClientSession() as session:
            while True:
                try:
                    await self._supervisor.announce(session, self._announcement)
                except SupervisorError as err:
                    if err.final:
                        _LOGGER.error("Home Assistant was not told of us: %s", err)  # noqa: TRY400
                        return
                    if not warned:
                        _LOGGER.warning("Cannot tell the Supervisor of us: %s", err)
                        warned = True
                else:
                    _LOGGER.info("Home Assistant is told how to reach us")
                    return
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

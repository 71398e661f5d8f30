"""A hub of ours that is to run, whatever stands in its way at first."""

import asyncio
import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from custom_components.plantroom.engine.errors import PlantroomError
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureHubConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubNode,
    SecureHubStatus,
)

from .backoff import Backoff
from .hub import Hub
from .node_identity import keep_identity, new_identity
from .tls import Identity

_LOGGER = logging.getLogger(__name__)

SHORTEST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0

type Identify = Callable[[str], Identity]


class RunningHub:
    """Keeps one hub going: tries again until it listens, and takes new certificates."""

    def __init__(
        self,
        config: SecureHubConfig,
        folder: Path | None,
        identify: Identify,
        publish: Callable[[SecureHubStatus], None],
    ) -> None:
        """Take where its device UUID is kept, who knows certificates, whom to tell."""
        self.config = config
        self._folder = folder
        self._identify = identify
        self._publish = publish
        self._hub: Hub | None = None
        self._trying: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._again = asyncio.Event()
        self._down = SecureHubStatus(
            hub_id=config.hub_id, listening=False, since=datetime.now(UTC)
        )

    @property
    def status(self) -> SecureHubStatus:
        """Return how it is doing."""
        return self._down if self._hub is None else self._hub.status

    @property
    def nodes(self) -> tuple[HubNode, ...]:
        """Return who is connected."""
        return () if self._hub is None else self._hub.nodes

    async def start(self) -> None:
        """Listen, or go on trying; the status says why not yet."""
        if not await self._listens():
            self._trying = asyncio.create_task(self._try())

    async def stop(self) -> None:
        """Listen no more; calling it twice does no harm."""
        for task in (self._trying, self._renewing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._trying = self._renewing = None
        hub, self._hub = self._hub, None
        if hub is not None:
            self._down = replace(self._down, since=datetime.now(UTC))
            await hub.stop()

    def renew(self) -> None:
        """Use other certificates from now on, and try at once if it does not listen."""
        self._again.set()
        hub = self._hub
        if hub is not None:
            before = self._renewing
            self._renewing = asyncio.create_task(self._renew(hub, before))

    async def _renew(self, hub: Hub, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        try:
            await hub.replace_identity(self._identify(self.config.credentials))
        except PlantroomError as err:
            name = self.config.name
            _LOGGER.warning("Hub %s goes on with its old certificate: %s", name, err)

    async def _try(self) -> None:
        backoff = Backoff(SHORTEST_SECONDS, LONGEST_SECONDS)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(backoff.next_seconds()):
                    await self._again.wait()
            if await self._listens():
                return

    async def _listens(self) -> bool:
        """Try to listen; return whether it does, and tell."""
        self._again.clear()
        try:
            hub = await self._started()
        except PlantroomError as err:
            self._fail(err.code, str(err))
        except OSError as err:
            self._fail(*_reason(err, self.config))
        except Exception:
            _LOGGER.exception("Hub %s", self.config.name)
        else:
            self._hub = hub
            self._publish(hub.status)
            return True
        return False

    async def _started(self) -> Hub:
        identity = self._identify(self.config.credentials)
        us = new_identity()
        if self._folder is not None:
            ours = f"hub {self.config.hub_id}"
            us = await asyncio.to_thread(keep_identity, self._folder, ours)
        hub = Hub(self.config, us, self._tell)
        await hub.start(identity)
        return hub

    def _tell(self) -> None:
        if self._hub is not None:
            self._publish(self._hub.status)

    def _fail(self, reason: str, detail: str) -> None:
        """Take note of what stands in the way, and log it once."""
        if (self._down.reason, self._down.detail) == (reason, detail):
            return
        self._down = replace(
            self._down, since=datetime.now(UTC), reason=reason, detail=detail
        )
        _LOGGER.warning("Hub %s does not listen: %s", self.config.name, detail)
        self._publish(self._down)


def _reason(error: OSError, config: SecureHubConfig) -> tuple[str, str]:
    """Return an error code and a sentence that says what stands in the way."""
    where = f"{config.host or 'every interface'} port {config.port}"
    match error.errno:
        case errno.EADDRINUSE:
            return "hub_port_in_use", f"another program listens at {where}"
        # asyncio has no number of its own for an address that nobody here has
        case errno.EADDRNOTAVAIL | None:
            return "interface_gone", f"no interface has the address {config.host}"
        case errno.EACCES | errno.EPERM:
            return "hub_port_forbidden", f"we may not listen at {where}"
        case _:
            return "network", f"{where}: {error.strerror or error}"

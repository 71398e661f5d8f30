"""A node of ours, at a pace for tests, and who uses it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantroom_server.secure_connect.connection import KeepAlive
from plantroom_server.secure_connect.direct import DirectPace
from plantroom_server.secure_connect.node import NodePace, SecureNode
from plantroom_server.secure_connect.node_connector import Pace
from plantroom_server.secure_connect.node_dialer import NodeCredentials
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureNetworkStatus,
)

WAIT_SECONDS = 60
FAST = NodePace(
    connect_seconds=30,
    shortest_seconds=0.05,
    longest_seconds=0.2,
    hubs=Pace(head_start_seconds=60, return_seconds=0.1, lasted_seconds=0),
    direct=DirectPace(idle_seconds=600, refused_seconds=0, broken_seconds=0),
)
IMPATIENT = KeepAlive(seconds=0.1, answer_seconds=0.3)


@dataclass(slots=True)
class Heard:
    """An NPDU that came."""

    npdu: bytes
    source: bytes
    broadcast: bool


@dataclass(slots=True)
class Listening:
    """A SecureLinkUser that keeps what it is told."""

    npdus: list[Heard] = field(default_factory=list)
    statuses: list[SecureNetworkStatus] = field(default_factory=list)
    fails: bool = False
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if self.fails:
            raise ValueError("a fault above the link")
        self.npdus.append(Heard(npdu, source, broadcast))
        self._told.set()

    def stands(self, status: SecureNetworkStatus) -> None:
        self.statuses.append(status)
        self._told.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, looked at whenever something is told."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds():
                self._told.clear()
                await self._told.wait()

    async def until_told(self) -> None:
        """Wait until something more is told, for a moment at most."""
        self._told.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._told.wait()

    async def until_at(
        self, connection: HubConnection, reason: str = ""
    ) -> SecureNetworkStatus:
        def there() -> bool:
            if not self.statuses:
                return False
            now = self.statuses[-1]
            return (now.connection, now.reason) == (connection, reason)

        await self.until(there)
        return self.statuses[-1]


def network(primary: str, failover: str = "", **more: Any) -> SecureNetworkConfig:
    return SecureNetworkConfig(
        network_id="north",
        name="North",
        primary=primary,
        failover=failover,
        credentials="node",
        **more,
    )


class KeptIdentity:
    """An identity that a test replaces, and who listens."""

    def __init__(self, identity: Identity) -> None:
        self.now = identity
        self.listeners: list[Callable[[], None]] = []

    def replace(self, identity: Identity) -> None:
        self.now = identity
        for each in list(self.listeners):
            each()

    def credentials(self) -> NodeCredentials:
        return NodeCredentials(identity=lambda: self.now, listen=self._listen)

    def _listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


@asynccontextmanager
async def joined(
    config: SecureNetworkConfig,
    identity: Identity | KeptIdentity,
    folder: Path | None = None,
    pace: NodePace = FAST,
) -> AsyncIterator[tuple[SecureNode, Listening]]:
    """Return a node that was opened, and who hears it."""
    kept = KeptIdentity(identity) if isinstance(identity, Identity) else identity
    credentials = kept.credentials()
    node = SecureNode(config, folder, credentials, pace, direct_host="127.0.0.1")
    user = Listening()
    await node.open(user)
    try:
        yield node, user
    finally:
        await node.close()

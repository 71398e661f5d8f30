"""A node of ours that hears what others say."""

import asyncio
import secrets
from collections import deque
from typing import override

from plantroom_server.secure_connect.node import NodePace, SecureNode
from plantroom_server.secure_connect.node_dialer import NodeCredentials
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import SecureNetworkStatus
from custom_components.plantroom.engine.secure_connect.port import SecureLinkUser


class SoakNode(SecureLinkUser):
    """Joins two hubs, or one with failover ""."""

    def __init__(
        self, identity: Identity, primary: str, failover: str, pace: NodePace
    ) -> None:
        config = SecureNetworkConfig(
            network_id="soak",
            name="Soak",
            primary=primary,
            failover=failover,
            credentials="c",
        )
        credentials = NodeCredentials(
            identity=lambda: identity, listen=lambda _: lambda: None
        )
        self.heard: deque[bytes] = deque(maxlen=50)
        self._node = SecureNode(config, None, credentials, pace)
        self._moved = asyncio.Event()

    @property
    def place(self) -> str:
        """Return "primary", "failover" or "none"."""
        return self._node.status.connection.value

    async def open(self) -> None:
        """Begin to connect."""
        await self._node.open(self)

    async def close(self) -> None:
        """Leave."""
        await self._node.close()

    async def until_at(self, hub: str) -> None:
        """Wait until it is at a hub."""
        while self.place != hub:
            self._moved.clear()
            await self._moved.wait()

    def new_words(self) -> bytes:
        """Return an NPDU that nobody heard before."""
        return b"\x01\x00" + secrets.token_bytes(8)

    def send(self, words: bytes, destination: bytes) -> None:
        """Say something."""
        self._node.send(words, destination)

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        self.heard.append(npdu)

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        self._moved.set()

"""Who a node is and what it trusts, whenever it opens a connection."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from custom_components.plantroom.engine.errors import PlantroomError
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

from .connection import Connection, KeepAlive
from .dial_errors import LinkError
from .dialing import CONNECT_SECONDS, dial, new_session
from .frames import DIRECT_PROTOCOL, HUB_PROTOCOL
from .node_identity import (
    keep_identity,
    new_identity,
    random_vmac,
    save_identity,
)
from .payloads import Peer
from .tls import CredentialsError, Identity, client_context

_LOGGER = logging.getLogger(__name__)

type Take = Callable[[bytes, Connection], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCredentials:
    """Where a node's certificate comes from.

    identity: the one to use now; raises PlantroomError. listen: calls back when it is
    another one; returns how to listen no more.
    """

    identity: Callable[[], Identity]
    listen: Callable[[Callable[[], None]], Callable[[], None]]


class NodeDialer:
    """Opens connections as the node that a folder remembers."""

    def __init__(
        self,
        config: SecureNetworkConfig,
        folder: Path | None,
        credentials: NodeCredentials,
        keep_alive: KeepAlive,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        """Take the network, where the UUID is kept (None: nowhere), and credentials.

        Those are asked before each connection, so that renewed ones are used.
        """
        self._config = config
        self._folder = folder
        self._credentials = credentials
        self._keep_alive = keep_alive
        self._connect_seconds = connect_seconds
        self._node = new_identity()
        self._session: aiohttp.ClientSession | None = None
        self._known: tuple[Identity, ssl.SSLContext] | None = None

    @property
    def us(self) -> Peer:
        """Return who we say that we are."""
        return Peer(vmac=self._node.vmac, device_uuid=self._node.device_uuid)

    async def start(self) -> None:
        """Load who we are; raises CredentialsError when they cannot be used."""
        await self._load_node()
        await self._context()
        self._session = new_session()

    async def stop(self) -> None:
        """Close what is open; calling it twice does no harm."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def identity(self) -> Identity:
        """Return our certificate as it is now; raises CredentialsError."""
        try:
            return self._credentials.identity()
        except CredentialsError:
            raise
        except PlantroomError as err:
            raise CredentialsError(str(err), reason="credentials") from err

    async def hub(self, uri: str, take: Take) -> Connection:
        """Return a hub's connection, not running yet; raises LinkError."""
        try:
            return await self._dial(uri, take, HUB_PROTOCOL)
        except LinkError as err:
            if err.trouble is HubTrouble.VMAC_REFUSED:
                await self._take_new_vmac()
            raise

    async def peer(self, uri: str, take: Take) -> Connection:
        """Return a peer's connection, not running yet; raises LinkError."""
        return await self._dial(uri, take, DIRECT_PROTOCOL)

    async def _dial(self, uri: str, take: Take, protocol: str) -> Connection:
        us = self.us
        try:
            tls = await self._context()
        except CredentialsError as err:
            raise LinkError(HubTrouble.CREDENTIALS, uri, str(err)) from err
        if self._session is None:
            raise LinkError(HubTrouble.CLOSED, uri)
        found = await dial(self._session, uri, tls, us, protocol, self._connect_seconds)
        return Connection(found.socket, found.peer, us.vmac, take, self._keep_alive)

    async def _context(self) -> ssl.SSLContext:
        identity = self.identity()
        if self._known is None or self._known[0] != identity:
            check = self._config.check_host_names
            made = await asyncio.to_thread(
                client_context, identity, check_host_name=check
            )
            self._known = identity, made
        return self._known[1]

    async def _load_node(self) -> None:
        if self._folder is None:
            return
        try:
            self._node = await asyncio.to_thread(
                keep_identity, self._folder, self._config.network_id
            )
        except OSError as err:
            _LOGGER.warning(
                "%s: its device UUID is not kept: %s", self._config.name, err
            )

    async def _take_new_vmac(self) -> None:
        """Take another VMAC after somebody else had ours (AB.6.2.2), and keep it."""
        taken = self._node.vmac
        self._node = replace(self._node, vmac=random_vmac())
        _LOGGER.warning(
            "%s: the VMAC %s is somebody else's, now %s",
            self._config.name,
            taken.hex(":"),
            self._node.vmac.hex(":"),
        )
        if self._folder is None:
            return
        try:
            await asyncio.to_thread(
                save_identity, self._folder, self._config.network_id, self._node
            )
        except OSError as err:
            _LOGGER.warning("%s: its VMAC is not kept: %s", self._config.name, err)

"""A node on a BACnet/SC network: the link under the engine's BACnet (Annex AB)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, override

from custom_components.plantroom.engine.errors import NetworkError
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.port import (
    BROADCAST_VMAC,
    SecureLink,
    SecureLinkUser,
)

from .backoff import LONGEST_SECONDS, SHORTEST_SECONDS, Backoff
from .connection import Connection, KeepAlive
from .dial_errors import LinkError
from .dialing import CONNECT_SECONDS
from .direct import DirectPace, DirectPeers
from .direct_listener import DirectListener
from .frames import MAX_BVLC, MAX_NPDU, Frame, Function
from .node_answers import Standing, take_message
from .node_connector import Found, NodeConnector, Pace
from .node_dialer import NodeCredentials, NodeDialer
from .node_status import NodeStatus
from .tls import server_context

_LOGGER = logging.getLogger(__name__)

_PLACES: Final = {
    HubConnection.NONE: 0,
    HubConnection.PRIMARY: 1,
    HubConnection.FAILOVER: 2,
}
# Flags of an NPDU without options: from a hub, from a hub as a broadcast, directly
_UNICAST: Final = 0x08
_BROADCAST: Final = 0x0C
_DIRECT: Final = 0x00
_LEAST_NPDU: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePace:
    """How long a node waits for what, in seconds; the defaults are a site's."""

    keep_alive: KeepAlive = field(default_factory=KeepAlive)
    connect_seconds: float = CONNECT_SECONDS
    shortest_seconds: float = SHORTEST_SECONDS
    longest_seconds: float = LONGEST_SECONDS
    hubs: Pace = field(default_factory=Pace)
    direct: DirectPace = field(default_factory=DirectPace)


class SecureNode(SecureLink):
    """A SecureLink through hubs, and directly to peers where they take it."""

    def __init__(
        self,
        config: SecureNetworkConfig,
        folder: Path | None,
        credentials: NodeCredentials,
        pace: NodePace | None = None,
        direct_host: str = "",
    ) -> None:
        """Take the network, where the device UUID is kept, and who has certificates."""
        self._dropped = 0
        self._config = config
        self._pace = pace or NodePace()
        self._direct_host = direct_host
        self._dialer = NodeDialer(
            config,
            folder,
            credentials,
            self._pace.keep_alive,
            self._pace.connect_seconds,
        )
        self._status = NodeStatus(config.network_id, config.name, self._tell)
        self._user: SecureLinkUser | None = None
        self._hub: Connection | None = None
        self._connector: NodeConnector | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._peers: DirectPeers | None = None
        self._direct: dict[bytes, Connection] = {}
        self._listener: DirectListener | None = None
        self._credentials = credentials
        self._unlisten: Callable[[], None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    @override
    def vmac(self) -> bytes:
        return self._dialer.us.vmac if self._hub is None else self._hub.vmac

    @property
    @override
    def status(self) -> SecureNetworkStatus:
        return self._status.now

    @property
    def dropped(self) -> int:
        """Return how many messages were dropped, of both ways, since the start."""
        there = [each for each in (self._hub, *self._direct.values()) if each]
        return self._dropped + sum(each.dropped for each in there)

    @property
    def waiting(self) -> int:
        """Return how many messages wait for the hub to read."""
        return 0 if self._hub is None else self._hub.waiting

    @property
    def direct_port(self) -> int:
        """Return the port where peers connect directly, 0 for none."""
        return 0 if self._listener is None else self._listener.port

    @override
    async def open(self, user: SecureLinkUser) -> None:
        self._user = user
        try:
            await self._dialer.start()
            await self._start_direct()
        except BaseException:
            await self.close()
            raise
        self._connector = NodeConnector(
            self._uris(),
            lambda uri: self._dialer.hub(uri, self._from_hub),
            self._moved,
            lambda: Backoff(self._pace.shortest_seconds, self._pace.longest_seconds),
            self._pace.hubs,
        )
        self._connecting = asyncio.create_task(self._connector.run())
        self._unlisten = self._credentials.listen(self.renew)

    @override
    def send(self, npdu: bytes, destination: bytes) -> None:
        direct = self._direct.get(destination)
        if direct is not None and len(npdu) <= direct.max_npdu:
            direct.is_used = True
            if direct.send(b"\x01\x00" + direct.next_id() + npdu):
                return
        hub = self._hub
        if hub is None or len(npdu) > hub.max_npdu:
            self._dropped += 1
            return
        hub.send(b"\x01\x04" + hub.next_id() + destination + npdu)
        if self._config.dial_directly and destination != BROADCAST_VMAC:
            self._want(destination)

    @override
    async def close(self) -> None:
        if self._unlisten is not None:
            self._unlisten()
        tasks = [each for each in (self._connecting, self._renewing) if each]
        self._connecting = self._renewing = self._unlisten = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._peers is not None:
            await self._peers.stop()
        if self._listener is not None:
            await self._listener.stop()
        self._hub = self._peers = self._listener = self._connector = None
        self._direct = {}
        await self._dialer.stop()
        self._status.closed()

    def renew(self) -> None:
        """Use certificates that changed, without leaving the network.

        The hub is connected anew before the old connection is left; peers that are
        connected directly connect again.
        """
        if self._connector is not None:
            self._connector.renew()
        if self._listener is not None and self._renewing is None:
            self._renewing = asyncio.create_task(self._listen_anew(self._listener))

    async def _listen_anew(self, listener: DirectListener) -> None:
        try:
            await listener.stop()
            await self._listen(listener)
        except NetworkError as err:
            _LOGGER.warning("%s: peers cannot connect: %s", self._config.name, err)
        finally:
            self._renewing = None

    def _uris(self) -> dict[HubConnection, str]:
        uris = {HubConnection.PRIMARY: self._config.primary}
        if self._config.failover:
            uris[HubConnection.FAILOVER] = self._config.failover
        return uris

    async def _start_direct(self) -> None:
        if not self._config.direct_port and not self._config.dial_directly:
            return
        self._peers = DirectPeers(
            lambda uri: self._dialer.peer(uri, self._from_peer),
            self._ask,
            self._direct_changed,
            self._pace.direct,
        )
        self._direct = self._peers.connections
        if self._config.direct_port:
            self._listener = DirectListener(
                self._peers,
                lambda: self._dialer.us,
                self._from_peer,
                self._pace.keep_alive.seconds,
            )
            await self._listen(self._listener)

    async def _listen(self, listener: DirectListener) -> None:
        tls = await asyncio.to_thread(server_context, self._dialer.identity())
        await listener.start(self._direct_host, self._config.direct_port, tls)

    def _from_hub(self, data: bytes, hub: Connection) -> None:
        """Take a message of the hub; an NPDU without options goes the short way."""
        if len(data) > MAX_BVLC or len(data) < 4:
            self._dropped += 1
            return
        if data[0] == Function.NPDU:
            source, flags = data[4:10], data[1]
            if flags == _UNICAST:
                self._receive(data[10:], source, broadcast=False)
                return
            if flags == _BROADCAST and data[10:16] == BROADCAST_VMAC:
                self._receive(data[16:], source, broadcast=True)
                return
        frame = self._take(data, hub)
        if frame is None or frame.originating is None:
            return
        if frame.function == Function.NPDU:
            if frame.destination in {None, BROADCAST_VMAC, hub.vmac}:
                broadcast = frame.destination == BROADCAST_VMAC
                self._receive(frame.payload, frame.originating, broadcast=broadcast)
        elif self._peers is not None:
            self._peers.resolved(frame)

    def _from_peer(self, data: bytes, peer: Connection) -> None:
        """Take a message of a peer that is connected directly; it bears no address."""
        if len(data) > MAX_BVLC or len(data) < 4:
            self._dropped += 1
            return
        if data[0] == Function.NPDU and data[1] == _DIRECT:
            peer.is_used = True
            self._receive(data[4:], peer.peer.vmac, broadcast=False)
            return
        frame = self._take(data, peer)
        if (
            frame is not None
            and frame.function == Function.NPDU
            and frame.originating is None
            and frame.destination is None
        ):
            self._receive(frame.payload, peer.peer.vmac, broadcast=False)

    def _receive(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        fits = _LEAST_NPDU <= len(npdu) <= MAX_NPDU
        if not fits or source == BROADCAST_VMAC or self._user is None:
            self._dropped += 1
            return
        self._user.received(npdu, source, broadcast=broadcast)

    def _take(self, data: bytes, connection: Connection) -> Frame | None:
        message_id = int.from_bytes(connection.next_id())
        taken = take_message(data, self._standing(), message_id)
        if taken.answer is not None:
            connection.send(taken.answer)
        return taken.frame

    def _standing(self) -> Standing:
        return Standing(
            hub=_PLACES[self._status.now.connection],
            accepts_direct=self._listener is not None,
            direct_uri="" if self._listener is None else self._config.direct_uri,
        )

    def _moved(self, to: Found | LinkError) -> None:
        if self._hub is not None and (
            isinstance(to, LinkError) or to.connection is not self._hub
        ):
            self._dropped += self._hub.dropped
        if isinstance(to, LinkError):
            self._hub = None
            self._status.lost(to)
            return
        self._hub = to.connection
        self._status.connected(to)
        if self._peers is not None:
            self._peers.leave_those_of_other(to.connection.vmac)

    def _want(self, vmac: bytes) -> None:
        if self._peers is not None and vmac not in self._direct:
            self._peers.want(vmac)

    def _ask(self, vmac: bytes) -> None:
        if self._hub is not None:
            head = bytes((Function.ADDRESS_RESOLUTION, 0x04))
            self._hub.send(head + self._hub.next_id() + vmac)

    def _direct_changed(self) -> None:
        self._status.direct(self._direct)

    def _tell(self, status: SecureNetworkStatus) -> None:
        if self._user is not None:
            self._user.stands(status)

"""The hub function: all nodes of a BACnet/SC network meet at it (135-2020, AB.5.3)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from aiohttp import WSMsgType, web

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureHubConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubNode,
    SecureHubStatus,
)

from .frames import MAX_BVLC, Frame, Function, encode
from .hub_certificate import node_certificate
from .hub_door import Door
from .hub_greeting import (
    HTTP_LOGGER,
    accepted,
    asks_for_hub,
    close_unless_binary,
    connect_request,
    new_socket,
    refuse,
)
from .hub_member import Member
from .hub_members import Members
from .hub_packets import MOST_OCTETS, PING, packet, pong
from .hub_refusals import Refusals
from .hub_relay import Relay
from .hub_tls import TlsTransport
from .node_identity import NodeIdentity
from .payloads import Peer
from .tls import Identity, server_context

_LOGGER = logging.getLogger(__name__)

# Nodes ask for a sign of life after 300 s at the latest (AB.6.3); who is silent for
# longer is asked once, and then gone.
SILENT_SECONDS: Final = 330.0
SWEEP_SECONDS: Final = 30.0
GOODBYE_SECONDS: Final = 1.0
TELL_SECONDS: Final = 0.5
# Connections that are no nodes yet, beside as many nodes as there may be
MOST_STRANGERS: Final = 256


class Hub:
    """A hub of ours; it needs no node of ours."""

    def __init__(
        self,
        config: SecureHubConfig,
        identity: NodeIdentity,
        changed: Callable[[], None],
    ) -> None:
        """Take who it is to nodes; changed: called soon after its status changes."""
        self._config = config
        self._changed = changed
        self._self = Peer(
            vmac=identity.vmac, device_uuid=identity.device_uuid, max_bvlc=MOST_OCTETS
        )
        self._members = Members(self._self.vmac, config.max_nodes)
        self._refusals = Refusals(config.name, self._tell)
        self._relay = Relay(self._members, self._self.vmac, self._drop)
        self._dropped = 0
        self._empty = asyncio.Event()
        self._since = datetime.now(UTC)
        self._server: web.Server | None = None
        self._door: Door | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._telling: asyncio.TimerHandle | None = None

    @property
    def status(self) -> SecureHubStatus:
        """Return how it is doing."""
        return SecureHubStatus(
            hub_id=self._config.hub_id,
            listening=self._door is not None,
            since=self._since,
            nodes=len(self._members),
            refused=self._refusals.count,
            dropped=self._dropped,
        )

    @property
    def nodes(self) -> tuple[HubNode, ...]:
        """Return who is connected, those first that came first."""
        found = [each.node for each in self._members]
        return tuple(sorted(found, key=lambda each: each.since))

    @property
    def port(self) -> int:
        """Return the port that it listens on, 0 when it does not."""
        return 0 if self._door is None else self._door.port

    async def start(self, identity: Identity) -> None:
        """Listen; raises CredentialsError and OSError."""
        context = await asyncio.to_thread(server_context, identity)
        self._server = web.Server(self._serve, access_log=None, logger=HTTP_LOGGER)
        most = self._config.max_nodes + MOST_STRANGERS
        door = Door(context, most, self._refusals, self._server)
        await door.open(self._config.host, self._config.port)
        self._door = door
        self._since = datetime.now(UTC)
        self._sweeping = asyncio.create_task(self._sweep())
        _LOGGER.info("Hub %s listens on port %d", self._config.name, door.port)

    async def stop(self) -> None:
        """Send every node away and listen no more; calling it twice does no harm."""
        if self._door is None or self._server is None:
            return
        door, self._door = self._door, None
        self._since = datetime.now(UTC)
        door.shut()
        if self._sweeping is not None:
            self._sweeping.cancel()
        await self._say_goodbye()
        door.clear()
        await self._server.shutdown(GOODBYE_SECONDS)
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    async def replace_identity(self, identity: Identity) -> None:
        """Show those that connect from now on another certificate; the others stay.

        Raises CredentialsError, and goes on with the former one then.
        """
        context = await asyncio.to_thread(server_context, identity)
        if self._door is not None:
            self._door.context = context

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve a connection from its request to its end."""
        transport = request.transport
        if not isinstance(transport, TlsTransport) or not asks_for_hub(request):
            text = "This is a BACnet/SC hub"
            return web.Response(status=400, text=text, headers={"Connection": "close"})
        socket = new_socket()
        await socket.prepare(request)
        asked = await connect_request(socket)
        member = None if asked is None else await self._admit(socket, transport, *asked)
        if member is not None:
            try:
                await self._converse(socket, member)
            finally:
                self._leave(member)
        return socket

    async def _admit(
        self,
        socket: web.WebSocketResponse,
        transport: TlsTransport,
        request: Frame,
        peer: Peer,
    ) -> Member | None:
        objection = self._members.objection(peer)
        address = transport.tls.address
        if self._door is None or objection is not None:
            if objection is not None:
                self._refusals.add(address, objection.words)
                await refuse(socket, request, objection)
            return None
        certificate = node_certificate(transport.tls.object())
        node = HubNode(
            vmac=peer.vmac.hex(":"),
            device_uuid=peer.device_uuid.hex(),
            address=address,
            subject=certificate.subject,
            since=datetime.now(UTC),
        )
        member = Member(
            node,
            transport,
            # A length of 0 is said by nodes that do not fill it in
            max_bvlc=peer.max_bvlc or MAX_BVLC,
            expires=certificate.expires,
            dropped=self._drop,
        )
        transport.tls.writable = member.set_writable
        self._members.join(member)
        self._door.let_last(transport.tls)
        member.put(packet(accepted(request, self._self)))
        self._tell()
        return member

    async def _converse(self, socket: web.WebSocketResponse, member: Member) -> None:
        """Take what a node sends, until it leaves."""
        receive, take = socket.receive, self._relay.take
        clock = asyncio.get_running_loop().time
        while not member.leaving:
            message = await receive()
            kind = message.type
            member.heard = clock()
            if kind is WSMsgType.BINARY:
                take(member, message.data)
            elif kind is WSMsgType.PING:
                member.put(pong(message.data))
            elif kind is not WSMsgType.PONG:
                await close_unless_binary(socket, kind)
                break
        self._members.leave(member)
        self._tell()
        member.flush()
        await socket.close()

    def _leave(self, member: Member) -> None:
        self._members.leave(member)
        member.end()
        self._tell()
        if not self._members:
            self._empty.set()

    async def _say_goodbye(self) -> None:
        """Ask every node to leave, and wait a moment until all of them have."""
        self._empty.clear()
        for each in self._members:
            each.put(packet(_goodbye()))
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                while self._members:
                    await self._empty.wait()
        except TimeoutError:
            pass  # who does not leave is cut

    async def _sweep(self) -> None:
        """Cut who is silent for too long, and whose certificate has expired."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._cut_silent(asyncio.get_running_loop().time())
            self._cut_expired(datetime.now(UTC))

    def _cut_silent(self, now: float) -> None:
        for each in self._members:
            if now - each.heard < SILENT_SECONDS:
                each.pinged = False
            elif each.pinged:
                each.end()
            else:
                each.pinged = True
                each.put(PING)

    def _cut_expired(self, now: datetime) -> None:
        for each in self._members:
            if each.expires <= now:
                self._refusals.add(each.node.address, "its certificate has expired")
                each.end()

    def _drop(self) -> None:
        self._dropped += 1
        self._tell()

    def _tell(self) -> None:
        """Tell of changes, once for many."""
        if self._telling is None and self._door is not None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(TELL_SECONDS, self._told)

    def _told(self) -> None:
        self._telling = None
        self._changed()


def _goodbye() -> bytes:
    return encode(Frame(function=Function.DISCONNECT_REQUEST, message_id=0))

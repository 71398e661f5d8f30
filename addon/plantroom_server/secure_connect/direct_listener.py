"""Where peers connect to us directly (AB.4, and AB.6.2.3, the accepting peer)."""

import asyncio
import errno
import ssl
from collections.abc import Callable
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from custom_components.plantroom.engine.errors import NetworkError, PortInUseError

from ..listener import Listener
from .connection import LONGEST_MESSAGE, Connection, KeepAlive, close_socket
from .direct import DirectPeers
from .frames import (
    DIRECT_PROTOCOL,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    decode,
    encode,
)
from .payloads import Peer, decode_peer, refusal

REQUEST_SECONDS: Final = 10.0


class DirectListener:
    """Accepts peers that have a certificate which we trust."""

    def __init__(
        self,
        peers: DirectPeers,
        us: Callable[[], Peer],
        take: Callable[[bytes, Connection], None],
        heartbeat_seconds: float,
    ) -> None:
        """Take who keeps the peers, who we are, and where messages go."""
        self._peers = peers
        self._us = us
        self._take = take
        self._keep_alive = KeepAlive(asks=False, seconds=heartbeat_seconds)
        self._listener: Listener | None = None
        self._here: set[Connection] = set()

    @property
    def port(self) -> int:
        """Return the port on which it listens, 0 when it does not."""
        return 0 if self._listener is None else self._listener.port

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> None:
        """Listen; raises PortInUseError or NetworkError. host "": every interface."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._listener = Listener(application)
        try:
            await self._listener.start(host, port, tls)
        except OSError as err:
            await self.stop()
            if err.errno == errno.EADDRINUSE:
                raise PortInUseError(
                    f"TCP port {port} is in use", address=host, port=port, owner=""
                ) from err
            raise NetworkError(f"TCP port {port}: {err}", port=port) from err

    async def stop(self) -> None:
        """Accept nobody any more and end who is there; twice does no harm."""
        leaving = [each.leave() for each in self._here]
        await asyncio.gather(*leaving, return_exceptions=True)
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.stop()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            protocols=(DIRECT_PROTOCOL,),
            max_msg_size=LONGEST_MESSAGE,
            compress=False,
            timeout=1.0,
        )
        await socket.prepare(request)
        if socket.ws_protocol != DIRECT_PROTOCOL or self._peers.is_full:
            await close_socket(socket, WSCloseCode.POLICY_VIOLATION)
            return socket
        connection = await self._accepted(socket)
        if connection is None:
            await close_socket(socket, WSCloseCode.POLICY_VIOLATION)
            return socket
        if self._listener is not None:
            self._listener.welcome(request)
        self._here.add(connection)
        try:
            await self._peers.keep(connection)
        finally:
            self._here.discard(connection)
        return socket

    async def _accepted(self, socket: web.WebSocketResponse) -> Connection | None:
        """Return the connection of a peer that asks as the standard says, or None."""
        us = self._us()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                message = await socket.receive()
                if message.type is not WSMsgType.BINARY:
                    return None
                frame = decode(message.data)
                if frame.function != Function.CONNECT_REQUEST:
                    return None
                peer = decode_peer(frame.payload)
                answer = self._answer(frame, peer, us)
                await socket.send_bytes(
                    encode(answer) if isinstance(answer, Frame) else answer
                )
        except MalformedFrameError, TimeoutError, ConnectionError:
            return None
        if not isinstance(answer, Frame):
            return None
        return Connection(socket, peer, us.vmac, self._take, self._keep_alive)

    def _answer(self, frame: Frame, peer: Peer, us: Peer) -> Frame | bytes:
        """Return an acceptance, or a refusal where the VMAC is somebody else's."""
        held = self._peers.connections.get(peer.vmac)
        taken = held is not None and held.peer.device_uuid != peer.device_uuid
        if taken or peer.vmac == us.vmac:
            return refusal(frame, ErrorCode.DUPLICATE_VMAC)
        return Frame(
            function=Function.CONNECT_ACCEPT,
            message_id=frame.message_id,
            payload=us.encode(),
        )

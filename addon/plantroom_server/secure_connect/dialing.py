"""Open a connection and be accepted: to a hub, or directly to a peer (AB.6.2.2)."""

import asyncio
import secrets
import ssl
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

import aiohttp
from aiohttp import WSMsgType

from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

from .connection import LONGEST_MESSAGE, WebSocket, close_socket
from .dial_errors import LinkError, printable, translated
from .frames import (
    HUB_PROTOCOL,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    decode,
    encode,
)
from .payloads import Peer, decode_peer, decode_result

CONNECT_SECONDS: Final = 10.0
_CLOSE: Final = aiohttp.ClientWSTimeout(ws_close=1.0)
# A hub that forwards before it accepts; more than this is no hub
_MOST_BEFORE: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A connection that the other side accepted."""

    socket: WebSocket
    peer: Peer


def new_session() -> aiohttp.ClientSession:
    """Return a session that goes nowhere but where it is sent."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        timeout=aiohttp.ClientTimeout(total=None),
        trace_configs=[trace],
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def dial(
    session: aiohttp.ClientSession,
    uri: str,
    tls: ssl.SSLContext,
    us: Peer,
    protocol: str = HUB_PROTOCOL,
    seconds: float = CONNECT_SECONDS,
) -> Accepted:
    """Return an accepted connection; raises LinkError that says what is in the way."""
    try:
        async with asyncio.timeout(seconds):
            socket = await session.ws_connect(
                uri,
                ssl=tls,
                protocols=(protocol,),
                max_msg_size=LONGEST_MESSAGE,
                timeout=_CLOSE,
                compress=0,
            )
            try:
                return await _accepted(socket, uri, us, protocol)
            except BaseException:
                await close_socket(socket)
                raise
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as err:
        raise translated(err, uri) from err


async def _accepted(
    socket: aiohttp.ClientWebSocketResponse, uri: str, us: Peer, protocol: str
) -> Accepted:
    if socket.protocol != protocol:
        raise LinkError(HubTrouble.NOT_A_HUB, uri, f"subprotocol {socket.protocol}")
    asked = Frame(
        function=Function.CONNECT_REQUEST,
        message_id=secrets.randbits(16),
        payload=us.encode(),
    )
    await socket.send_bytes(encode(asked))
    for _ in range(_MOST_BEFORE):
        message = await socket.receive()
        if message.type is not WSMsgType.BINARY:
            raise _not_accepted(message, uri)
        peer = _answer(message.data, asked.message_id, uri)
        if peer is not None:
            return Accepted(socket=socket, peer=peer)
    raise LinkError(HubTrouble.PROTOCOL, uri, "does not accept")


def _answer(data: bytes, message_id: int, uri: str) -> Peer | None:
    """Return who accepts us, None for other messages; raises LinkError if nobody."""
    try:
        frame = decode(data)
        if frame.message_id != message_id or frame.originating is not None:
            return None
        if frame.function == Function.CONNECT_ACCEPT:
            return decode_peer(frame.payload)
        if frame.function != Function.RESULT:
            return None
        _, refused = decode_result(frame.payload)
    except MalformedFrameError as err:
        raise LinkError(HubTrouble.PROTOCOL, uri, str(err)) from err
    if refused is None:
        return None
    duplicate = refused.code == ErrorCode.DUPLICATE_VMAC
    trouble = HubTrouble.VMAC_REFUSED if duplicate else HubTrouble.REFUSED
    raise LinkError(trouble, uri, f"{refused.reason} {refused.details}".strip())


def _not_accepted(message: aiohttp.WSMessage, uri: str) -> LinkError:
    if message.type is WSMsgType.TEXT:
        return LinkError(HubTrouble.PROTOCOL, uri, "a text message")
    if message.type is WSMsgType.ERROR:
        return LinkError(HubTrouble.PROTOCOL, uri, str(message.data))
    said = f"{message.data or ''} {printable(str(message.extra or ''))}".strip()
    return LinkError(HubTrouble.CLOSED_EARLY, uri, said)


async def _refuse_redirect(
    _session: aiohttp.ClientSession,
    _context: SimpleNamespace,
    params: aiohttp.TraceRequestRedirectParams,
) -> None:
    raise LinkError(HubTrouble.NOT_A_HUB, str(params.url), "redirects elsewhere")

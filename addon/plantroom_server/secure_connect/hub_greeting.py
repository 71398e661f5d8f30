"""How a connection becomes a node: WebSocket, then Connect-Request (AB.6.2, AB.7.1)."""

import logging
from typing import Final, override

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.http_exceptions import HttpProcessingError

from .frames import (
    HUB_PROTOCOL,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    decode,
    encode,
    not_understood,
)
from .hub_members import Objection
from .hub_packets import MOST_OCTETS
from .payloads import Peer, Refusal, decode_peer, refusal

CLOSE_SECONDS: Final = 2.0
# What else a node may say before it names itself; it is not answered (Figure AB-12)
MOST_BEFORE: Final = 16


class BadRequestFilter(logging.Filter):
    """Keeps out of the log what aiohttp says of requests that are none.

    It logs each as an error, with all of it: anybody could fill the log.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


HTTP_LOGGER: Final = logging.getLogger(f"{__name__}.http")
HTTP_LOGGER.addFilter(BadRequestFilter())


def asks_for_hub(request: web.BaseRequest) -> bool:
    """Return whether a request is for a WebSocket of a hub (AB.7.1)."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    wants = request.headers.get("Upgrade", "").lower() == "websocket"
    return wants and HUB_PROTOCOL in {each.strip() for each in offered.split(",")}


def new_socket() -> web.WebSocketResponse:
    """Return a WebSocket as hubs have it: no compression, no text."""
    return web.WebSocketResponse(
        protocols=(HUB_PROTOCOL,),
        max_msg_size=MOST_OCTETS,
        timeout=CLOSE_SECONDS,
        compress=False,
        autoping=False,
        decode_text=False,
    )


async def connect_request(socket: web.WebSocketResponse) -> tuple[Frame, Peer] | None:
    """Return what a node asks and who it is; None when it does not, and is told why."""
    for _ in range(MOST_BEFORE):
        message = await socket.receive()
        if message.type is not WSMsgType.BINARY:
            await close_unless_binary(socket, message.type)
            return None
        data: bytes = message.data
        if not data or data[0] != Function.CONNECT_REQUEST:
            continue
        try:
            frame = decode(data)
            marker = not_understood(frame)
            if marker is None:
                return frame, decode_peer(frame.payload)
            code = ErrorCode.HEADER_NOT_UNDERSTOOD
        except MalformedFrameError as err:
            code, marker = err.code, 0
        plain = Frame(
            function=Function.CONNECT_REQUEST, message_id=int.from_bytes(data[2:4])
        )
        await socket.send_bytes(refusal(plain, code, marker=marker))
        break
    await socket.close()
    return None


async def close_unless_binary(socket: web.WebSocketResponse, kind: WSMsgType) -> None:
    """End a connection that ended, failed, or that speaks text (AB.7.5.3)."""
    if kind is WSMsgType.TEXT:
        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)


async def refuse(
    socket: web.WebSocketResponse, request: Frame, objection: Objection
) -> None:
    """Tell a node why it may not join, and close."""
    said = Refusal(
        function=Function.CONNECT_REQUEST,
        code=objection.code,
        error_class=objection.error_class,
        details=objection.words,
    )
    answer = Frame(
        function=Function.RESULT,
        message_id=request.message_id,
        payload=said.encode(),
    )
    await socket.send_bytes(encode(answer))
    await socket.close()


def accepted(request: Frame, hub: Peer) -> bytes:
    """Return the Connect-Accept (AB.2.11)."""
    return encode(
        Frame(
            function=Function.CONNECT_ACCEPT,
            message_id=request.message_id,
            payload=hub.encode(),
        )
    )

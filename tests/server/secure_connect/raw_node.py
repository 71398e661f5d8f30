"""A node that says to a hub whatever a test wants it to."""

import asyncio
import secrets
import ssl
from types import TracebackType
from typing import Any, Self

import aiohttp
from plantroom_server.secure_connect.frames import (
    HUB_PROTOCOL,
    Frame,
    Function,
    decode,
    encode,
)
from plantroom_server.secure_connect.payloads import Peer, decode_peer, decode_result
from plantroom_server.secure_connect.tls import Identity, client_context

SECONDS = 60


class RawNode:
    """Connects as a node does, by hand; vmac and device_uuid are free to choose."""

    def __init__(
        self,
        port: int,
        identity: Identity,
        *,
        vmac: bytes | None = None,
        device_uuid: bytes | None = None,
        max_bvlc: int = 1600,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.vmac = vmac or b"\x02" + secrets.token_bytes(5)
        self.device_uuid = device_uuid or secrets.token_bytes(16)
        self.max_bvlc = max_bvlc
        self.hub: Peer | None = None
        self._url = f"https://127.0.0.1:{port}/"
        self._context = context or client_context(identity)
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        assert await self.connect() is None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def socket(self) -> aiohttp.ClientWebSocketResponse:
        assert self._socket is not None
        return self._socket

    async def open(self, *protocols: str) -> None:
        """Open the WebSocket, no more."""
        self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(SECONDS):
                self._socket = await self._session.ws_connect(
                    self._url,
                    ssl=self._context,
                    protocols=protocols or (HUB_PROTOCOL,),
                    compress=0,
                    autoping=False,
                    max_msg_size=0,
                    timeout=aiohttp.ClientWSTimeout(ws_close=SECONDS),
                )
        except BaseException:
            await self.close()
            raise

    async def connect(self, payload: bytes | None = None) -> int | None:
        """Send a Connect-Request; return None when accepted, else the error code."""
        me = Peer(vmac=self.vmac, device_uuid=self.device_uuid, max_bvlc=self.max_bvlc)
        asked = me.encode() if payload is None else payload
        await self.send(Frame(function=6, message_id=7, payload=asked))
        answer = await self.receive()
        assert answer.message_id == 7
        if answer.function == Function.CONNECT_ACCEPT:
            self.hub = decode_peer(answer.payload)
            return None
        _, refused = decode_result(answer.payload)
        assert refused is not None
        return refused.code

    async def send(self, frame: Frame | bytes) -> None:
        data = frame if isinstance(frame, bytes) else encode(frame)
        await self.socket.send_bytes(data)

    async def send_npdu(self, destination: bytes, npdu: bytes = b"\x01\x00hi") -> None:
        await self.send(
            Frame(function=1, message_id=1, destination=destination, payload=npdu)
        )

    async def receive(self) -> Frame:
        """Return the next message."""
        return decode(await self.receive_raw())

    async def receive_raw(self) -> bytes:
        """Return the octets of the next message, whatever they are."""
        async with asyncio.timeout(SECONDS):
            message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.BINARY, message
        data: bytes = message.data
        return data

    async def answers(self) -> Frame:
        """Return the answer to a heartbeat: it comes after all that was before it."""
        await self.send(Frame(function=10, message_id=0xBEA7))
        while True:
            frame = await self.receive()
            if frame.function == Function.HEARTBEAT_ACK:
                return frame

    async def ended(self) -> int | None:
        """Wait until the hub has closed; return the WebSocket's close code."""
        async with asyncio.timeout(SECONDS):
            while True:
                message: Any = await self.socket.receive()
                if message.type not in {
                    aiohttp.WSMsgType.BINARY,
                    aiohttp.WSMsgType.PING,
                }:
                    return self.socket.close_code

    async def close(self) -> None:
        """Go; calling it twice does no harm."""
        if self._socket is not None:
            self._socket._response.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

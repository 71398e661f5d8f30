"""A hub that says what a test wants it to say; it shares no code with ours."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from plantroom_server.secure_connect.tls import Identity, server_context

from tests.ports import free_port

HUB_VMAC = bytes.fromhex("020000000001")
HUB_UUID = bytes(range(16))
WAIT_SECONDS = 60


@dataclass(slots=True)
class RawNode:
    """A node that the hub accepted."""

    socket: web.WebSocketResponse
    request: bytes
    frames: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    close_code: int | None = None
    certificate: Any = None

    @property
    def vmac(self) -> bytes:
        return self.request[4:10]

    @property
    def uuid(self) -> bytes:
        return self.request[10:26]

    @property
    def subject(self) -> str:
        """Return the common name in the node's certificate."""
        return self.certificate["subject"][0][0][1]

    async def send(self, hexadecimal: str) -> None:
        await self.socket.send_bytes(bytes.fromhex(hexadecimal))

    async def heard(self) -> bytes:
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.frames.get()


class RawHub:
    """Accepts, refuses, stays silent or leaves, as its attributes say."""

    def __init__(
        self,
        identity: Identity,
        *,
        protocol: str = "hub.bsc.bacnet.org",
        vmac: bytes = HUB_VMAC,
        max_bvlc: int = 1600,
        max_npdu: int = 1497,
    ) -> None:
        self.accepts = True
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.answers_heartbeats = True
        self.refuses_with: Callable[[bytes], bytes] | None = None
        self.first: Callable[[web.WebSocketResponse], Awaitable[None]] | None = None
        self.requests = 0
        self.nodes: asyncio.Queue[RawNode] = asyncio.Queue()
        self.port = free_port()
        self._tls = server_context(identity)
        self._protocol = protocol
        self._hello = vmac + HUB_UUID + max_bvlc.to_bytes(2) + max_npdu.to_bytes(2)
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def uri(self) -> str:
        return f"wss://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before when it did."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner,
            "127.0.0.1",
            self.port,
            ssl_context=self._tls,
            reuse_address=True,
        )
        await site.start()

    async def stop(self) -> None:
        """Be gone, as a machine that lost its power."""
        for socket in list(self._sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def node(self) -> RawNode:
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.nodes.get()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            protocols=(self._protocol,), compress=False, timeout=0.5
        )
        await socket.prepare(request)
        self.requests += 1
        self._sockets.add(socket)
        try:
            await self._talk(socket)
        except ConnectionError:
            pass
        finally:
            self._sockets.discard(socket)
        return socket

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        message = await socket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            return
        asked = message.data
        if self.refuses_with is not None:
            await socket.send_bytes(self.refuses_with(asked))
            await socket.receive()
            return
        if not self.accepts:
            await socket.receive()
            return
        if self.first is not None:
            await self.first(socket)
        await socket.send_bytes(b"\x07\x00" + asked[2:4] + self._hello)
        node = RawNode(socket, asked)
        node.certificate = socket.get_extra_info("peercert")
        await self.nodes.put(node)
        await self._read(node)

    async def _read(self, node: RawNode) -> None:
        try:
            while True:
                await self.may_read.wait()
                message = await node.socket.receive()
                if message.type is not aiohttp.WSMsgType.BINARY:
                    return
                data = message.data
                if data[0] == 0x0A and self.answers_heartbeats:
                    await node.socket.send_bytes(b"\x0b\x00" + data[2:4])
                if data[0] == 0x08 and self.answers_heartbeats:
                    await node.socket.send_bytes(b"\x09\x00" + data[2:4])
                await node.frames.put(data)
        finally:
            node.close_code = node.socket.close_code
            node.left.set()

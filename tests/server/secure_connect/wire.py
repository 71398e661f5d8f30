"""A connection's WebSocket for tests of time alone."""

import asyncio
from collections import Counter

from aiohttp import WSMessage, WSMsgType


class Wire:
    """A WebSocket without a socket; its other side does what a test says."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.count: Counter[int] = Counter()
        self.incoming: asyncio.Queue[WSMessage] = asyncio.Queue()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.answers = True

    async def receive(self) -> WSMessage:
        return await self.incoming.get()

    async def send_bytes(self, data: bytes) -> None:
        await self.may_send.wait()
        self.count[data[0]] += 1
        if len(self.sent) < 10000:
            self.sent.append(data)
        if self.answers and data[0] in {0x0A, 0x08}:
            self.hear(bytes((data[0] + 1, 0)) + data[2:4])

    async def close(self, *, code: int = 1000) -> bool:
        return True

    def cut(self) -> None:
        """Be cut, as by a hub that is killed."""
        self.incoming.put_nowait(WSMessage(WSMsgType.CLOSED, None, None))

    def hear(self, data: bytes) -> None:
        self.incoming.put_nowait(WSMessage(WSMsgType.BINARY, data, None))

"""A BACnet client of a few hand-made octets, which shares nothing with the product.

It reads and writes REAL properties, asks for COV and takes what it is told. Each request
that nobody answers ends its socket: a late answer is never taken for another one's.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import override

PRESENT_VALUE = 85
RELINQUISH_DEFAULT = 104
READ, WRITE, SUBSCRIBE = 12, 15, 5
_REAL = b"\x3e\x44"
_TOLD_VALUE = b"\x09\x55\x2e\x44"


class NoAnswerError(Exception):
    """Nobody answered in time."""


class RefusedError(Exception):
    """The device answered with an error, a reject or an abort."""


class RealClient(asyncio.DatagramProtocol):
    """Talks to one device; told: called with each object and value that COV tells."""

    def __init__(
        self, target: tuple[str, int], host: str, told: Callable[[int, float], None]
    ) -> None:
        self._target = target
        self._host = host
        self._told = told
        self._transport: asyncio.DatagramTransport | None = None
        self._opening = asyncio.Lock()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._next = 0

    async def open(self) -> None:
        """Take a socket, one for all who ask at once."""
        loop = asyncio.get_running_loop()
        async with self._opening:
            if self._transport is None:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, local_addr=(self._host, 0), family=socket.AF_INET
                )

    def close(self) -> None:
        """Let go of the socket; twice does no harm."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    async def read(self, key: int, property_id: int, seconds: float = 1.0) -> float:
        """Return a REAL; key: type and instance in one number, as in four octets."""
        body = b"\x0c" + key.to_bytes(4) + b"\x19" + bytes((property_id,))
        answer = await self._ask(READ, body, seconds)
        at = answer.index(_REAL, 3 + len(body))
        found: float = struct.unpack(">f", answer[at + 2 : at + 6])[0]
        return found

    async def command(
        self, key: int, value: float, priority: int, seconds: float = 2.0
    ) -> None:
        """Write the present value; returns when it is acknowledged."""
        body = b"\x0c" + key.to_bytes(4) + b"\x19\x55" + _REAL
        body += struct.pack(">f", value) + b"\x3f\x49" + bytes((priority,))
        await self._ask(WRITE, body, seconds)

    async def subscribe(self, key: int, seconds: float = 1.0) -> None:
        """Be told of an object's changes, unconfirmed, for five minutes."""
        body = b"\x09\x01\x1c" + key.to_bytes(4) + b"\x29\x00\x3a\x01\x2c"
        await self._ask(SUBSCRIBE, body, seconds)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        apdu = data[6:]
        if apdu[:2] == b"\x10\x02":
            self._take_told(apdu)
            return
        waiting = self._waiting.get(apdu[1]) if len(apdu) > 1 else None
        if waiting is not None and not waiting.done():
            waiting.set_result(apdu)

    async def _ask(self, service: int, body: bytes, seconds: float) -> bytes:
        await self.open()
        invoke_id = self._next = (self._next + 1) % 256
        answer = asyncio.get_running_loop().create_future()
        self._waiting[invoke_id] = answer
        frame = b"\x01\x04\x00\x05" + bytes((invoke_id, service)) + body
        assert self._transport is not None
        self._transport.sendto(
            b"\x81\x0a" + (4 + len(frame)).to_bytes(2) + frame, self._target
        )
        try:
            async with asyncio.timeout(seconds):
                apdu: bytes = await answer
        except TimeoutError as err:
            self.close()
            raise NoAnswerError from err
        finally:
            self._waiting.pop(invoke_id, None)
        if apdu[0] & 0xF0 not in {0x20, 0x30}:
            raise RefusedError(apdu.hex())
        return apdu

    def _take_told(self, apdu: bytes) -> None:
        at, value_at = apdu.find(b"\x2c"), apdu.find(_TOLD_VALUE)
        if at > 0 and value_at > 0:
            key = int.from_bytes(apdu[at + 1 : at + 5])
            start = value_at + len(_TOLD_VALUE)
            self._told(key, struct.unpack(">f", apdu[start : start + 4])[0])

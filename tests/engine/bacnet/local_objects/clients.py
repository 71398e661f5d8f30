"""Independent clients of our device: bac-py, and raw frames by whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bac_py.client import Client

from tests.simulators.link import open_socket

WAIT_SECONDS = 30.0


@asynccontextmanager
async def bac_py_client(port: int, host: str = "127.0.12.3") -> AsyncIterator[Any]:
    """Run a client by bac-py."""
    async with Client(
        instance_number=4001,
        interface=host,
        port=port,
        broadcast_address="127.255.255.255",
    ) as client:
        yield client


class RawClient:
    """Sends any octets and keeps what comes back."""

    def __init__(self, target: str, host: str = "127.0.12.9") -> None:
        name, _, port = target.rpartition(":")
        self._target = name, int(port)
        self._socket = open_socket((host, 0))
        self._loop = asyncio.get_running_loop()
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop.add_reader(
            self._socket, lambda: self.heard.put_nowait(self._socket.recv(2000))
        )

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def send(self, frame: bytes) -> None:
        """Send a datagram as it is."""
        self._socket.sendto(frame, self._target)

    def ask(self, apdu: bytes, network: bytes = b"\x01\x04") -> None:
        """Send an APDU behind a network header."""
        whole = network + apdu
        self.send(b"\x81\x0a" + (4 + len(whole)).to_bytes(2) + whole)

    async def answer(self) -> bytes:
        """Return the next APDU, its frame and plain network header taken off."""
        async with asyncio.timeout(WAIT_SECONDS):
            return (await self.heard.get())[6:]

    async def frame(self) -> bytes:
        """Return the next datagram."""
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.heard.get()

    async def exchange(self, service: int, body: bytes, header: int = 0x05) -> bytes:
        """Return the answer to a confirmed request; header: max segments and APDU."""
        self.ask(bytes((0x00, header, 7, service)) + body)
        return await self.answer()


@asynccontextmanager
async def raw_client(target: str, host: str = "127.0.12.9") -> AsyncIterator[RawClient]:
    """Run a client of raw frames."""
    client = RawClient(target, host)
    try:
        yield client
    finally:
        client.close()

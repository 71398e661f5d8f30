"""Asks two servers the same for ever, and notes who says anything at all."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import NamedTuple, override

from .load import INPUT_KEYS

ASK_SECONDS = 0.01
SUBSCRIBE_EVERY = 20
KEY = INPUT_KEYS[0]
_HEADER = b"\x01\x04"
_WHO_IS = b"\x10\x08"
_KINDS = {
    b"\x10\x00": "I-Am",
    b"\x10\x02": "notification",
}


class Answer(NamedTuple):
    """One datagram of a server; at: seconds since we looked anew."""

    host: str
    kind: str
    at: float


class Observer(asyncio.DatagramProtocol):
    """Reads, asks Who-Is and subscribes; answers: of everybody, as they came."""

    def __init__(self, targets: Sequence[tuple[str, int]], host: str) -> None:
        self._targets = targets
        self._host = host
        self._transport: asyncio.DatagramTransport | None = None
        self._arrival = asyncio.Event()
        self._began = 0.0
        self.answers: list[Answer] = []

    async def open(self) -> None:
        """Take a socket."""
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self._host, 0)
        )

    def close(self) -> None:
        """Let go of the socket."""
        if self._transport is not None:
            self._transport.abort()

    def forget(self) -> None:
        """Look anew."""
        self.answers = []
        self._began = asyncio.get_running_loop().time()

    async def anybody(self, hosts: set[str], seconds: float) -> str:
        """Return the first of some that answers from now on."""
        known = len(self.answers)
        async with asyncio.timeout(seconds):
            while True:
                for answer in self.answers[known:]:
                    if answer.host in hosts:
                        return answer.host
                self._arrival.clear()
                await self._arrival.wait()

    async def ask(self) -> None:
        """Ask both for ever; each read has an invoke id of its own."""
        assert self._transport is not None
        for number in itertools.count():
            if number % SUBSCRIBE_EVERY == 0:
                apdu = b"\x00\x05%c\x05\x09\x01\x1c%b\x29\x00\x39\x3c" % (
                    number % 256, KEY.to_bytes(4)
                )  # fmt: skip
            elif number % 2:
                apdu = b"\x00\x05%c\x0c\x0c%b\x19\x55" % (
                    number % 256, KEY.to_bytes(4)
                )  # fmt: skip
            else:
                apdu = _WHO_IS
            whole = _HEADER + apdu
            for target in self._targets:
                self._transport.sendto(
                    b"\x81\x0a" + (4 + len(whole)).to_bytes(2) + whole, target
                )
            await asyncio.sleep(ASK_SECONDS)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        kind = _KINDS.get(data[6:8], "answer")
        at = asyncio.get_running_loop().time() - self._began
        self.answers.append(Answer(addr[0], kind, at))
        self._arrival.set()

"""A BACnet/SC connection once it is accepted, whoever opened it (AB.6)."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp
from aiohttp import WSCloseCode, WSMsgType

from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

from .frames import (
    DESTINATION,
    HEADER_OCTETS,
    MAX_BVLC,
    MAX_NPDU,
    ORIGINATING,
    Function,
)
from .payloads import Peer

_LOGGER = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 300.0
ANSWER_SECONDS: Final = 10.0
GOODBYE_SECONDS: Final = 2.0
STUCK_SECONDS: Final = 30.0
MOST_WAITING: Final = 1024
# A longer message ends a connection; one longer than we take is dropped before that,
# so that a peer cannot end our connection to a hub that forwards whatever it gets
LONGEST_MESSAGE: Final = 1 << 17

_BURST: Final = 64
_ADDRESSED: Final = ORIGINATING | DESTINATION


class WebSocket(Protocol):
    """The part of aiohttp's WebSockets, of both sides, that a connection needs."""

    async def receive(self) -> aiohttp.WSMessage:
        """Return the next message, or how the connection ended."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""

    async def close(self, *, code: int = WSCloseCode.OK) -> bool:
        """Close the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a connection is over."""

    trouble: HubTrouble
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlive:
    """When silence is the end (AB.6.3): who opened the connection asks, the other waits.

    asks: whether we do. seconds: of silence before that; who waits, waits twice as long.
    """

    asks: bool = True
    seconds: float = HEARTBEAT_SECONDS
    answer_seconds: float = ANSWER_SECONDS


class Connection:
    """Carries messages both ways until one side leaves or falls silent."""

    def __init__(
        self,
        socket: WebSocket,
        peer: Peer,
        vmac: bytes,
        take: Callable[[bytes, Connection], None],
        keep_alive: KeepAlive,
    ) -> None:
        """Take the socket, who is there, who we are to it, and where messages go."""
        self.peer = peer
        self.vmac = vmac
        self.dropped = 0
        self.is_used = False  # set by whom NPDUs pass; idle ones may be left
        self._socket = socket
        self._take = take
        self._keep_alive = keep_alive
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._over = asyncio.Event()
        self._answered = asyncio.Event()
        self._left = asyncio.Event()
        self._closed = asyncio.Event()
        self._leaving = False
        self._is_told = False
        self._message_id = 0
        # A length of 0 is said by peers that do not fill it in
        self._max_bvlc = peer.max_bvlc or MAX_BVLC
        self.max_npdu = peer.max_npdu or MAX_NPDU
        self._close_code = WSCloseCode.OK
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()

    @property
    def waiting(self) -> int:
        """Return how many messages wait to be sent."""
        return len(self._waiting)

    def next_id(self) -> bytes:
        """Return the id of our next message, two octets."""
        self._message_id = (self._message_id + 1) & 0xFFFF
        return self._message_id.to_bytes(2)

    def send(self, frame: bytes) -> bool:
        """Queue a message; returns whether it may be sent at all.

        The peer's limit counts. Of too many that wait, the oldest is dropped: who sent
        it no longer waits for an answer.
        """
        if self._over.is_set() or len(frame) > self._max_bvlc:
            self.dropped += 1
            return False
        if len(self._waiting) == MOST_WAITING:
            self._drop_oldest()
        self._waiting.append(frame)
        self._wake.set()
        return True

    def _drop_oldest(self) -> None:
        if not self._is_told:
            self._is_told = True
            _LOGGER.warning(
                "%s does not read what it is sent, the oldest messages are dropped",
                self.peer.vmac.hex(":"),
            )
        self._waiting.popleft()
        self.dropped += 1

    async def run(self) -> Ending:
        """Carry messages until the end; returns why. Cancelling it closes at once."""
        tasks = [
            asyncio.create_task(part)
            for part in (self._read(), self._write(), self._beat(), self._go())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task in done).result()
        finally:
            self._over.set()
            self._waiting.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            try:
                await close_socket(self._socket, self._close_code)
            finally:
                self._closed.set()

    async def leave(self) -> None:
        """Say goodbye to end what runs, with or without an answer (AB.2.12)."""
        if not self._over.is_set():
            self._leaving = True
            self.send(bytes((Function.DISCONNECT_REQUEST, 0)) + self.next_id())
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._over.wait()
            except TimeoutError:
                self._left.set()
        await self._closed.wait()

    async def discard(self) -> None:
        """Close a connection that was never run."""
        self._over.set()
        await close_socket(self._socket)
        self._closed.set()

    async def _read(self) -> Ending:
        receive, take, now = self._socket.receive, self._take, self._loop.time
        while True:
            message = await receive()
            if message.type is not WSMsgType.BINARY:
                return self._ended_by(message)
            data = message.data
            self._heard_at = now()
            if (
                len(data) >= HEADER_OCTETS
                and Function.CONNECT_REQUEST <= data[0] <= Function.HEARTBEAT_ACK
            ):
                ending = await self._control(data)
                if ending is not None:
                    return ending
                continue
            try:
                take(data, self)
            except Exception:
                _LOGGER.exception("A message of %s", self.peer.vmac.hex(":"))

    async def _control(self, data: bytes) -> Ending | None:
        """Answer what is about the connection itself; it bears no address (AB.2.10-15)."""
        if data[1] & _ADDRESSED:
            return (
                None  # somebody behind a hub means to end or keep our connection to it
            )
        function = data[0]
        if function == Function.HEARTBEAT_REQUEST:
            self.send(bytes((Function.HEARTBEAT_ACK, 0)) + data[2:4])
        elif function == Function.HEARTBEAT_ACK:
            self._answered.set()
        elif function == Function.DISCONNECT_REQUEST:
            await self._last_word(bytes((Function.DISCONNECT_ACK, 0)) + data[2:4])
            return Ending(trouble=HubTrouble.GOODBYE)
        elif function == Function.DISCONNECT_ACK:
            return Ending(trouble=HubTrouble.GOODBYE)
        return None

    async def _last_word(self, frame: bytes) -> None:
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._socket.send_bytes(frame)
        except TimeoutError, ConnectionError:
            return

    async def _write(self) -> Ending:
        waiting, send = self._waiting, self._socket.send_bytes
        while True:
            await self._wake.wait()
            self._wake.clear()
            while waiting:
                try:
                    async with asyncio.timeout(STUCK_SECONDS):
                        for _ in range(min(_BURST, len(waiting))):
                            await send(waiting.popleft())
                except TimeoutError:
                    return Ending(trouble=HubTrouble.NOT_READING)
                except (ConnectionError, RuntimeError) as err:
                    return Ending(trouble=HubTrouble.CLOSED, detail=str(err))

    async def _go(self) -> Ending:
        await self._left.wait()
        return Ending(trouble=HubTrouble.GOODBYE)

    async def _beat(self) -> Ending:
        """Return when the peer is silent, after asking it where that is ours to do."""
        rule = self._keep_alive
        patience = rule.seconds if rule.asks else 2 * rule.seconds
        while True:
            rest = self._heard_at + patience - self._loop.time()
            if rest > 0:
                await asyncio.sleep(rest)
                continue
            if not rule.asks:
                return Ending(trouble=HubTrouble.SILENT)
            asked_at = self._loop.time()
            self._answered.clear()
            self.send(bytes((Function.HEARTBEAT_REQUEST, 0)) + self.next_id())
            with suppress(TimeoutError):
                async with asyncio.timeout(rule.answer_seconds):
                    await self._answered.wait()
            if self._heard_at < asked_at:
                return Ending(trouble=HubTrouble.SILENT)

    def _ended_by(self, message: aiohttp.WSMessage) -> Ending:
        if message.type is WSMsgType.TEXT:
            self._close_code = WSCloseCode.UNSUPPORTED_DATA
            return Ending(trouble=HubTrouble.PROTOCOL, detail="a text message")
        if message.type is WSMsgType.ERROR:
            return Ending(trouble=HubTrouble.PROTOCOL, detail=str(message.data))
        if self._leaving:
            return Ending(trouble=HubTrouble.GOODBYE)
        return Ending(trouble=HubTrouble.CLOSED)


async def close_socket(socket: WebSocket, code: int = WSCloseCode.OK) -> None:
    """Close a socket, within a moment and whatever the other side does."""
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await socket.close(code=code)
    except TimeoutError, ConnectionError, RuntimeError:
        return

"""Connections from node to node, past the hub (AB.4, the node switch)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.secure_connect.configuration import require_uri

from .connection import Connection
from .dial_errors import LinkError
from .frames import Frame, Function
from .payloads import decode_result, decode_uris

_LOGGER = logging.getLogger(__name__)

MOST_PEERS: Final = 64
MOST_TRIED: Final = 1024
# A peer's answer says where we connect to; no more places than these
MOST_DIALED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPace:
    """How long things last, in seconds.

    idle: without an NPDU, after which we leave. refused: until a peer is asked again
    that does not accept. broken: until one is dialed again.
    """

    idle_seconds: float = 600.0
    refused_seconds: float = 600.0
    broken_seconds: float = 60.0


class DirectPeers:
    """Peers that are connected directly, and those that could be."""

    def __init__(
        self,
        dial: Callable[[str], Awaitable[Connection]],
        ask: Callable[[bytes], None],
        changed: Callable[[], None],
        pace: DirectPace,
    ) -> None:
        """Take how to dial a URI, to ask a VMAC for its URIs, and whom to tell."""
        self.connections: dict[bytes, Connection] = {}
        self._dial = dial
        self._ask = ask
        self._changed = changed
        self._pace = pace
        self._asked: set[bytes] = set()
        self._again_at: dict[bytes, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    @property
    def is_full(self) -> bool:
        """Return whether there are as many as may be."""
        return len(self.connections) >= MOST_PEERS

    def want(self, vmac: bytes) -> None:
        """Ask a peer where it accepts connections, unless it was asked of late."""
        now = self._loop.time()
        if self.is_full or now < self._again_at.get(vmac, 0.0):
            return
        self._put_off(vmac, self._pace.refused_seconds)
        self._asked.add(vmac)
        self._ask(vmac)

    def resolved(self, frame: Frame) -> None:
        """Take the answer of a peer that was asked; those of others are ignored."""
        vmac = frame.originating
        if vmac is None or vmac not in self._asked:
            return
        if frame.function == Function.RESULT:
            about, _ = decode_result(frame.payload)
            if about == Function.ADDRESS_RESOLUTION:
                self._asked.discard(vmac)
            return
        self._asked.discard(vmac)
        self._spawn(self._connect(vmac, decode_uris(frame.payload)[:MOST_DIALED]))

    async def keep(self, connection: Connection) -> None:
        """Have a connection until it ends; the newest to a peer is the one used."""
        vmac = connection.peer.vmac
        for old in self._same_peer(connection):
            self._spawn(old.leave())
        self.connections[vmac] = connection
        self._changed()
        idle = asyncio.create_task(self._leave_when_idle(connection))
        try:
            ending = await connection.run()
            _LOGGER.debug("Direct peer %s: %s", vmac.hex(":"), ending.trouble)
        finally:
            idle.cancel()
            if self.connections.get(vmac) is connection:
                del self.connections[vmac]
                self._put_off(vmac, self._pace.broken_seconds)
                self._changed()

    def leave_those_of_other(self, vmac: bytes) -> None:
        """Leave peers that know us by another VMAC than this one."""
        for each in self.connections.values():
            if each.vmac != vmac:
                self._spawn(each.leave())

    async def stop(self) -> None:
        """Leave every peer."""
        leaving = [each.leave() for each in self.connections.values()]
        await asyncio.gather(*leaving, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _same_peer(self, connection: Connection) -> list[Connection]:
        peer = connection.peer
        return [
            each
            for each in self.connections.values()
            if peer.vmac == each.peer.vmac or peer.device_uuid == each.peer.device_uuid
        ]

    async def _connect(self, vmac: bytes, uris: tuple[str, ...]) -> None:
        for uri in uris:
            if self.is_full or vmac in self.connections:
                return
            try:
                require_uri(uri, "uri")
                connection = await self._dial(uri)
            except (ConfigurationError, LinkError) as err:
                _LOGGER.debug("Direct peer %s: %s", vmac.hex(":"), err)
                continue
            if connection.peer.vmac == vmac:
                await self.keep(connection)
                return
            await connection.discard()
        self._put_off(vmac, self._pace.refused_seconds)

    async def _leave_when_idle(self, connection: Connection) -> None:
        connection.is_used = True
        while connection.is_used:
            connection.is_used = False
            await asyncio.sleep(self._pace.idle_seconds)
        await connection.leave()

    def _put_off(self, vmac: bytes, seconds: float) -> None:
        self._again_at.pop(vmac, None)
        if len(self._again_at) >= MOST_TRIED:
            forgotten = next(iter(self._again_at))
            del self._again_at[forgotten]
            self._asked.discard(forgotten)
        self._again_at[vmac] = self._loop.time() + seconds

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_outermost(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _outermost(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:
        _LOGGER.exception("A direct connection")

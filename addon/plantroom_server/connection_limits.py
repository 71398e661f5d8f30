"""How many connections there may be, and how long one may say nothing of use."""

import asyncio
from collections import Counter
from typing import Final, cast, override

from aiohttp import web

MOST_CONNECTIONS: Final = 128
MOST_CONNECTIONS_OF_ONE: Final = 48
# For the request, TLS aside, and the Hello
SILENT_SECONDS: Final = 15.0


class ConnectionLimits:
    """Makes the protocols of a listener; ends those of strangers in time."""

    def __init__(self, server: web.Server) -> None:
        """Take the server whose protocols it makes."""
        self._server = server
        self._addresses: dict[asyncio.BaseProtocol, str] = {}
        self._count: Counter[str] = Counter()
        self._welcome: set[asyncio.BaseProtocol] = set()

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a connection that somebody opened."""
        return _Limited(self._server(), self)

    def __len__(self) -> int:
        """Return how many connections there are."""
        return len(self._addresses)

    def welcome(self, request: web.Request) -> None:
        """Let the connection of a request last."""
        self._welcome.add(request.protocol)

    def admit(self, protocol: asyncio.BaseProtocol, address: str) -> bool:
        """Return whether a connection may be, and count it if so."""
        if (
            len(self._addresses) >= MOST_CONNECTIONS
            or self._count[address] >= MOST_CONNECTIONS_OF_ONE
        ):
            return False
        self._addresses[protocol] = address
        self._count[address] += 1
        return True

    def forget(self, protocol: asyncio.BaseProtocol) -> None:
        """Count a connection no more."""
        address = self._addresses.pop(protocol, None)
        if address is not None:
            self._count -= Counter([address])
        self._welcome.discard(protocol)

    def is_welcome(self, protocol: asyncio.BaseProtocol) -> bool:
        """Return whether a connection may last."""
        return protocol in self._welcome


class _Limited(asyncio.Protocol):
    """Hands a connection to the protocol that serves it, unless it may not be."""

    def __init__(self, served: asyncio.Protocol, limits: ConnectionLimits) -> None:
        self._served = served
        self._limits = limits
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        opened = cast("asyncio.Transport", transport)
        peer = opened.get_extra_info("peername") or ("",)
        if not self._limits.admit(self._served, peer[0]):
            opened.abort()
            return
        self._transport = opened
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(SILENT_SECONDS, self._end_stranger)
        self._served.connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is None:
            return
        self._deadline.cancel()
        self._limits.forget(self._served)
        self._served.connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._served.data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return None if self._transport is None else self._served.eof_received()

    @override
    def pause_writing(self) -> None:
        self._served.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._served.resume_writing()

    def _end_stranger(self) -> None:
        if self._transport is not None and not self._limits.is_welcome(self._served):
            self._transport.abort()

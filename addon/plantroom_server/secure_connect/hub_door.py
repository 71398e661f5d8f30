"""Where nodes knock: a port, and how many may shake hands at a time."""

import asyncio
import ssl
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, override

from .hub_refusals import Refusals, TooManyError, cause_of
from .hub_tls import AcceptedTls, HandshakeOwner

MOST_SHAKING: Final = 64
MOST_SHAKING_OF_ONE: Final = 32
MOST_WAITING: Final = 2048
WAIT_SECONDS: Final = 30.0
TLS_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 10.0


class Door(HandshakeOwner):
    """Listens; lets in who has a certificate that we trust.

    Addresses take turns, so that one which opens connections without end keeps nobody
    else out; a whole site that comes back at once waits its turn.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        most: int,
        refusals: Refusals,
        speaker: Callable[[], asyncio.Protocol],
    ) -> None:
        """Take how many connections there may be, and who speaks with those let in."""
        self.context = context
        self._most = most
        self._refusals = refusals
        self._speaker = speaker
        self._server: asyncio.Server | None = None
        self._open: set[AcceptedTls] = set()
        self._timers: dict[AcceptedTls, asyncio.TimerHandle] = {}
        self._waiting: OrderedDict[str, deque[AcceptedTls]] = OrderedDict()
        self._shaking: dict[AcceptedTls, str] = {}
        self._of_one: dict[str, int] = {}

    @property
    def port(self) -> int:
        """Return the port that it listens on, 0 when it does not."""
        if self._server is None or not self._server.sockets:
            return 0
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def __len__(self) -> int:
        """Return how many connections there are, trusted or not yet."""
        return len(self._open)

    async def open(self, host: str, port: int) -> None:
        """Listen, or raise OSError; host "" is every interface."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: AcceptedTls(self, self._opened),
            host or None,
            port,
            backlog=MOST_WAITING,
        )

    def shut(self) -> None:
        """Listen no more; who is inside stays."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def let_last(self, tls: AcceptedTls) -> None:
        """Let a connection last."""
        if timer := self._timers.pop(tls, None):
            timer.cancel()

    def clear(self) -> None:
        """Cut every connection."""
        for each in list(self._open):
            each.transport.abort()

    @override
    def shaken(self, tls: AcceptedTls) -> asyncio.Protocol:
        self._settle(tls)
        # For a Connect-Request; a connection without one lasts no longer (AB.6.2)
        self._timers[tls] = asyncio.get_running_loop().call_later(
            CONNECT_SECONDS, tls.transport.abort
        )
        return self._speaker()

    @override
    def failed(self, tls: AcceptedTls, error: OSError) -> None:
        self._settle(tls)
        # Who goes away by himself, like what only looks whether the port is open
        if not isinstance(error, ConnectionResetError):
            self._refusals.add(tls.address, cause_of(error))

    @override
    def lost(self, tls: AcceptedTls) -> None:
        self._open.discard(tls)
        self._settle(tls)

    def _opened(self, tls: AcceptedTls) -> None:
        self._open.add(tls)
        loop = asyncio.get_running_loop()
        waiting = sum(map(len, self._waiting.values()))
        if waiting >= MOST_WAITING or len(self._open) > self._most + waiting:
            tls.fail(TooManyError())
            return
        self._timers[tls] = loop.call_later(WAIT_SECONDS, tls.fail, TooManyError())
        self._waiting.setdefault(tls.address, deque()).append(tls)
        self._admit()

    def _admit(self) -> None:
        """Let those begin whose turn it is, address by address."""
        for address in list(self._waiting):
            if len(self._shaking) >= MOST_SHAKING:
                return
            queue = self._waiting[address]
            while queue and self._may_shake(address):
                self._begin(queue.popleft(), address)
            if queue:
                self._waiting.move_to_end(address)
            else:
                del self._waiting[address]

    def _may_shake(self, address: str) -> bool:
        return (
            len(self._shaking) < MOST_SHAKING
            and self._of_one.get(address, 0) < MOST_SHAKING_OF_ONE
        )

    def _begin(self, tls: AcceptedTls, address: str) -> None:
        self._shaking[tls] = address
        self._of_one[address] = self._of_one.get(address, 0) + 1
        self._timers.pop(tls).cancel()
        self._timers[tls] = asyncio.get_running_loop().call_later(
            TLS_SECONDS, tls.fail, TimeoutError()
        )
        tls.begin(self.context)

    def _settle(self, tls: AcceptedTls) -> None:
        """Give a connection's turn to the next; twice does no harm."""
        self.let_last(tls)
        address = self._shaking.pop(tls, None)
        if address is None:
            self._forget_waiting(tls)
            return
        self._of_one[address] -= 1
        if not self._of_one[address]:
            del self._of_one[address]
        self._admit()

    def _forget_waiting(self, tls: AcceptedTls) -> None:
        queue = self._waiting.get(tls.address)
        if queue is None or tls not in queue:
            return
        queue.remove(tls)
        if not queue:
            del self._waiting[tls.address]

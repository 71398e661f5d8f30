"""The engine's commands and events for clients that show the token."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    MalformedRequestError,
    PlantroomError,
)
from custom_components.plantroom.engine.events import NumberedEvent
from custom_components.plantroom.engine.wire.event_codec import event_to_json
from custom_components.plantroom.engine.wire.frames import (
    HEARTBEAT_SECONDS,
    HELLO_SECONDS,
    LONGEST_HELLO,
    LONGEST_REQUEST,
    MINIMUM_SCHEMA,
    SCHEMA,
    Hello,
    Welcome,
    farewell_text,
    read_hello,
    welcome_text,
)
from custom_components.plantroom.engine.wire.json_values import write_json

from . import VERSION
from .access_token import is_token
from .served_client import ServedClient
from .served_engine import ServedEngine

_LOGGER = logging.getLogger(__name__)

MOST_CLIENTS: Final = 32
# Who has not shown the token yet; a single address cannot keep others out
MOST_STRANGERS: Final = 16
MOST_STRANGERS_OF_ONE: Final = 4
WRONG_TOKEN_SECONDS: Final = 1.0
CLOSE_SECONDS: Final = 2.0


class WebSocketApi:
    """Lets clients in and hands each all events, written once for all of them."""

    def __init__(
        self,
        engine: ServedEngine,
        token: str,
        server_id: str,
        welcomed: Callable[[web.Request], None],
    ) -> None:
        """Take what clients must show; welcomed: is told of each who did."""
        self._engine = engine
        self._token = token
        self._server_id = server_id
        self._welcomed = welcomed
        self._clients: set[ServedClient] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._strangers: Counter[str] = Counter()
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def clients(self) -> frozenset[ServedClient]:
        """Return those who are served now."""
        return frozenset(self._clients)

    def start(self) -> None:
        """Follow the engine's events."""
        self._unsubscribe = self._engine.listen(self._tell)

    async def stop(self) -> None:
        """Say farewell to everybody; calling it twice does no harm."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await asyncio.gather(
            *(
                socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")
                for socket in tuple(self._sockets)
            ),
            return_exceptions=True,
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client from its first frame to its end."""
        if "Origin" in request.headers:
            # No browser is a client: a page that somebody else made sends this
            _LOGGER.warning("Refused a web page's connection from %s", request.remote)
            raise web.HTTPForbidden
        if request.transport is None:
            raise web.HTTPServiceUnavailable
        address = request.remote or ""
        with self._place_for_a_stranger(address):
            socket = await self._prepared(request)
            client = await self._introduced(request, socket)
        if client is not None:
            await self._serve(client, socket, address)
        return socket

    @contextmanager
    def _place_for_a_stranger(self, address: str) -> Iterator[None]:
        if (
            len(self._clients) >= MOST_CLIENTS
            or self._strangers.total() >= MOST_STRANGERS
            or self._strangers[address] >= MOST_STRANGERS_OF_ONE
        ):
            _LOGGER.warning("Too many clients: refused one at %s", address)
            raise web.HTTPServiceUnavailable
        self._strangers[address] += 1
        try:
            yield
        finally:
            self._strangers -= Counter([address])

    async def _prepared(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS,
            heartbeat=HEARTBEAT_SECONDS,
            max_msg_size=LONGEST_REQUEST,
        )
        await socket.prepare(request)
        return socket

    async def _introduced(
        self, request: web.Request, socket: web.WebSocketResponse
    ) -> ServedClient | None:
        """Return the client that said who it is, or None after a farewell."""
        try:
            hello = await self._hello(socket)
            # The token was right, so it may wait for an engine that starts
            self._welcomed(request)
            await self._engine.until_ready()
            if hello.take_over:
                self._tell_right(await self._engine.take_over(hello.client))
        except PlantroomError as err:
            _LOGGER.warning("Refused a client at %s: %s", request.remote, err)
            await self._farewell(socket, err)
            return None
        transport = request.transport
        if transport is None:
            return None
        client = ServedClient(socket, transport.abort, self._engine, hello.client)
        client.tell(welcome_text(self._welcome(hello)))
        return client

    def _tell_right(self, loser: str) -> None:
        """Have a client that may not configure any more come again, and hear so."""
        for client in tuple(self._clients):
            if loser and client.client == loser:
                client.drop("another client configures from now on")

    async def _hello(self, socket: web.WebSocketResponse) -> Hello:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                message = await socket.receive()
        except TimeoutError as err:
            raise _malformed("nothing came") from err
        if message.type is not WSMsgType.TEXT or len(message.data) > LONGEST_HELLO:
            raise _malformed("no text, or too long a one")
        hello = read_hello(message.data)
        if not is_token(hello.token, self._token):
            await asyncio.sleep(WRONG_TOKEN_SECONDS)
            raise AuthenticationError("The token is wrong")
        return hello

    def _welcome(self, hello: Hello) -> Welcome:
        return Welcome(
            schema=SCHEMA,
            minimum=MINIMUM_SCHEMA,
            instance=self._engine.instance,
            may_configure=self._engine.may_configure(hello.client),
            version=VERSION,
            server_id=self._server_id,
            configured_by=self._engine.configured_by(hello.client),
        )

    async def _farewell(
        self, socket: web.WebSocketResponse, err: PlantroomError
    ) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await socket.send_str(farewell_text(err))
        except OSError:
            return
        await socket.close(code=WSCloseCode.POLICY_VIOLATION)

    async def _serve(
        self, client: ServedClient, socket: web.WebSocketResponse, address: str
    ) -> None:
        self._clients.add(client)
        self._sockets.add(socket)
        _LOGGER.info("Client %s at %s came", client.client, address)
        ended = ""
        try:
            ended = await client.serve()
        finally:
            self._clients.discard(client)
            self._sockets.discard(socket)
            _LOGGER.info("Client %s at %s went: %s", client.client, address, ended)

    def _tell(self, event: NumberedEvent) -> None:
        if not self._clients:
            return
        text = write_json(event_to_json(event))
        for client in tuple(self._clients):
            client.tell(text)


def _malformed(reason: str) -> MalformedRequestError:
    return MalformedRequestError(
        f"Cannot read the first frame: {reason}", command="", reason=reason
    )

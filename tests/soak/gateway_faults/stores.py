"""Event stores as producers and readers have them, both beside the gateway's own way."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

import aiohttp
import msgspec
from kurrentdbclient import AsyncKurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import KurrentDBClientError, NotFoundError

from tests.peers.kurrentdb.server import KurrentServer

from .proxy import Streams
from .replay import Logged

STREAM = "site-north"
COMMANDS = f"{STREAM}-commands"
TOKEN = "of-a-producer-of-events"
GROUP = "plantroom"
ANSWER_SECONDS = 5.0
READ_SECONDS = 60.0
ACKNOWLEDGED_SECONDS = 90.0


class NotKeptError(Exception):
    """The store has not said that it keeps the events."""


class Store(Protocol):
    """An event store from outside."""

    @property
    def options(self) -> dict[str, Any]:
        """Return how a site names it."""

    async def append(self, events: Sequence[Logged]) -> None:
        """Return when the events are kept; raises NotKeptError."""

    async def read(self, stream: str) -> list[Logged]:
        """Return a stream's events in order."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class EmbeddedStore:
    """The embedded log: fed by POST /events, read from its file."""

    can_break_json = False

    def __init__(self, folder: Path, port: int) -> None:
        self._path = folder / "events.db"
        self._url = f"http://127.0.0.1:{port}/events"
        self._session: aiohttp.ClientSession | None = None

    @property
    def options(self) -> dict[str, Any]:
        return {"http_token": TOKEN}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def append(self, events: Sequence[Logged]) -> None:
        assert self._session is not None
        sent = [
            {
                "stream": STREAM,
                "type": each.event_type,
                "id": each.event_id,
                "data": msgspec.Raw(each.data),
            }
            for each in events
        ]
        try:
            async with self._session.post(
                self._url, data=msgspec.json.encode(sent)
            ) as answer:
                if answer.status not in {200, 201}:
                    raise NotKeptError(f"{answer.status}: {await answer.text()}")
        except (aiohttp.ClientError, OSError) as err:
            raise NotKeptError(repr(err)) from err

    async def read(self, stream: str) -> list[Logged]:
        return await asyncio.to_thread(self._rows, stream)

    def _rows(self, stream: str) -> list[Logged]:
        uri = f"file:{self._path}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=READ_SECONDS)) as db:
            rows = db.execute(
                "SELECT event_id, event_type, data FROM event WHERE stream = ?"
                " ORDER BY position",
                (stream,),
            )
            return [Logged(*row) for row in rows]


class KurrentStore:
    """A KurrentDB test server, fed and read by a client of its own."""

    can_break_json = True

    def __init__(self, folder: Path) -> None:
        self.server = KurrentServer(folder)
        self.uri = self.gateway_uri = self.server.uri
        self._client: AsyncKurrentDBClient | None = None

    @property
    def options(self) -> dict[str, Any]:
        return {"kind": "kurrentdb", "uri": self.gateway_uri}

    async def connect(self) -> Streams:
        """Return a connection, for a proxy."""
        return await asyncio.open_connection("127.0.0.1", self.server.port)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.server.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.disconnect()
        await asyncio.to_thread(self.server.kill)

    async def disconnect(self) -> None:
        """Connect anew at the next call."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(KurrentDBClientError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await client.close()

    async def append(self, events: Sequence[Logged]) -> None:
        sent = [
            NewEvent(
                type=each.event_type,
                data=each.data,
                id=UUID(each.event_id),
                content_type="application/octet-stream",
            )
            for each in events
        ]
        await self._ask(
            lambda client: client.append_to_stream(
                STREAM, events=sent, current_version=StreamState.ANY
            )
        )

    async def acknowledged(self) -> None:
        """Wait until the gateway's group has acknowledged everything."""
        last = str(len(await self.read(STREAM)) - 1)
        async with asyncio.timeout(ACKNOWLEDGED_SECONDS):
            while True:
                with suppress(NotKeptError):
                    info = await self._ask(
                        lambda client: client.get_subscription_info(GROUP, STREAM)
                    )
                    if info.last_checkpointed_event_position == last:
                        return
                await asyncio.sleep(0.1)

    async def read(self, stream: str) -> list[Logged]:
        try:
            found = await self._ask(
                lambda client: client.get_stream(stream), READ_SECONDS
            )
        except NotKeptError as err:
            if isinstance(err.__cause__, NotFoundError):
                return []
            raise
        return [Logged(str(each.id), each.type, each.data) for each in found]

    async def _ask(
        self,
        call: Callable[[AsyncKurrentDBClient], Any],
        seconds: float = ANSWER_SECONDS,
    ) -> Any:
        if self._client is None:
            client = AsyncKurrentDBClient(self.uri)
            client.grpc_options += (("grpc.use_local_subchannel_pool", 1),)
            self._client = client
        try:
            async with asyncio.timeout(seconds):
                return await call(self._client)
        except NotFoundError as err:
            raise NotKeptError(repr(err)) from err
        except (KurrentDBClientError, OSError, asyncio.InvalidStateError) as err:
            await self.disconnect()
            raise NotKeptError(repr(err)) from err

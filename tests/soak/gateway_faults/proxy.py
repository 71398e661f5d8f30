"""A way to a server that can be cut, as a network is: nothing comes through, nothing ends."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
LARGEST_PIECE = 1 << 16


class Proxy:
    """Forwards connections to a server until it is cut, and when it is mended again."""

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        """Take what connects to the server."""
        self._connect = connect
        self._server: asyncio.Server | None = None
        self._whole = asyncio.Event()
        self._whole.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Let nothing through, either way."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything through again, what waited too."""
        self._whole.set()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._begin(self._serve(reader, writer))

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._whole.wait()
            far_reader, far_writer = await self._connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self._copy(reader, far_writer), self._copy(far_reader, writer)
        )

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while piece := await reader.read(LARGEST_PIECE):
                await self._whole.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

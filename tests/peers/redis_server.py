"""A real redis-server on a socket file of its own, which can be killed or hung."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 60.0


class RedisServer:
    """Keeps what it has in a folder, every write at once, over a kill as well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"
        self._process: Process | None = None
        self.url = f"unix://{self._socket}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start, and wait until it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        options = ("--port", "0", "--unixsocket", str(self._socket))
        kept = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        self._process = await asyncio.create_subprocess_exec(
            "redis-server", *options, *kept, "--dir", str(self._folder), stdout=DEVNULL
        )
        async with asyncio.timeout(START_SECONDS):
            await self._until_it_answers()

    async def kill(self) -> None:
        """End it without warning; calling it twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            self._signal(process, signal.SIGCONT)
            process.kill()
            await process.wait()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection; raises OSError."""
        return await asyncio.open_unix_connection(self._socket)

    def hang(self) -> None:
        """Let it keep its connections and answer nobody."""
        assert self._process is not None
        self._signal(self._process, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        assert self._process is not None
        self._signal(self._process, signal.SIGCONT)

    @staticmethod
    def _signal(process: Process, number: signal.Signals) -> None:
        if process.returncode is None:
            os.kill(process.pid, number)

    async def _until_it_answers(self) -> None:
        while True:
            if await self._answers():
                return
            await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer == b"+PONG\r\n"

"""JSON lines over TCP on 127.0.0.1: a request a line, an answer a line.

Request {"command": "set", "device": 1001, ...};
answer {"ok": true, "result": ...} or {"ok": false, "error": "..."}.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

type Request = dict[str, Any]
type Command[T] = Callable[[T, Request], Awaitable[Any]]
LONGEST_LINE = 1 << 20


class ControlServer[T]:
    """Lets another process command what runs in this one."""

    def __init__(self, target: T, commands: Mapping[str, Command[T]]) -> None:
        self._target = target
        self._commands = commands
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=LONGEST_LINE
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the channel and whoever is on it; idempotent."""
        if self._server:
            self._server.close()
            for writer in tuple(self._writers):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> Request:
        try:
            request = json.loads(line)
            result = await self._commands[request["command"]](self._target, request)
        except (LookupError, ValueError, TypeError, RuntimeError) as err:
            return {"ok": False, "error": f"{type(err).__name__}: {err}"}
        return {"ok": True, "result": result}

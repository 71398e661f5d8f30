"""A Modbus server by libmodbus (C), in a process of its own, whose tables a test sets and reads."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .libmodbus_build import libmodbus_server

HOST = "127.0.0.1"
ANSWER_SECONDS = 60


class LibmodbusError(Exception):
    """The peer refused a command, or did not start."""


class LibmodbusServer:
    """All 65,536 addresses of all four tables; over TCP any unit id answers."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.port = 0
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    def tcp(cls, port: int = 0) -> Self:
        """Return a server on loopback; its port is known when it is started."""
        return cls(("tcp", HOST, str(port)))

    @classmethod
    def rtu(cls, path: Path, unit_id: int = 1, baudrate: int = 19200) -> Self:
        """Return a server of one unit at a serial port, 8N1."""
        return cls(("rtu", str(path), str(baudrate), str(unit_id)))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the process; it serves when this returns. Raises LibmodbusError."""
        program = await asyncio.to_thread(libmodbus_server)
        self._process = await asyncio.create_subprocess_exec(
            str(program),
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        word, _, port = (await self._read_line()).partition(" ")
        if word != "ready":
            raise LibmodbusError(f"libmodbus_server ended: {await self._wait()}")
        self.port = int(port)

    async def stop(self) -> None:
        """End the process; idempotent."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            await self._wait()
            self._process = None

    async def set(self, space: Space, address: int, *values: int) -> None:
        """Put words, or bits as 0 and 1, into a table."""
        await self._command(f"set {space} {address} {' '.join(map(str, values))}")

    async def get(self, space: Space, address: int, count: int = 1) -> list[int]:
        """Return what a table holds."""
        answer = await self._command(f"get {space} {address} {count}")
        return [int(word) for word in answer.split()]

    async def requests(self) -> dict[int, int]:
        """Return how often each function code was asked."""
        pairs = (await self._command("requests")).split()
        return {int(f): int(n) for f, _, n in (pair.partition(":") for pair in pairs)}

    async def _command(self, line: str) -> str:
        if self._process is None or self._process.stdin is None:
            raise LibmodbusError("not started")
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()
        word, _, rest = (await self._read_line()).partition(" ")
        if word != "ok":
            raise LibmodbusError(f"{line}: {rest}")
        return rest

    async def _read_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(ANSWER_SECONDS):
            return (await self._process.stdout.readline()).decode().strip()

    async def _wait(self) -> int:
        assert self._process is not None
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._process.wait()

"""A Plantroom server in a process of its own, as people run it."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from plantroom_server import certificate as certificates

ADDON = Path(__file__).parents[2] / "addon"
TOKEN = "a token of a test"
START_SECONDS = 60
_LISTENING = re.compile(r"Listening on \S+ port (\d+)")
_FINGERPRINT = re.compile(r"fingerprint is ([0-9a-f]{64})")


class ServerProcess:
    """One server on loopback; started again it has its folder and its port."""

    def __init__(self, folder: Path, *arguments: str, token: str = TOKEN) -> None:
        """Take where it keeps its files, and more arguments."""
        self.folder = folder
        self.token = token
        self.port = 0
        self.fingerprint = ""
        self.log = ""
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Return whether it was started and not stopped."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Return the process's id; raises RuntimeError when it does not run."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    @property
    def server_id(self) -> str:
        """Return the id that it keeps."""
        return (self.folder / "server_id").read_text().strip()

    async def start(self, *arguments: str) -> Self:
        """Return when it listens."""
        if arguments:
            self._arguments = arguments
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "plantroom_server", "--data", str(self.folder),
            "--host", "127.0.0.1", "--port", str(self.port), *self._arguments,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ADDON), "PLANTROOM_TOKEN": self.token},
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(START_SECONDS):
            while not (found := _LISTENING.search(self.log)):
                await self._hear()
        self.port = int(found[1])
        if said := _FINGERPRINT.search(self.log):
            self.fingerprint = said[1]
        assert self._process.stderr is not None
        self._reading = asyncio.create_task(self._hear_on(self._process.stderr))
        return self

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; twice does no harm."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        async with asyncio.timeout(START_SECONDS):
            await process.wait()
            if self._reading is not None:
                await self._reading
        self.log = ""

    async def _hear(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        line = (await self._process.stderr.readline()).decode()
        self.log += line
        if not line:
            raise RuntimeError(f"the server ended: {self.log}")

    async def _hear_on(self, stderr: asyncio.StreamReader) -> None:
        while line := await stderr.readline():
            self.log += line.decode()


@asynccontextmanager
async def encrypted_server(folder: Path) -> AsyncIterator[ServerProcess]:
    """Run a server that encrypts on loopback too, with the certificate given.pem."""
    given = make_certificate(folder)
    arguments = ("--certificate", str(given), "--key", str(given))
    async with server_process(folder / "server", *arguments) as server:
        server.fingerprint = certificates.fingerprint(given)
        yield server


def make_certificate(folder: Path) -> Path:
    """Write another certificate, and return its file."""
    given = folder / "given.pem"
    given.write_bytes(certificates._made("127.0.0.1"))
    return given


@asynccontextmanager
async def server_process(
    folder: Path, *arguments: str, token: str = TOKEN
) -> AsyncIterator[ServerProcess]:
    """Run a server while the block runs."""
    server = ServerProcess(folder, *arguments, token=token)
    try:
        yield await server.start()
    finally:
        await server.stop()

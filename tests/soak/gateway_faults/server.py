"""Servers as processes of their own, started fast, killed, hung and let go on."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[3]
START_SECONDS = 120.0
GONE_SECONDS = 90.0
LAST_LINES = 12


class Nursery:
    """The process that has everything imported, and forks servers."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._pids: set[int] = set()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.soak.gateway_faults.warm",
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'addon'}{os.pathsep}{ROOT}"},
            stdin=PIPE,
            stdout=PIPE,
        )  # fmt: skip
        assert await self._line() == "ready"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pid in self._pids:
            send(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.kill()
            await self._process.communicate()

    async def fork(
        self, arguments: Sequence[str], log: Path, seconds: Mapping[str, float]
    ) -> int:
        """Start a server and return its process id."""
        assert self._process is not None
        assert self._process.stdin is not None
        asked = {
            "arguments": [*arguments],
            "log": str(log),
            "seconds": dict(seconds),
        }
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        pid = int(await self._line())
        self._pids.add(pid)
        return pid

    async def ended(self, pid: int) -> None:
        """Wait until a server is gone."""
        async with asyncio.timeout(GONE_SECONDS):
            while send(pid, None):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        self._pids.discard(pid)

    async def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            return (await self._process.stdout.readline()).decode().strip()


class GatewayServer:
    """One server with a folder, an address and a port of its own."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        site: Mapping[str, Any],
        *,
        port: int,
        seconds: Mapping[str, float] | None = None,
        beside: Path | None = None,
    ) -> None:
        """Take where all is kept; beside: a folder for what has to be written always."""
        self.folder = folder
        self.port = port
        self._nursery = nursery
        self._beside = beside or folder.parent
        self._site = site
        self._seconds = seconds or {}
        self._pid: int | None = None

    async def start(self) -> None:
        """Begin to start; whether it answers is for clients to find out."""
        self.folder.mkdir(parents=True, exist_ok=True)
        site = self._beside / f"{self.folder.name}.yaml"
        site.write_text(json.dumps(self._site))
        arguments = (
            "--data", str(self.folder), "--host", "127.0.0.1",
            "--port", str(self.port), "--site", str(site), "--no-announcement",
        )  # fmt: skip
        self._pid = await self._nursery.fork(arguments, self.log_path, self._seconds)

    async def kill(self) -> None:
        """End it as a power cut does; twice does no harm."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it in good order; twice does no harm."""
        await self._end(signal.SIGTERM)

    def hang(self) -> None:
        """Let it do nothing at all."""
        assert self._pid is not None
        send(self._pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it stopped."""
        assert self._pid is not None
        send(self._pid, signal.SIGCONT)

    @property
    def log_path(self) -> Path:
        """Return where it says what happens."""
        return self._beside / f"{self.folder.name}.log"

    def trouble(self) -> list[str]:
        """Return what broke, as tracebacks in its log show."""
        if not self.log_path.exists():
            return []
        lines = self.log_path.read_text(errors="replace").splitlines()
        return [
            lines[max(0, number - 1)]
            for number, line in enumerate(lines)
            if line.startswith("Traceback")
        ]

    def said(self) -> list[str]:
        """Return the last lines of its log."""
        lines = self.log_path.read_text(errors="replace").splitlines()
        return lines[-LAST_LINES:]

    async def _end(self, number: signal.Signals) -> None:
        pid, self._pid = self._pid, None
        if pid is None:
            return
        send(pid, signal.SIGCONT)
        send(pid, number)
        await self._nursery.ended(pid)


def send(pid: int, number: signal.Signals | None) -> bool:
    """Send a signal, None for none; return whether the process is there."""
    try:
        os.kill(pid, number or 0)
    except ProcessLookupError:
        return False
    return True

"""Plantroom's engine in a process of its own, as docs/server.md starts it."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from pathlib import Path

import aiohttp

from tests.home_assistant.plantroom import ServerLogin
from tests.ports import free_port

ADDON = Path(__file__).parents[2] / "addon"
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
READINGS = "plantroom_readings_total"
_LOUD = re.compile(r" (WARNING|ERROR|CRITICAL) ")


class EngineServerError(Exception):
    """The server did not start."""


class EngineServer:
    """One server on its own folder and ports; can be stopped, killed and started."""

    def __init__(
        self, folder: Path, *, port: int = 0, health_port: int = 0, time_zone: str = ""
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.health_port = health_port or free_port()
        self._time_zone = time_zone
        self._process: asyncio.subprocess.Process | None = None

    @property
    def token(self) -> str:
        """Return the token that the first start made, which a person copies."""
        return (self.folder / "token").read_text().strip()

    @property
    def login(self) -> ServerLogin:
        """Return what a person enters in Home Assistant to reach it."""
        return ServerLogin(host=HOST, port=self.port, token=self.token)

    async def start(self) -> None:
        """Return when it serves what it served last."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "plantroom_server",
                "--data", str(self.folder),
                "--host", HOST, "--port", str(self.port),
                "--health-port", str(self.health_port),
                *(("--time-zone", self._time_zone) if self._time_zone else ()),
                env=os.environ | {"PYTHONPATH": str(ADDON)},
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._wait_until_ready(self._process)
        except TimeoutError as err:
            await self.stop()
            raise EngineServerError(f"not ready in {START_SECONDS} s") from err

    async def stop(self) -> None:
        """End the process in good order; idempotent."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End the process as a power cut does; idempotent."""
        await self._end(signal.SIGKILL)

    async def metrics(self) -> dict[str, float]:
        """Return the sums of what the second port tells Prometheus, by metric."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._health}/metrics") as answer,
        ):
            text = await answer.text()
        sums: dict[str, float] = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                key = name.partition("{")[0]
                sums[key] = sums.get(key, 0.0) + float(value)
        return sums

    def trouble(self) -> list[str]:
        """Return the warnings and errors in the log of this and earlier starts."""
        if not self._log_path.exists():
            return []
        lines = self._log_path.read_text(errors="replace").splitlines()
        return [line for line in lines if _LOUD.search(line)]

    @property
    def _health(self) -> str:
        return f"http://{HOST}:{self.health_port}"

    @property
    def _log_path(self) -> Path:
        return self.folder / "console.log"

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"{self._health}/health/ready") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(POLL_SECONDS)
        log = self._log_path.read_text(errors="replace")
        raise EngineServerError(f"ended with {process.returncode}\n{log[-4000:]}")

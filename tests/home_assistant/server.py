"""A Home Assistant process of its own."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path

import aiohttp

from tests.ports import free_port

from .config_folder import prepare_config_folder, stored_http_port

START_SECONDS = 120.0
STOP_SECONDS = 40.0
POLL_SECONDS = 0.2

# Home Assistant says of every custom integration that it did not test it.
_NOT_TESTED = "which has not been tested by Home Assistant"
_LOUD = re.compile(r" (WARNING|ERROR|CRITICAL) ")
_OURS = re.compile("plantroom|bacpypes3", re.IGNORECASE)
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d ")


class ServerError(Exception):
    """Home Assistant did not start."""


class HomeAssistantServer:
    """One Home Assistant on its own folder and port; can be stopped and started."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = stored_http_port(folder) or port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """Return all that this and earlier starts printed."""
        path = self._log_path
        return path.read_text(errors="replace") if path.exists() else ""

    async def start(self) -> float:
        """Return the seconds until the web server answered."""
        prepare_config_folder(self.folder)
        began = time.monotonic()
        with self._log_path.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                str(Path(sys.executable).with_name("hass")),
                "--config", str(self.folder), "--log-no-color", "--skip-pip",
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                # The port has no option; http: in YAML is deprecated.
                env=os.environ | {"SETUP_PORT": str(self.port), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._wait_for_http(self._process)
        except TimeoutError as err:
            await self.stop()
            raise ServerError(f"no answer in {START_SECONDS} s\n{self._tail}") from err
        return time.monotonic() - began

    async def stop(self) -> None:
        """End the process as Home Assistant wants it; idempotent."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End the process as a power cut does; idempotent."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def restart(self) -> float:
        """Stop and start on the same folder; return the seconds of the start."""
        await self.stop()
        return await self.start()

    async def wait_until_ended(self) -> None:
        """Return when the process ends, whoever ended it."""
        if self._process is not None:
            await self._process.wait()

    def trouble(self) -> list[str]:
        """Return the warnings and errors that Plantroom wrote or is named in."""
        found = []
        for record in _records(self.log):
            line = record.partition("\n")[0]
            if _LOUD.search(line) is None or _NOT_TESTED in line:
                continue
            if _OURS.search(line) or "custom_components/plantroom" in record:
                found.append(record)
        return found

    @property
    def _log_path(self) -> Path:
        return self.folder / "console.log"

    @property
    def _tail(self) -> str:
        return self.log[-4000:]

    async def _wait_for_http(self, process: asyncio.subprocess.Process) -> None:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    # Always there, whether onboarding is done or not.
                    async with session.get(f"{self.url}/manifest.json") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(POLL_SECONDS)
        raise ServerError(f"ended with {process.returncode}\n{self._tail}")


def _records(log: str) -> list[str]:
    """Return the log's records, each with its traceback."""
    records: list[str] = []
    for line in log.splitlines():
        if _RECORD.match(line) or not records:
            records.append(line)
        else:
            records[-1] += f"\n{line}"
    return records

"""A real mosquitto on loopback, which can be stopped, hung and started again."""

import asyncio
import json
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiomqtt import Client

from tests.ports import free_port
from tests.simulators.modbus.certificates import CertificateFiles

START_SECONDS = 60.0


class Mosquitto:
    """Keeps sessions and retained messages in its folder when it is stopped."""

    def __init__(self, folder: Path, *, tls: bool = False, password: str = "") -> None:
        """Take where files go; password: of the user plantroom, "" for anybody."""
        self._folder = folder
        self._tls = tls
        self._password = password
        self._process: Process | None = None
        self.port = free_port()

    @property
    def root_certificates(self) -> str:
        """Return the certificate of the authority that vouches for it."""
        return (self._folder / "ca.pem").read_text()

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._tls:
            CertificateFiles(folder=self._folder).make()
        if self._password:
            await self._write_password()
        (self._folder / "mosquitto.conf").write_text("\n".join(self._settings()) + "\n")
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
        """Start, and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            _program(), "-c", str(self._folder / "mosquitto.conf"),
            stdout=DEVNULL, stderr=DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(START_SECONDS):
            await self._until_it_listens()

    async def stop(self) -> None:
        """Let it write what it keeps and end; calling it twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            self._signal(process, signal.SIGCONT)
            self._signal(process, signal.SIGTERM)
            await process.wait()

    def hang(self) -> None:
        """Let it keep its connections and answer nobody."""
        assert self._process is not None
        self._signal(self._process, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        assert self._process is not None
        self._signal(self._process, signal.SIGCONT)

    async def publish(
        self, topic: str, *contents: Any, qos: int = 1, retain: bool = False
    ) -> None:
        """Publish JSON, or octets as they are, in order."""
        async with Client("127.0.0.1", self.port) as client:
            for content in contents:
                is_raw = isinstance(content, bytes)
                payload = content if is_raw else json.dumps(content).encode()
                await client.publish(topic, payload, qos=qos, retain=retain)

    def _settings(self) -> list[str]:
        tls = (
            f"certfile {self._folder / 'server.pem'}",
            f"keyfile {self._folder / 'server.key'}",
        )
        return [
            f"listener {self.port} 127.0.0.1",
            *(tls if self._tls else ()),
            f"allow_anonymous {str(not self._password).lower()}",
            *((f"password_file {self._folder / 'users'}",) if self._password else ()),
            "persistence true",
            f"persistence_location {self._folder}/",
            "max_queued_messages 0",
            # It may read and write the folder as whoever runs the test
            "user root",
        ]

    async def _write_password(self) -> None:
        process = await asyncio.create_subprocess_exec(
            "mosquitto_passwd", "-b", "-c", str(self._folder / "users"),
            "plantroom", self._password, stdout=DEVNULL, stderr=PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
        assert process.returncode == 0, said

    @staticmethod
    def _signal(process: Process, number: signal.Signals) -> None:
        if process.returncode is None:
            os.kill(process.pid, number)

    async def _until_it_listens(self) -> None:
        while True:
            if await self._listens():
                return
            await asyncio.sleep(0.02)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def _program() -> str:
    """Return the broker, which Debian has where only root looks."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    found = shutil.which("mosquitto", path=path)
    assert found, "mosquitto is not installed: script/setup"
    return found

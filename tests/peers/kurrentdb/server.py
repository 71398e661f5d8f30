"""The test server from outside: started, killed, hung, dropped and rolled back."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.ports import free_port

from .access import User
from .records import HOST, JOURNAL

START_SECONDS = 120.0
REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """Files of the server's certificate; client_ca: whose clients alone may come."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class KurrentServer:
    """A process on a port of its own, which it has again when it is started again.

    folder: what it keeps is there over a kill; None keeps all in memory.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        tls: ServerTls | None = None,
        users: Mapping[str, User] | None = None,
    ) -> None:
        self._folder = folder
        self._tls = tls
        self._users = {name: asdict(each) for name, each in (users or {}).items()}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def uri(self) -> str:
        """Return how a client reaches it."""
        end = "" if self._tls else "?Tls=false"
        return f"kurrentdb://{HOST}:{self.port}{end}"

    @property
    def pid(self) -> int:
        """Return the id of its process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it serves."""
        command = [sys.executable, "-m", "tests.peers.kurrentdb", *self._arguments()]
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE
        )
        self._wait_until_ready()

    def kill(self) -> None:
        """End it without warning; calling it twice does no harm."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def hang(self) -> None:
        """Let it keep its connections and answer nobody."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def drop_connections(self) -> None:
        """Let it end every connection and serve on."""
        self._signal(signal.SIGUSR1)
        self._wait_until_ready()

    def forget(self) -> None:
        """Let it drop every connection and begin anew, empty."""
        self._signal(signal.SIGUSR2)
        self._wait_until_ready()

    def mark(self) -> int:
        """Return a place in what it keeps, to roll back to."""
        assert self._folder is not None
        return (self._folder / JOURNAL).stat().st_size

    def roll_back(self, mark: int) -> None:
        """Kill it and start it as it was, as a backup that is restored does."""
        assert self._folder is not None
        self.kill()
        os.truncate(self._folder / JOURNAL, mark)
        self.start()

    def _arguments(self) -> list[str]:
        found = ["--port", str(self.port), "--users", json.dumps(self._users)]
        if self._folder is not None:
            found += ["--folder", str(self._folder)]
        if self._tls is not None:
            found += ["--certificate", str(self._tls.certificate)]
            found += ["--key", str(self._tls.key)]
            if self._tls.client_ca is not None:
                found += ["--client-ca", str(self._tls.client_ca)]
        return found

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        output = self._process.stdout
        assert output is not None
        readable, _, _ = select.select([output], [], [], START_SECONDS)
        assert readable, "the test server does not start"
        assert output.readline() == b"ready\n", "the test server ended"

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        process.wait(START_SECONDS)
        assert process.stdout is not None
        process.stdout.close()

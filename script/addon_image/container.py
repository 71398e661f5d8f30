"""Run the app's image as the Supervisor would, on this machine's network."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from .buildah import ISOLATION, buildah, command, container_name
from .fake_supervisor import FakeSupervisor
from .image import app_config

INIT: Final = "/init"
# More than s6 gives the services, even where all of them are slow
STOP_SECONDS: Final = 60.0


def write_options(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Write options.json as the Supervisor does: what config.yaml says, then wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    options = app_config()["options"] | dict(wanted)
    (folder / "options.json").write_text(json.dumps(options, indent=2))


class AppContainer:
    """A container of the app's image and the folder that it keeps its data in."""

    def __init__(self, image: str, data: Path) -> None:
        """Take what to run, and where /data is."""
        self._image = image
        self._data = data.resolve()
        self._name = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Make the container; nothing runs in it yet."""
        self._name = buildah(
            "from", "--name", container_name(), "--pull-never", self._image
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop and remove the container."""
        self.kill()
        buildah("rm", self._name)

    @property
    def running(self) -> bool:
        """Return whether it has started and not ended."""
        return self._process is not None and self._process.poll() is None

    def start(
        self,
        environment: Mapping[str, str],
        log: IO[str] | None = None,
        program: Sequence[str] = (INIT,),
    ) -> None:
        """Start a program; log: a file for all that is said, None for the terminal's."""
        settings = [
            part
            for name, value in environment.items()
            for part in ("--env", f"{name}={value}")
        ]
        # A session of its own: Ctrl+C is for stop() to pass on
        self._process = subprocess.Popen(
            self._command(program, settings),
            start_new_session=True, stdout=log, stderr=log, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run something in the container and return how it ended."""
        return subprocess.run(
            self._command(arguments, ()),
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def wait(self) -> int:
        """Return the exit code when it has ended."""
        return 0 if self._process is None else self._process.wait()

    def stop(self) -> int:
        """Ask it to end, as docker stop does; return the exit code.

        Raises TimeoutExpired where it does not end in time.
        """
        if self._process is None:
            return 0
        for process_id in self._processes():
            if _arguments_of(process_id):
                os.kill(process_id, signal.SIGTERM)
                break
        return self._process.wait(STOP_SECONDS)

    def kill(self, name: str = "") -> None:
        """End the processes with a word in their command at once; "" ends all."""
        # Parents first: s6 would start again what ends before it
        for process_id in list(self._processes()):
            if not name or name in " ".join(_arguments_of(process_id)):
                try:
                    os.kill(process_id, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        if not name and self._process is not None:
            self._process.wait()

    def _command(self, arguments: Sequence[str], settings: Sequence[str]) -> list[str]:
        return command(
            "run", *ISOLATION, "--network", "host", *settings,
            "--volume", f"{self._data}:/data:rw", self._name, "--", *arguments,
        )  # fmt: skip

    def _processes(self) -> Iterator[int]:
        """Yield the ids of the container's processes, parents before children."""
        if self._process is not None and self._process.poll() is None:
            yield from _with_children(self._process.pid)


def _with_children(process_id: int) -> Iterator[int]:
    yield process_id
    # Each thread has its own children
    for thread in Path(f"/proc/{process_id}/task").glob("*/children"):
        try:
            listed = thread.read_text()
        except OSError:
            continue
        for child in listed.split():
            yield from _with_children(int(child))


def _arguments_of(process_id: int) -> list[str]:
    """Return the command line of a process of the container, [] of one that ended."""
    try:
        line = Path(f"/proc/{process_id}/cmdline").read_text()
    except OSError:
        return []
    arguments = line.split("\0")
    return [] if not line or "buildah" in arguments[0] else arguments


@contextmanager
def started(
    image: str, data: Path, options: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[AppContainer]:
    """Return a container that runs with these options; it is stopped in the end."""
    write_options(data, options)
    with AppContainer(image, data) as container:
        container.start(environment)
        yield container


def run(image: str, data: Path, options: Mapping[str, Any]) -> int:
    """Run an image until it ends or Ctrl+C stops it; return its exit code."""
    supervisor = FakeSupervisor()
    with (
        supervisor.answering(),
        started(image, data, options, supervisor.environment) as container,
    ):
        try:
            return container.wait()
        except KeyboardInterrupt:
            return container.stop()

"""Start the image as the Supervisor would, ask it, and stop it."""

import random
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .buildah import say
from .container import AppContainer, started
from .fake_supervisor import FakeSupervisor

READY_SECONDS: Final = 120.0
# No outgoing connection of this machine is ever given one of these
PORTS: Final = range(20_000, 32_000)
EVERY_MODULE: Final = """
import importlib, pkgutil
import plantroom_server
from plantroom_server.__main__ import find_engine
find_engine()
import custom_components.plantroom.engine as engine
for package in (plantroom_server, engine):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
        print(module.name)
"""


def check(image: str) -> int:
    """Return 0 when the image does what an app has to, else say what not; return 1."""
    supervisor = FakeSupervisor()
    health = free_port()
    environment = supervisor.environment | {"PLANTROOM_HEALTH_PORT": str(health)}
    begun = time.monotonic()
    with (
        TemporaryDirectory(prefix="plantroom-addon-") as data,
        supervisor.answering(),
        started(image, Path(data), {"port": free_port()}, environment) as container,
    ):
        steps: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("ready", lambda: is_ready(container, health)),
            ("told to Home Assistant", lambda: supervisor.told.wait(READY_SECONDS)),
            ("Redis answers", lambda: "PONG" in redis(container, "ping")),
            ("every module loads", lambda: all_load(container)),
            ("stops cleanly", lambda: container.stop() == 0),
        )
        for name, step in steps:
            if not step():
                say(f"{name}: no")
                return 1
            say(f"{name}: yes, after {time.monotonic() - begun:.1f} s")
    return 0


def is_ready(container: AppContainer, port: int) -> bool:
    """Return whether the server gets ready while its container runs."""
    end = time.monotonic() + READY_SECONDS
    while container.running and time.monotonic() < end:
        if _status_of(port, "/health/ready") == HTTPStatus.OK:
            return True
        time.sleep(0.1)
    return False


def _status_of(port: int, path: str) -> int:
    """Return the status of an answer, 0 for none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError, HTTPException:
        return 0
    finally:
        connection.close()


def redis(container: AppContainer, *arguments: str) -> str:
    """Return what Redis in the container answers, or why it does not."""
    asked = container.run("redis-cli", "-s", "/run/plantroom/redis.sock", *arguments)
    return asked.stdout or f"code {asked.returncode}: {asked.stderr}"


def all_load(container: AppContainer) -> bool:
    """Return whether all that the image has of ours can be imported in it."""
    loaded = container.run("python3", "-c", EVERY_MODULE)
    if loaded.returncode != 0:
        say(loaded.stderr)
    return loaded.returncode == 0 and "plantroom_server.server" in loaded.stdout


def free_port() -> int:
    """Return a port of loopback that nobody uses now, nor gets by chance until it is."""
    while True:
        port = random.choice(PORTS)  # noqa: S311
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port

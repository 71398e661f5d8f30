"""The app's real image, run as the Supervisor would, serves Home Assistant's side.

Built with buildah in chroots, on a base of Debian's packages: no Docker engine, no
image from elsewhere. What Alpine's C library would do differently is not seen here.
"""

import asyncio
import os
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree, ignore_patterns
from threading import Thread
from typing import Any, override

import pytest
from addon_image.buildah import ROOT
from addon_image.check import all_load, is_ready, redis
from addon_image.container import AppContainer, write_options
from addon_image.fake_supervisor import FakeSupervisor
from addon_image.image import ENGINE, SERVER, app_config, build

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.errors import ConnectionLostError
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.models import Reading
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.connection.office import ROOM, VAV
from tests.ports import free_port
from tests.server.running import TOKEN, wire_to
from tests.simulators.building import Building
from tests.site import site_of, until

# Other tests, and what builds images, may have the machine meanwhile
PATIENCE = 120

pytestmark = [
    # The first build of a machine makes the base image too
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can build and run images"),
]


@pytest.fixture(scope="module")
def image() -> str:
    return build("debian")


@pytest.fixture
async def building():
    async with Building(profile="all", only=(VAV,), speed=0) as made:
        yield made


class App:
    """A container of the image, what the Supervisor heard, and all that it said."""

    def __init__(self, image: str, folder: Path, **options: Any) -> None:
        self.data = folder / "data"
        self.log = folder / "log"
        self.supervisor = FakeSupervisor()
        self.health = free_port()
        self.container = AppContainer(image, self.data)
        write_options(self.data, {"port": free_port(), **options})

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def told(self) -> dict[str, Any]:
        """Return what Home Assistant's flow is given."""
        config: dict[str, Any] = self.supervisor.announcements[-1]["config"]
        return config

    def start(self) -> None:
        environment = {"PLANTROOM_HEALTH_PORT": str(self.health), "TZ": "Europe/Berlin"}
        with self.log.open("w") as log:
            self.container.start(environment | self.supervisor.environment, log)

    def start_alone(self, *program: str) -> None:
        """Start a program of the image without any Supervisor."""
        with self.log.open("w") as log:
            self.container.start({"PLANTROOM_TOKEN": TOKEN}, log, program)

    async def ready(self) -> None:
        assert await asyncio.to_thread(is_ready, self.container, self.health), self.said


@asynccontextmanager
async def app_of(image: str, folder: Path, **options: Any) -> AsyncIterator[App]:
    async with laid_out(image, folder, **options) as app:
        app.start()
        yield app


@asynccontextmanager
async def laid_out(image: str, folder: Path, **options: Any) -> AsyncIterator[App]:
    """Return an app that has not started."""
    app = App(image, folder, **options)
    with app.supervisor.answering():
        container = await asyncio.to_thread(app.container.__enter__)
        try:
            yield app
        finally:
            await asyncio.to_thread(container.__exit__, None, None, None)


def gateway_to(network_id: str) -> GatewayConfig:
    """Return a gateway from its own log to the device on a network."""
    subscription = SubscriptionConfig(
        subscription_id="north", store_id="log", network_id=network_id, stream="north"
    )
    return GatewayConfig(
        stores=(EventStoreConfig(store_id="log"),), subscriptions=(subscription,)
    )


async def connected(client: EngineClient, site: SiteConfig) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.start(site)
            except ConnectionLostError:
                await asyncio.sleep(0.1)
            else:
                return


async def until_redis_says(app: App, wanted: str, *arguments: str) -> None:
    """Wait for a line of what Redis answers: it starts beside the server."""
    async with asyncio.timeout(PATIENCE):
        while wanted not in await asked_of_redis(app, *arguments):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def asked_of_redis(app: App, *arguments: str) -> list[str]:
    answer = await asyncio.to_thread(redis, app.container, *arguments)
    return answer.splitlines()


async def test_image_serves_what_home_assistant_configures_and_keeps_it(
    image: str, tmp_path: Path, building: Building
):
    async with app_of(image, tmp_path) as app:
        await app.ready()
        await until(app.supervisor.told.is_set, PATIENCE)
        told = app.told
        assert (told["host"], told["fingerprint"]) == ("127.0.0.1", "")
        assert len(told["token"]) >= 32
        async with wire_to(told["port"], token=told["token"], client_id="ha") as wire:
            client = EngineClient(wire, client_id="ha")
            site = site_of(building, VAV, poll_seconds=2)
            await connected(client, replace(site, gateway=gateway_to("n")))
            readings: list[Reading] = []
            client.watch(ROOM, readings.append)
            await until(lambda: readings, PATIENCE)
            building.set(VAV, "analog-input,1", "presentValue", 27.5)
            await until(lambda: readings[-1].value == 27.5, PATIENCE)
            await until(lambda: len(client.mirror.points) == 14, PATIENCE)
            await client.stop()
        # What its objects show is kept in the Redis beside it, of which nobody told it
        await until_redis_says(app, "plantroom:{north}:term", "keys", "*")
        assert "OK" in redis(app.container, "set", "stream", "42")
        assert await asyncio.to_thread(app.container.stop) == 0
        assert "Traceback" not in app.said
        order = ["init: stopping server", "init: stopping redis", "init: stopped"]
        assert sorted(order, key=app.said.index) == order
        assert told["token"] not in app.said

        app.start()
        await app.ready()
        await until(lambda: len(app.supervisor.announcements) == 2, PATIENCE)
        assert app.told == told
        async with wire_to(told["port"], token=told["token"], client_id="ha") as wire:
            await wire.connect()
            assert len((await wire.call("snapshot")).points) == 14
            assert wire.welcome.may_configure
        await until_redis_says(app, "42", "get", "stream")


async def test_redis_answers_nobody_but_what_runs_in_the_container_as_root(
    image: str, tmp_path: Path
):
    async with app_of(image, tmp_path) as app:
        await app.ready()
        await until_redis_says(app, "PONG", "ping")
        assert redis(app.container, "config", "get", "port").split() == ["port", "0"]
        policy = redis(app.container, "config", "get", "maxmemory-policy")
        assert policy.split() == ["maxmemory-policy", "noeviction"]
        asked = (
            "import os, socket; os.setuid(65534);"
            "socket.socket(socket.AF_UNIX).connect('/run/plantroom/redis.sock')"
        )
        refused = app.container.run("python3", "-c", asked)
        assert "PermissionError" in refused.stderr
        assert (app.data / "redis").stat().st_mode & 0o777 == 0o700
        assert (app.data / "token").stat().st_mode & 0o777 == 0o600


async def test_backup_that_is_restored_serves_the_same(
    image: str, tmp_path: Path, building: Building
):
    restored = tmp_path / "restored" / "data"
    async with app_of(image, tmp_path) as app:
        await app.ready()
        await until(app.supervisor.told.is_set, PATIENCE)
        told = app.told
        async with wire_to(told["port"], token=told["token"], client_id="ha") as wire:
            client = EngineClient(wire, client_id="ha")
            await connected(client, site_of(building, VAV, poll_seconds=2))
            await until(lambda: len(client.mirror.points) == 14, PATIENCE)
            await client.stop()
        prepared = app.container.run(*app_config()["backup_pre"].split())
        assert prepared.returncode == 0, prepared.stderr
        copytree(
            app.data,
            restored,
            ignore=ignore_patterns(*app_config()["backup_exclude"]),
        )
        assert app.container.run(*app_config()["backup_post"].split()).returncode == 0
        assert not (app.data / "backup").exists()
    assert not list(restored.glob("*.db"))
    async with app_of(image, restored.parent, port=told["port"]) as app:
        await app.ready()
        async with wire_to(told["port"], token=told["token"], client_id="ha") as wire:
            await wire.connect()
            assert len((await wire.call("snapshot")).points) == 14


async def test_server_that_is_killed_is_started_again(image: str, tmp_path: Path):
    async with app_of(image, tmp_path) as app:
        await app.ready()
        await until(app.supervisor.told.is_set, PATIENCE)
        app.container.kill("plantroom_server")
        await until(lambda: len(app.supervisor.announcements) == 2, PATIENCE)
        await app.ready()
        assert app.container.running
        await until_redis_says(app, "PONG", "ping")
        assert await asyncio.to_thread(app.container.stop) == 0


async def test_image_serves_a_site_in_a_file_without_the_supervisor_as_nobody_special(
    image: str, tmp_path: Path
):
    """As docs/server.md says for Docker and Kubernetes: a user, a volume, a file."""
    async with laid_out(image, tmp_path) as app:
        (app.data / "site.yaml").write_text("{}")
        app.data.chmod(0o777)
        port = free_port()
        app.start_alone(
            "s6-applyuidgid", "-u", "1000", "-g", "1000",
            "python3", "-m", "plantroom_server", "--data", "/data",
            "--site", "/data/site.yaml", "--host", "127.0.0.1", "--port", str(port),
            "--health-port", str(app.health),
        )  # fmt: skip
        await app.ready()
        async with wire_to(port) as wire:
            await wire.connect()
            assert wire.welcome.configured_by == "file"
            assert not wire.welcome.may_configure
        assert (app.data / "server_id").stat().st_uid == 1000
        assert await asyncio.to_thread(app.container.stop) == 0
        assert "Traceback" not in app.said
        assert not app.supervisor.announcements


async def test_option_that_is_wrong_ends_the_container_and_is_said(
    image: str, tmp_path: Path
):
    async with app_of(image, tmp_path, token="short") as app:
        assert await asyncio.to_thread(app.container.wait) == 2
        assert "token must have 16 characters at least" in app.said
        assert "Traceback" not in app.said


def test_image_has_all_that_the_server_and_the_engine_import(
    image: str, tmp_path: Path
):
    with AppContainer(image, tmp_path) as container:
        assert all_load(container)
        found = container.run(
            "python3",
            "-c",
            "import importlib.util as u; print(u.find_spec('homeassistant'))",
        )
        assert found.stdout.strip() == "None"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing of each request."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(folder))
    )
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_image_that_the_supervisor_builds_has_the_release_and_nothing_of_the_folder(
    tmp_path: Path,
):
    """The Supervisor gives the build addon/ alone: the rest comes from the release."""
    archive = tmp_path / f"v{app_config()['version']}.tar.gz"
    mark = tmp_path / "mark.py"
    mark.write_text('"""Only the release has it."""\n')
    with tarfile.open(archive, "w:gz") as made:
        for folder in (SERVER, ENGINE):
            made.add(ROOT / folder, f"plantroom-1/{folder}")
        made.add(mark, f"plantroom-1/{SERVER}/only_in_release.py")
    with serving(tmp_path) as url:
        image = build("debian", url)
    with AppContainer(image, tmp_path) as container:
        assert all_load(container)
        assert container.run(
            "python3", "-c", "import plantroom_server.only_in_release"
        ).returncode == 0  # fmt: skip


def test_release_that_is_not_there_is_no_image(tmp_path: Path):
    with (
        serving(tmp_path) as url,
        pytest.raises(Exception, match="exit status") as caught,
    ):
        build("debian", url)
    assert type(caught.value).__name__ == "CalledProcessError"

"""Who may configure the server, and what it does with nobody there."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from plantroom_server import kept as kept_module
from plantroom_server import served_engine
from plantroom_server.server import PlantroomServer

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    ReadOnlyError,
)
from custom_components.plantroom.engine.models import Reading
from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.connection.office import ROOM, SETPOINT, VAV
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import network_config, site_of, until

from .running import running_server, wire_to

SITE = SiteConfig(networks=(network_config(free_port(), address="127.0.0.1/8"),))


@pytest.fixture
async def building():
    async with Building(profile="all", only=(VAV,), speed=0) as made:
        yield made


@pytest.fixture(autouse=True)
def save_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_engine, "SAVE_SECONDS", 0.0)


async def snapshot_of(wire: WebSocketConnection) -> Snapshot:
    found: Snapshot = await wire.call("snapshot")
    return found


async def test_second_client_reads_and_writes_but_does_not_configure(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="one") as one,
        wire_to(server.port, client_id="two") as two,
    ):
        await one.connect()
        await one.call("configure", SITE)
        await two.connect()
        assert (one.may_configure, two.may_configure) == (True, False)
        assert await two.call("site") == SITE
        with pytest.raises(ReadOnlyError) as caught:
            await two.call("configure", SiteConfig())
        assert caught.value.facts == {"owner": "client"}
        assert await one.call("site") == SITE


async def test_second_client_of_the_same_id_is_the_same_client(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="one") as entry,
        wire_to(server.port, client_id="one") as dialogue,
    ):
        await entry.connect()
        await entry.call("configure", SITE)
        await dialogue.connect()
        assert dialogue.may_configure


async def test_several_may_configure_where_that_is_allowed(tmp_path: Path):
    async with (
        running_server(tmp_path, several_may_configure=True) as server,
        wire_to(server.port, client_id="one") as one,
        wire_to(server.port, client_id="two") as two,
    ):
        await one.connect()
        await one.call("configure", SITE)
        await two.connect()
        assert two.may_configure
        await two.call("configure", SiteConfig())
        assert await one.call("site") == SiteConfig()


async def test_of_two_who_come_first_together_the_first_to_configure_does(
    tmp_path: Path,
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="one") as one,
        wire_to(server.port, client_id="two") as two,
    ):
        await one.connect()
        await two.connect()
        assert one.may_configure
        assert two.may_configure
        await two.call("configure", SITE)
        with pytest.raises(ReadOnlyError):
            await one.call("configure", SiteConfig())


async def test_client_can_take_over_from_one_that_will_not_come_again(tmp_path: Path):
    async with running_server(tmp_path) as server:
        async with wire_to(server.port, client_id="old") as old:
            await old.connect()
            await old.call("configure", SITE)
        async with wire_to(server.port, client_id="new", take_over=True) as new:
            await new.connect()
            assert new.may_configure
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="old") as old,
    ):
        await old.connect()
        assert not old.may_configure


async def test_server_with_a_site_file_takes_no_configuration(tmp_path: Path):
    async with (
        running_server(tmp_path, site=SITE) as server,
        wire_to(server.port, take_over=True) as wire,
    ):
        await wire.connect()
        assert not wire.may_configure
        with pytest.raises(ReadOnlyError) as caught:
            await wire.call("configure", SiteConfig())
        assert caught.value.facts == {"owner": "file"}
        client = EngineClient(wire)
        await client.start(SiteConfig())
        assert await client.site() == SITE
        assert client.mirror.networks.keys() == {"n"}
        await client.stop()


async def test_site_of_a_file_comes_before_one_that_was_pushed(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        await wire.call("configure", SITE)
    empty = SiteConfig()
    async with (
        running_server(tmp_path, site=empty) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        assert await wire.call("site") == empty


async def read_alone(server: PlantroomServer, point_id: str) -> Reading:
    """Wait until the server read a point that no client asks for now."""
    async with asyncio.timeout(60):
        while True:
            readings = dict((await server.engine.snapshot()).readings)
            if point_id in readings:
                return readings[point_id]
            await asyncio.sleep(0.01)


async def test_restarted_server_serves_and_reads_without_its_clients(
    tmp_path: Path, building: Building
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        client = EngineClient(wire, client_id="me")
        await client.start(site_of(building, VAV))
        client.watch(ROOM, lambda _reading: None)
        await until(lambda: ROOM in client.mirror.readings)
        await client.stop()
    building.set(VAV, "analog-input,1", "presentValue", 27.5)
    async with running_server(tmp_path) as server:
        assert (await read_alone(server, ROOM)).value == 27.5
        assert not server._api.clients


async def test_client_that_goes_leaves_its_own_watch_and_takes_passing_ones(
    tmp_path: Path, building: Building
):
    def subscribed() -> set[str]:
        return {str(s["object"]) for s in building.cov_subscriptions(VAV)}

    async with running_server(tmp_path) as server:
        async with wire_to(server.port, client_id="me") as wire:
            await wire.connect()
            await wire.call("configure", site_of(building, VAV))
            for watcher, point_id in (("me", ROOM), ("dialogue", SETPOINT)):
                await wire.call(
                    "watch", WatchRequest(client_id=watcher, point_ids=(point_id,))
                )
            await until(lambda: len(subscribed()) == 2)
            both = subscribed()
        await until(lambda: len(subscribed()) == 1)
        assert subscribed() < both


async def test_client_cannot_end_the_watch_of_another(
    tmp_path: Path, building: Building
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="one") as one,
        wire_to(server.port, client_id="two") as two,
    ):
        await one.connect()
        await one.call("configure", site_of(building, VAV))
        await one.call("watch", WatchRequest(client_id="one", point_ids=(ROOM,)))
        await two.connect()
        await two.call("watch", WatchRequest(client_id="one", point_ids=()))
        await until(lambda: building.cov_subscriptions(VAV))


async def test_watch_that_was_withdrawn_is_not_kept(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        await wire.connect()
        for points in ((ROOM,), ()):
            await wire.call("watch", WatchRequest(client_id="me", point_ids=points))
    kept = kept_module.Kept(tmp_path)
    await kept.start()
    assert (await kept.load()).watches == {}
    await kept.stop()


async def test_watch_that_is_being_kept_when_the_server_stops_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    save, begun = kept_module.Kept.save_watch, asyncio.Event()

    async def slowly(self: kept_module.Kept, client: str, points: Any) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await save(self, client, points)

    monkeypatch.setattr(kept_module.Kept, "save_watch", slowly)
    async with running_server(tmp_path) as server:
        await server.engine.until_ready()
        for client in ("one", "two"):
            watch = WatchRequest(client_id=client, point_ids=(ROOM,))
            await server.engine.call(client, "watch", watch)
        await begun.wait()
    kept = kept_module.Kept(tmp_path)
    await kept.start()
    assert (await kept.load()).watches == {"one": (ROOM,), "two": (ROOM,)}
    await kept.stop()


async def test_configuration_that_cannot_be_kept_is_served_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        await server.engine._kept.stop()
        await wire.call("configure", SITE)
        assert await wire.call("site") == SITE
    assert "A restart will not know what is served" in caplog.text


async def test_what_was_kept_by_another_version_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    kept = kept_module.Kept(tmp_path)
    await kept.start()
    await kept._database.run(
        lambda db: kept_module._save_facts(db, site='{"networks": [{}]}', owner="me")
    )
    await kept.stop()
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        await wire.connect()
        assert wire.may_configure
        assert await wire.call("site") == SiteConfig()
    assert "is of another version" in caplog.text


async def test_site_that_cannot_be_served_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def refuse(*_: object) -> None:
        raise ConfigurationError("no such profile")

    monkeypatch.setattr(served_engine.Engine, "configure", refuse)
    async with (
        running_server(tmp_path, site=SITE) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        assert wire.connected
    assert "Cannot serve what was served last: no such profile" in caplog.text


async def test_half_a_site_is_never_left_by_a_client_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    began, go_on = asyncio.Event(), asyncio.Event()
    async with running_server(tmp_path) as server:
        async with wire_to(server.port) as wire:
            await wire.connect()
            configure = server.engine._engine.configure

            async def slow(site: SiteConfig) -> None:
                began.set()
                await go_on.wait()
                await configure(site)

            monkeypatch.setattr(server.engine._engine, "configure", slow)
            calling = asyncio.create_task(wire.call("configure", SITE))
            async with asyncio.timeout(60):
                await began.wait()
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
        go_on.set()
        await until(lambda: not server.engine._configures)
        assert await server.engine._engine.site() == SITE

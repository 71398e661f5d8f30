"""Configuration is followed by difference, and one broken part never stops another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import NetworkError, StorageError
from custom_components.plantroom.engine.events import (
    DeviceChanged,
    DeviceRemoved,
    PointsChanged,
)
from custom_components.plantroom.engine.models import (
    Health,
    ProblemCode,
    WriteRequest,
)
from custom_components.plantroom.engine.requests import (
    ReadPropertyRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.engine.storage.devices import DeviceStore
from tests.engine.running import Running, taken
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import SiteHost, device_config, network_config, site_of, until

ONE, TWO, SLOW = 2001, 2002, 6014
ROOM = f"n:{ONE}:analog-input,1"
ACCESS_MODULE = "custom_components.plantroom.engine.bacnet.ip_access"
DEVICE_MODULE = "custom_components.plantroom.engine.bacnet.device"


type MakeEngine = Callable[..., Any]


@pytest.fixture
async def engine_in(building: Building) -> AsyncIterator[MakeEngine]:
    """Return what starts an engine in a folder; all stop before the building does."""
    made: list[Engine] = []

    async def make(folder: Path | None = None) -> Running:
        engine = Engine(SiteHost(data_folder=folder))
        made.append(engine)
        await engine.start()
        return Running(engine)

    yield make
    for engine in made:
        await engine.stop()


@pytest.fixture
async def building() -> AsyncIterator[Building]:
    async with Building(profile="all", only=(ONE, TWO, SLOW), speed=0) as made:
        yield made


def subscribed(building: Building, device: int) -> int:
    """Return how often a device was asked to report changes."""
    return building.device(device).requests_seen()["SubscribeCOV"]


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ACCESS_MODULE}.backoff_seconds", lambda _failures: 0.02)


async def test_unchanged_device_goes_on_while_others_come_and_go(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await running.configure(site_of(building, ONE))
    await running.watch(ROOM)
    await until(lambda: building.cov_subscriptions(ONE))
    await running.until_online(f"n:{ONE}")
    await until(lambda: running.reading(ROOM))
    asked = subscribed(building, ONE)
    running.heard.clear()
    await running.configure(site_of(building, ONE, TWO))
    await running.until_online(f"n:{TWO}")
    await running.configure(site_of(building, ONE))
    assert DeviceRemoved(device_id=f"n:{TWO}") in running.heard
    assert not [
        event
        for event in running.about(f"n:{ONE}")
        if isinstance(event, DeviceChanged | DeviceRemoved | PointsChanged)
    ]
    assert subscribed(building, ONE) == asked
    assert len(building.cov_subscriptions(ONE)) == 1


async def test_configuring_the_same_again_says_nothing(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await running.configure(site_of(building, ONE))
    await running.until_online(f"n:{ONE}")
    running.heard.clear()
    await running.configure(site_of(building, ONE))
    assert running.heard == []


async def test_changed_device_serves_the_points_it_is_now_asked_for(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await running.configure(site_of(building, ONE))
    await running.until_online(f"n:{ONE}")
    await running.configure(site_of(building, ONE, points=("analog-input,1",)))
    assert [p.point_id for p in (await running.snapshot()).points] == [ROOM]
    await running.configure(site_of(building, ONE))
    assert len((await running.snapshot()).points) == 14


async def test_removed_device_is_forgotten_for_good(
    engine_in: MakeEngine, building: Building, tmp_path: Path
):
    running = await engine_in(tmp_path)
    await running.configure(site_of(building, ONE, TWO))
    await running.until_online(f"n:{ONE}", f"n:{TWO}")
    await running.configure(site_of(building, ONE))
    snapshot = await running.snapshot()
    assert [d.device_id for d in snapshot.devices] == [f"n:{ONE}"]
    assert {p.device_id for p in snapshot.points} == {f"n:{ONE}"}
    assert running.network().devices_total == 1
    assert (await running.engine._store.load()).keys() == {f"n:{ONE}"}


async def test_removed_network_takes_its_devices_along(
    engine_in: MakeEngine, building: Building, tmp_path: Path
):
    running = await engine_in(tmp_path)
    await running.configure(site_of(building, ONE))
    await running.until_online(f"n:{ONE}")
    await running.configure(SiteConfig())
    empty = await running.snapshot()
    assert (empty.networks, empty.devices, empty.points) == ((), (), ())
    assert (empty.statuses, empty.readings, empty.problems) == ((), (), ())
    assert await running.engine._store.load() == {}
    with taken(building.port):
        pass


async def test_device_removed_while_its_network_changes_is_forgotten_too(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await running.configure(site_of(building, ONE, TWO))
    await running.until_online(f"n:{ONE}", f"n:{TWO}")
    other = replace(network_config(building.port), instance=4000000)
    await running.configure(
        SiteConfig(networks=(other,), devices=(device_config(ONE),))
    )
    snapshot = await running.snapshot()
    assert [s.device_id for s in snapshot.statuses] == [f"n:{ONE}"]
    assert {p.device_id for p in snapshot.points} == {f"n:{ONE}"}
    assert DeviceRemoved(device_id=f"n:{TWO}") in running.heard
    assert DeviceRemoved(device_id=f"n:{ONE}") not in running.heard


async def test_device_removed_between_two_starts_is_not_kept(
    engine_in: MakeEngine, building: Building, tmp_path: Path
):
    first = await engine_in(tmp_path)
    await first.configure(site_of(building, ONE))
    await first.until_online(f"n:{ONE}")
    await first.engine.stop()
    second = await engine_in(tmp_path)
    await second.configure(site_of(building))
    assert await second.engine._store.load() == {}


async def test_device_removed_in_the_middle_of_its_survey_never_comes_back(
    engine_in: MakeEngine, building: Building
):
    building.device(SLOW).link.delay_seconds = 0.05
    running = await engine_in()
    await running.configure(site_of(building, SLOW))
    await until(
        lambda: building.device(SLOW).requests_seen().get("ReadPropertyMultiple")
    )
    await running.configure(site_of(building))
    gone = len(running.heard)
    await asyncio.sleep(0.3)
    assert [e for e in running.heard[gone:] if not isinstance(e, DeviceRemoved)] == []
    snapshot = await running.snapshot()
    assert (snapshot.devices, snapshot.points, snapshot.statuses) == ((), (), ())


async def test_restart_knows_everything_at_once_and_reads_without_a_survey(
    engine_in: MakeEngine,
    building: Building,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    first = await engine_in(tmp_path)
    await first.configure(site_of(building, ONE))
    await first.until_online(f"n:{ONE}")
    before = await first.snapshot()
    await first.engine.stop()

    async def survey_device(*_arguments: Any, **_facts: Any) -> None:
        pytest.fail("surveyed again")

    monkeypatch.setattr(f"{DEVICE_MODULE}.survey_device", survey_device)
    second = await engine_in(tmp_path)
    await second.configure(site_of(building, ONE))
    after = await second.snapshot()
    assert (after.devices, after.points) == (before.devices, before.points)
    assert len(after.points) == 14
    await second.watch(ROOM)
    await until(lambda: second.reading(ROOM))
    await second.until_online(f"n:{ONE}")
    assert len((await second.snapshot()).points) == 14


async def test_device_that_is_away_at_the_start_is_shown_as_it_was(
    engine_in: MakeEngine, building: Building, tmp_path: Path
):
    first = await engine_in(tmp_path)
    await first.configure(site_of(building, ONE))
    await first.until_online(f"n:{ONE}")
    await first.engine.stop()
    building.unplug(ONE)
    second = await engine_in(tmp_path)
    await second.configure(site_of(building, ONE))
    snapshot = await second.snapshot()
    assert ([d.name for d in snapshot.devices], len(snapshot.points)) == (
        ["VAV-01"],
        14,
    )
    assert second.online() == set()


async def test_broken_network_never_stops_another(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    busy = free_port()
    site = SiteConfig(
        networks=(network_config(busy, "m"), network_config(building.port)),
        devices=(device_config(1, "m"), device_config(ONE)),
    )
    with taken(busy):
        await running.configure(site)
        await running.until_online(f"n:{ONE}")
        assert running.network("n").health is Health.HEALTHY
        assert running.network("m").health is Health.DOWN
        assert running.network("m").reason == "port_in_use"
        assert running.problems() == {"m": ProblemCode.PORT_IN_USE}
        with pytest.raises(NetworkError, match="is down"):
            await running.engine.call("survey", "m:1")
        await running.watch(ROOM)
        await until(lambda: running.reading(ROOM))


@pytest.mark.usefixtures("quick_retries")
async def test_network_opens_by_itself_once_its_port_is_free(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    with taken(building.port):
        await running.configure(site_of(building, ONE))
        assert running.problems() == {"n": ProblemCode.PORT_IN_USE}
    await running.until_online(f"n:{ONE}")
    assert running.problems() == {}
    assert running.network().health is Health.HEALTHY


async def test_network_that_is_down_shows_its_devices_and_says_that_it_is_down(
    engine_in: MakeEngine, building: Building, tmp_path: Path
):
    first = await engine_in(tmp_path)
    await first.configure(site_of(building, ONE))
    await first.until_online(f"n:{ONE}")
    await first.engine.stop()
    second = await engine_in(tmp_path)
    with taken(building.port):
        await second.configure(site_of(building, ONE))
        snapshot = await second.snapshot()
        assert [d.name for d in snapshot.devices] == ["VAV-01"]
        assert len(snapshot.points) == 14
        told = [e for e in second.heard if isinstance(e, DeviceChanged | PointsChanged)]
        assert len(told) == 2
        setpoint = f"n:{ONE}:analog-value,1"
        read = ReadPropertyRequest(
            device_id=f"n:{ONE}", reference="device,2001", property_name="model-name"
        )
        for command, request in (
            ("write", WriteRequest(point_id=setpoint, value=21.0)),
            ("read_property", read),
            ("survey", f"n:{ONE}"),
        ):
            with pytest.raises(NetworkError, match="is down"):
                await second.engine.call(command, request)


async def test_network_on_an_address_that_is_gone_is_a_problem_until_it_is_changed(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    away = network_config(building.port, address="192.0.2.1/24")
    devices = (device_config(ONE),)
    await running.configure(SiteConfig(networks=(away,), devices=devices))
    assert running.problems() == {"n": ProblemCode.INTERFACE_GONE}
    await running.configure(site_of(building, ONE))
    assert running.problems() == {}
    await running.until_online(f"n:{ONE}")


async def test_stopped_engine_frees_the_port_and_may_be_stopped_again(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await running.configure(site_of(building, ONE))
    await running.engine.stop()
    await running.engine.stop()
    with taken(building.port):
        pass


async def test_engine_stopped_while_it_is_configured_leaves_nothing_open(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    configuring = asyncio.create_task(running.configure(site_of(building, ONE)))
    await asyncio.sleep(0)
    await running.engine.stop()
    await asyncio.gather(configuring, return_exceptions=True)
    assert (await running.snapshot()).networks == ()
    with taken(building.port):
        pass


async def test_configurations_that_come_at_once_are_followed_in_order(
    engine_in: MakeEngine, building: Building
):
    running = await engine_in()
    await asyncio.gather(
        *(
            running.configure(site_of(building, *d))
            for d in ((ONE,), (ONE, TWO), (TWO,))
        )
    )
    await running.until_online(f"n:{TWO}")
    assert [d.device_id for d in (await running.snapshot()).devices] == [f"n:{TWO}"]


async def test_network_that_cannot_start_leaves_nothing_and_may_be_tried_again(
    engine_in: MakeEngine, building: Building, monkeypatch: pytest.MonkeyPatch
):
    running = await engine_in()

    async def load(_store: DeviceStore) -> None:
        raise StorageError("no disk", path="x", reason="no disk")

    with monkeypatch.context() as patched:
        patched.setattr(DeviceStore, "load", load)
        with pytest.raises(StorageError):
            await running.configure(site_of(building, ONE))
    with taken(building.port):
        pass
    await running.configure(site_of(building, ONE))
    await running.until_online(f"n:{ONE}")

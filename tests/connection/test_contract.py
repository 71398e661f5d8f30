"""What a client may expect of any wire; each test runs over every wire there is."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.errors import (
    ConnectionLostError,
    StorageError,
)
from custom_components.plantroom.engine.events import (
    DeviceRemoved,
    EngineEvent,
    NetworkRemoved,
    NumberedEvent,
)
from custom_components.plantroom.engine.models import (
    Health,
)
from custom_components.plantroom.engine.requests import (
    Snapshot,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.simulators.building import Building
from tests.site import site_of, until

from .conftest import OpenOffice
from .office import (
    ALL,
    IGNORES,
    OVERRIDDEN,
    ROOM,
    SETPOINT,
    VAV,
    assert_mirror_is_right,
    first,
)


async def test_connecting_and_disconnecting_twice_does_no_harm(connection: Connection):
    assert not connection.connected
    await connection.disconnect()
    await connection.connect()
    await connection.connect()
    assert connection.connected
    await connection.disconnect()
    await connection.disconnect()
    assert not connection.connected


async def test_state_listeners_hear_the_engine_come_and_go_once_each(
    connection: Connection,
):
    heard: list[bool] = []
    unheard: list[bool] = []
    connection.listen_state(heard.append)
    connection.listen_state(unheard.append)()
    for _ in range(2):
        await connection.connect()
    for _ in range(2):
        await connection.disconnect()
    assert (heard, unheard) == ([True, False], [])


async def test_call_without_a_connection_is_lost(connection: Connection):
    with pytest.raises(ConnectionLostError):
        await connection.call("snapshot")
    await connection.connect()
    assert await connection.call("snapshot")
    await connection.disconnect()
    with pytest.raises(ConnectionLostError):
        await connection.call("configure", SiteConfig())


async def test_engine_that_cannot_start_is_not_connected(
    connection: Connection, tmp_path: Path
):
    (tmp_path / "plantroom.db").mkdir()
    heard: list[bool] = []
    connection.listen_state(heard.append)
    with pytest.raises(StorageError) as caught:
        await connection.connect()
    assert caught.value.facts["path"] == str(tmp_path / "plantroom.db")
    assert (connection.connected, heard) == (False, [])


async def test_client_that_cannot_start_leaves_nothing_behind(
    connection: Connection, tmp_path: Path
):
    (tmp_path / "plantroom.db").mkdir()
    client = EngineClient(connection)
    with pytest.raises(StorageError):
        await client.start(SiteConfig())
    (tmp_path / "plantroom.db").rmdir()
    await client.start(SiteConfig())
    assert client.connected
    await client.stop()
    await client.stop()
    assert not client.connected


async def test_wire_connects_again_after_it_was_left(
    connection: Connection, building: Building
):
    client = EngineClient(connection)
    for _ in range(2):
        await client.start(site_of(building, VAV))
        await until(lambda: len(client.mirror.points) == 14)
        assert client.mirror.readings == {}
        await client.stop()


async def test_new_engine_knows_nothing(connection: Connection):
    await connection.connect()
    snapshot: Snapshot = await connection.call("snapshot")
    assert snapshot == Snapshot(
        cursor=0,
        networks=(),
        devices=(),
        statuses=(),
        points=(),
        readings=(),
        problems=(),
    )
    with pytest.raises(FrozenInstanceError):
        snapshot.cursor = 1  # type: ignore[misc]


async def test_configured_device_describes_itself_with_its_points(office: OpenOffice):
    opened = await office(VAV)
    mirror = opened.client.mirror
    device = mirror.devices[f"n:{VAV}"]
    assert (device.name, device.vendor) == ("VAV-01", "Northwind Controls")
    assert len(mirror.points_of(device.device_id)) == 14
    assert mirror.points[SETPOINT].unit == "degrees-celsius"
    await until(lambda: mirror.networks["n"].devices_online == 1)
    assert mirror.networks["n"].health is Health.HEALTHY
    await assert_mirror_is_right(opened)


async def test_events_are_numbered_without_gaps(office: OpenOffice):
    opened = await office()
    heard: list[NumberedEvent] = []
    opened.connection.listen(heard.append)
    before = opened.client.mirror.cursor
    await opened.client.configure(site_of(opened.building, *ALL))
    await until(lambda: len(opened.client.mirror.points) == 14 * len(ALL))
    numbers = [event.number for event in heard]
    assert numbers == list(range(before + 1, before + 1 + len(numbers)))


async def test_events_missed_can_be_asked_for_again(office: OpenOffice):
    opened = await office(VAV)
    heard: list[NumberedEvent] = []
    opened.connection.listen(heard.append)
    before = opened.client.mirror.cursor
    await opened.client.configure(SiteConfig())
    missed = await opened.connection.call("events_since", before)
    await until(lambda: len(heard) >= len(missed))
    assert missed == tuple(heard[: len(missed)])
    assert await opened.connection.call("events_since", missed[-1].number) == ()
    assert await opened.connection.call("events_since", 10**9) is None


async def test_late_client_has_the_same_state_by_its_snapshot(office: OpenOffice):
    opened = await office(VAV, OVERRIDDEN)
    opened.client.watch(ROOM, lambda _reading: None)
    await until(lambda: ROOM in opened.client.mirror.readings)
    await assert_mirror_is_right(opened)


async def test_mirror_stays_right_while_devices_and_networks_come_and_go(
    office: OpenOffice,
):
    opened = await office(VAV, OVERRIDDEN)
    client = opened.client
    for instances in ((VAV,), (VAV, IGNORES), (), (IGNORES,)):
        await client.configure(site_of(opened.building, *instances))
        await until(lambda: len(client.mirror.statuses) == len(instances))  # noqa: B023
        await assert_mirror_is_right(opened)
    await client.configure(SiteConfig())
    await assert_mirror_is_right(opened)
    assert not client.mirror.points
    assert not client.mirror.networks


async def test_removed_device_and_network_are_told(office: OpenOffice):
    opened = await office(VAV)
    heard: list[EngineEvent] = []
    opened.client.listen_changes(heard.append)
    await opened.client.configure(SiteConfig())
    await until(lambda: first(heard, NetworkRemoved))
    told = [e for e in heard if isinstance(e, DeviceRemoved | NetworkRemoved)]
    assert told == [DeviceRemoved(device_id=f"n:{VAV}"), NetworkRemoved(network_id="n")]

"""The client's own rules, which no wire decides."""

import asyncio
from collections.abc import Callable
from typing import Any, override

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    ConnectionLostError,
    NetworkError,
)
from custom_components.plantroom.engine.events import (
    DeviceChanged,
    EngineEvent,
    NumberedEvent,
    ReadingsChanged,
)
from custom_components.plantroom.engine.models import Reading
from custom_components.plantroom.engine.requests import (
    SetMeterRequest,
    Snapshot,
    WatchRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.site import device, point, reading

POINT = point()


class FakeConnection(Connection):
    """Answers a snapshot, remembers calls, and fails or publishes as told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Any]] = []
        self.errors: dict[str, Exception] = {}
        self.during: dict[str, Callable[[], None]] = {}
        self.cursor = 0
        self.hold: asyncio.Event | None = None

    @override
    async def connect(self) -> None:
        if "connect" in self.errors:
            raise self.errors["connect"]
        self._set_connected(True)

    @override
    async def disconnect(self) -> None:
        self._set_connected(False)

    @override
    async def call(self, command: str, request: Any = None) -> Any:
        self.calls.append((command, request))
        self.during.get(command, lambda: None)()
        if command in self.errors:
            raise self.errors[command]
        if command == "watch" and self.hold is not None:
            await self.hold.wait()
        if command == "snapshot":
            return Snapshot(
                cursor=self.cursor, networks=(), devices=(), statuses=(),
                points=(POINT,), readings=(), problems=(),
            )  # fmt: skip
        return None

    def publish(self, number: int, event: EngineEvent) -> None:
        self._deliver(NumberedEvent(number=number, event=event))

    @property
    def watches(self) -> list[tuple[str, ...]]:
        return [r.point_ids for _, r in self.calls if isinstance(r, WatchRequest)]


async def turns() -> None:
    """Let what is scheduled happen."""
    for _ in range(5):
        await asyncio.sleep(0)


async def started() -> tuple[EngineClient, FakeConnection]:
    connection = FakeConnection()
    client = EngineClient(connection)
    await client.start(SiteConfig())
    return client, connection


async def test_configuration_is_pushed_before_the_snapshot_is_taken():
    _, connection = await started()
    assert [name for name, _ in connection.calls] == ["configure", "snapshot"]


async def test_event_that_comes_before_the_snapshot_is_followed_after_it():
    connection = FakeConnection()
    client = EngineClient(connection)
    heard: list[EngineEvent] = []
    client.listen_changes(heard.append)
    connection.cursor = 1
    connection.during["configure"] = lambda: connection.publish(
        1, DeviceChanged(device=device("n:1"))
    )
    connection.during["snapshot"] = lambda: connection.publish(
        2, DeviceChanged(device=device("n:2"))
    )
    await client.start(SiteConfig())
    assert heard == [DeviceChanged(device=device("n:2"))]
    assert client.mirror.devices.keys() == {"n:2"}


@pytest.mark.parametrize("failing", ["connect", "configure", "snapshot"])
async def test_client_that_cannot_start_leaves_the_wire_and_may_start_again(
    failing: str,
):
    connection = FakeConnection()
    client = EngineClient(connection)
    connection.errors[failing] = ConfigurationError("wrong")
    with pytest.raises(ConfigurationError):
        await client.start(SiteConfig())
    assert not client.connected
    connection.errors.clear()
    await client.start(SiteConfig())
    connection.publish(1, DeviceChanged(device=device()))
    assert client.mirror.cursor == 1


async def test_change_listeners_hear_all_but_readings_until_they_leave():
    client, connection = await started()
    heard: list[EngineEvent] = []
    leave = client.listen_changes(heard.append)
    connection.publish(1, ReadingsChanged(readings=((POINT.point_id, reading(1.0)),)))
    connection.publish(2, DeviceChanged(device=device()))
    leave()
    connection.publish(3, DeviceChanged(device=device()))
    assert heard == [DeviceChanged(device=device())]


async def test_listener_finds_the_change_in_the_mirror():
    client, connection = await started()
    seen: list[bool] = []
    client.listen_changes(lambda _event: seen.append("n:1" in client.mirror.devices))
    connection.publish(1, DeviceChanged(device=device()))
    assert seen == [True]


async def test_event_that_comes_twice_is_told_once():
    client, connection = await started()
    readings: list[Reading] = []
    client.watch(POINT.point_id, readings.append)
    for _ in range(2):
        connection.publish(
            1, ReadingsChanged(readings=((POINT.point_id, reading(1.0)),))
        )
    assert readings == [reading(1.0)]
    await client.stop()


async def test_reading_is_told_to_those_who_watch_its_point():
    client, connection = await started()
    mine: list[Reading] = []
    others: list[Reading] = []
    client.watch(POINT.point_id, mine.append)
    client.watch("n:1:analog-value,2", others.append)
    new = ReadingsChanged(readings=((POINT.point_id, reading(1.0)),))
    connection.publish(1, new)
    assert (mine, others) == ([reading(1.0)], [])
    await client.stop()


async def test_points_watched_in_one_turn_are_sent_once():
    client, connection = await started()
    leave = [client.watch(f"p{number}", lambda _r: None) for number in range(100)]
    await turns()
    assert connection.watches == [tuple(f"p{number}" for number in range(100))]
    for each in leave[1:]:
        each()
    await turns()
    assert connection.watches[1:] == [("p0",)]


async def test_second_listener_of_a_point_changes_nothing_for_the_engine():
    client, connection = await started()
    first = client.watch("p", lambda _r: None)
    await turns()
    second = client.watch("p", lambda _r: None)
    first()
    first()
    await turns()
    assert connection.watches == [("p",)]
    second()
    await turns()
    assert connection.watches == [("p",), ()]


async def test_leaving_late_does_not_end_the_watch_of_a_newcomer():
    client, connection = await started()
    leave = client.watch("p", lambda _r: None)
    leave()
    readings: list[Reading] = []
    client.watch("p", readings.append)
    leave()
    connection.publish(1, ReadingsChanged(readings=(("p", reading(1.0)),)))
    await turns()
    assert readings == [reading(1.0)]
    assert connection.watches == [("p",)]


async def test_point_watched_before_the_start_is_sent_after_it():
    connection = FakeConnection()
    client = EngineClient(connection)
    client.watch("p", lambda _r: None)
    await turns()
    assert connection.watches == []
    await client.start(SiteConfig())
    await turns()
    assert connection.watches == [("p",)]


async def test_newer_watch_replaces_one_that_is_still_on_its_way():
    client, connection = await started()
    connection.hold = asyncio.Event()
    client.watch("p", lambda _r: None)
    await turns()
    client.watch("q", lambda _r: None)
    await turns()
    assert connection.watches == [("p",), ("p", "q")]
    await client.stop()


async def test_stopping_ends_a_watch_that_is_due_or_on_its_way():
    client, connection = await started()
    connection.hold = asyncio.Event()
    client.watch("p", lambda _r: None)
    await turns()
    client.watch("q", lambda _r: None)
    await client.stop()
    await client.stop()
    await turns()
    assert connection.watches == [("p",)]
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("error", [NetworkError("down"), ConnectionLostError("gone")])
async def test_watch_that_cannot_be_sent_is_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
):
    client, connection = await started()
    connection.errors["watch"] = error
    client.watch("p", lambda _r: None)
    await turns()
    assert "Could not tell the engine what to keep fresh" in caplog.text
    await client.stop()


async def test_stopped_client_hears_nothing_more():
    client, connection = await started()
    heard: list[EngineEvent] = []
    states: list[bool] = []
    client.listen_changes(heard.append)
    client.listen_connected(states.append)
    await client.stop()
    connection.publish(1, DeviceChanged(device=device()))
    assert (heard, states) == ([], [False])


async def test_client_sets_a_meter():
    client, connection = await started()
    request = SetMeterRequest(point_id="n:1:energy", total=5.0, actor="Ada")
    await client.set_meter(request)
    assert connection.calls[-1] == ("set_meter", request)
    await client.stop()

"""A client whose engine went and came back is right again by itself."""

import asyncio
from dataclasses import replace
from typing import Any, override

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionLostError,
    PlantroomError,
    ReadOnlyError,
)
from custom_components.plantroom.engine.events import (
    DeviceChanged,
    DeviceRemoved,
    EngineEvent,
    NetworkStatusChanged,
    NumberedEvent,
    PointsChanged,
    ProblemsChanged,
    ReadingsChanged,
)
from custom_components.plantroom.engine.models import (
    Health,
    NetworkStatus,
    Problem,
    ProblemCode,
    Reading,
)
from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.site import AT, device, network_config, point, reading, until

ONE, TWO = point("analog-value,1"), point("analog-value,2")
NETWORK = NetworkStatus(network_id="n", health=Health.HEALTHY, since=AT)
SNAPSHOT = Snapshot(
    cursor=10,
    networks=(NETWORK,),
    devices=(device("n:1"), device("n:2")),
    statuses=(),
    points=(ONE, TWO),
    readings=((ONE.point_id, reading(1.0)),),
    problems=(),
)
SITE = SiteConfig(networks=(network_config(47808),))


class Server(Connection):
    """A wire that breaks and mends as told; kept: what events_since answers."""

    def __init__(self) -> None:
        super().__init__()
        self._instance = "first"
        self.snapshot = SNAPSHOT
        self.kept: tuple[NumberedEvent, ...] | None = None
        self.calls: list[tuple[str, Any]] = []
        self.errors: dict[str, list[Exception]] = {}
        self.hold = asyncio.Event()
        self.hold.set()

    @override
    async def connect(self) -> None:
        self._set_connected(True)

    @override
    async def disconnect(self) -> None:
        self._set_connected(False)

    @override
    async def call(self, command: str, request: Any = None) -> Any:
        if not self.connected:
            raise ConnectionLostError("gone")
        self.calls.append((command, request))
        await self.hold.wait()
        if self.errors.get(command):
            raise self.errors[command].pop(0)
        return {"snapshot": self.snapshot, "events_since": self.kept}.get(command)

    def lose(self) -> None:
        self._set_connected(False)
        self.calls.clear()

    def come_back(self, instance: str = "first", may_configure: bool = True) -> None:
        self._instance = instance
        self._may_configure = may_configure
        self._set_connected(True)

    def publish(self, number: int, event: EngineEvent) -> None:
        self._deliver(NumberedEvent(number=number, event=event))

    def fail(self, err: PlantroomError) -> None:
        self._give_up(err)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


class Watching:
    """A started client and all that its listeners hear."""

    def __init__(self) -> None:
        self.server = Server()
        self.client = EngineClient(self.server, client_id="me")
        self.heard: list[EngineEvent] = []
        self.states: list[bool] = []
        self.readings: list[Reading] = []

    async def start(self) -> None:
        await self.client.start(SITE)
        self.client.listen_changes(self.heard.append)
        self.client.listen_connected(self.states.append)
        self.client.watch(ONE.point_id, self.readings.append)
        await until(lambda: "watch" in self.server.names)


@pytest.fixture
async def watching():
    made = Watching()
    await made.start()
    yield made
    await made.client.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_listeners_hear_that_the_engine_went_and_that_it_is_back(watching):
    watching.server.lose()
    assert not watching.client.connected
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.states == [False, True]


async def test_engine_is_told_again_what_to_serve_and_what_to_keep_fresh(watching):
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: "watch" in watching.server.names)
    assert watching.server.calls[0] == ("configure", SITE)
    watch = WatchRequest(client_id="me", point_ids=(ONE.point_id,))
    assert watching.server.calls[-1] == ("watch", watch)


async def test_watch_withdrawn_while_the_engine_was_gone_is_withdrawn_there_too(
    watching,
):
    leave = watching.client.watch(TWO.point_id, lambda _r: None)
    watching.server.lose()
    leave()
    watching.server.come_back()
    await until(lambda: "watch" in watching.server.names)
    assert watching.server.calls[-1][1].point_ids == (ONE.point_id,)


async def test_configuration_asked_for_while_the_engine_was_gone_is_pushed_later(
    watching,
):
    watching.server.lose()
    with pytest.raises(ConnectionLostError):
        await watching.client.configure(SiteConfig())
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.server.calls[0] == ("configure", SiteConfig())


async def test_configuration_that_was_refused_is_not_pushed_again(watching):
    watching.server.errors["configure"] = [ConfigurationError("wrong")]
    with pytest.raises(ConfigurationError):
        await watching.client.configure(SiteConfig())
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.server.calls[0] == ("configure", SITE)


async def test_client_that_only_reads_pushes_nothing(watching):
    watching.server.lose()
    watching.server.come_back(may_configure=False)
    await until(lambda: watching.client.connected)
    assert "configure" not in watching.server.names
    assert not watching.client.may_configure


async def test_client_that_only_reads_starts_without_pushing():
    server = Server()
    server.come_back(may_configure=False)
    client = EngineClient(server)
    await client.start(SITE)
    assert server.names == ["snapshot"]
    await client.stop()


async def test_engine_that_takes_no_configuration_is_mirrored_all_the_same(
    watching, caplog: pytest.LogCaptureFixture
):
    watching.server.errors["configure"] = [ReadOnlyError("not yours", owner="client")]
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert "does not take its configuration: not yours" in caplog.text


async def test_missed_events_of_the_same_engine_are_told_in_order(watching):
    watching.server.lose()
    watching.server.kept = (
        NumberedEvent(number=11, event=DeviceRemoved(device_id="n:2")),
        NumberedEvent(
            number=12,
            event=ReadingsChanged(readings=((ONE.point_id, reading(2.0)),)),
        ),
    )
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.heard == [DeviceRemoved(device_id="n:2")]
    assert watching.readings == [reading(2.0)]
    assert watching.client.mirror.cursor == 12
    assert ("events_since", 10) in watching.server.calls
    assert "snapshot" not in watching.server.names


async def test_what_is_no_longer_kept_is_told_as_the_difference(watching):
    changed = replace(ONE, name="Renamed")
    problem = Problem(code=ProblemCode.PORT_IN_USE, subject="n")
    watching.server.snapshot = replace(
        SNAPSHOT,
        cursor=9999,
        networks=(replace(NETWORK, health=Health.DOWN),),
        devices=(device("n:1"), device("n:3")),
        points=(changed, point("analog-value,9")),
        readings=((ONE.point_id, reading(5.0)),),
        problems=(problem,),
    )
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.heard == [
        DeviceRemoved(device_id="n:2"),
        NetworkStatusChanged(status=replace(NETWORK, health=Health.DOWN)),
        DeviceChanged(device=device("n:3")),
        PointsChanged(
            device_id="n:1",
            added=(point("analog-value,9"),),
            changed=(changed,),
            removed=(TWO.point_id,),
        ),
        ProblemsChanged(problems=(problem,)),
    ]
    assert watching.readings == [reading(5.0)]


async def test_numbers_of_another_engine_are_never_taken_for_those_of_the_first(
    watching,
):
    watching.server.kept = ()
    watching.server.snapshot = replace(SNAPSHOT, cursor=2)
    watching.server.lose()
    watching.server.come_back("second")
    await until(lambda: watching.client.connected)
    assert "events_since" not in watching.server.names
    watching.server.publish(3, DeviceRemoved(device_id="n:2"))
    assert watching.heard == [DeviceRemoved(device_id="n:2")]


async def test_nobody_is_told_of_what_did_not_change(watching):
    watching.server.lose()
    watching.server.come_back("second")
    await until(lambda: watching.client.connected)
    assert (watching.heard, watching.readings) == ([], [])


async def test_events_that_come_while_catching_up_are_told_after_it(watching):
    watching.server.lose()
    watching.server.kept = (
        NumberedEvent(number=11, event=DeviceRemoved(device_id="n:2")),
    )
    watching.server.hold.clear()
    watching.server.come_back()
    watching.server.publish(11, DeviceRemoved(device_id="n:2"))
    watching.server.publish(12, DeviceChanged(device=device("n:4")))
    await until(lambda: watching.server.calls)
    assert not watching.client.connected
    watching.server.hold.set()
    await until(lambda: watching.client.connected)
    assert watching.heard == [
        DeviceRemoved(device_id="n:2"),
        DeviceChanged(device=device("n:4")),
    ]


async def test_engine_that_goes_again_while_catching_up_is_no_matter(watching):
    watching.server.hold.clear()
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.server.calls)
    watching.server.lose()
    watching.server.hold.set()
    watching.server.kept = ()
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert watching.states == [False, True]


async def test_catching_up_that_fails_is_tried_again(
    watching, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(
        "custom_components.plantroom.client.backoff_seconds", lambda *_a, **_k: 0.001
    )
    watching.server.errors["snapshot"] = [PlantroomError("out of memory")] * 2
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.client.connected)
    assert caplog.text.count("Could not catch up with the engine") == 2


async def test_stopping_while_catching_up_leaves_nothing_behind(watching):
    watching.server.hold.clear()
    watching.server.lose()
    watching.server.come_back()
    await until(lambda: watching.server.calls)
    await watching.client.stop()
    assert watching.states == [False]


async def test_what_only_a_person_can_mend_is_told(watching):
    heard: list[PlantroomError] = []
    watching.client.listen_failure(heard.append)
    watching.server.fail(AuthenticationError("the token changed"))
    assert [str(err) for err in heard] == ["the token changed"]

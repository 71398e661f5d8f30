"""Going and coming back is told once, and since when stays right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    EngineEvent,
    NetworkRemoved,
    NetworkStatusChanged,
)
from custom_components.plantroom.engine.health import HealthBoard
from custom_components.plantroom.engine.models import DeviceStatus, Health
from tests.site import AT

ONLINE = DeviceStatus(device_id="n:1", online=True, since=AT)


def board_and_events() -> tuple[HealthBoard, list[EngineEvent]]:
    bus = EventBus()
    heard: list[EngineEvent] = []
    bus.listen(lambda numbered: heard.append(numbered.event))
    return HealthBoard(bus), heard


def later(status: DeviceStatus, **facts: Any) -> DeviceStatus:
    return replace(status, since=status.since + timedelta(minutes=5), **facts)


def test_network_that_stays_as_it_is_keeps_its_since_and_tells_nothing():
    board, heard = board_and_events()
    before = datetime.now(UTC)
    board.network("n", Health.HEALTHY)
    board.network("n", Health.HEALTHY)
    (status,) = board.networks()
    assert heard == [NetworkStatusChanged(status=status)]
    assert before <= status.since <= datetime.now(UTC)


def test_network_that_is_down_says_why_and_loses_the_reason_when_it_is_back():
    board, _ = board_and_events()
    board.network("n", Health.HEALTHY)
    board.network("n", Health.DOWN, "port_in_use", {"port": "47808"})
    (down,) = board.networks()
    assert (down.reason, down.facts) == ("port_in_use", {"port": "47808"})
    board.network("n", Health.HEALTHY)
    (up,) = board.networks()
    assert (up.reason, up.facts) == ("", {})


def test_network_counts_its_devices_and_no_others():
    board, _ = board_and_events()
    board.network("n", Health.HEALTHY)
    board.device(ONLINE)
    board.device(replace(ONLINE, device_id="n:2", online=False))
    board.device(replace(ONLINE, device_id="nn:1"))
    (status,) = board.networks()
    assert (status.devices_online, status.devices_total) == (1, 2)
    board.forget_device("n:2")
    (status,) = board.networks()
    assert (status.devices_online, status.devices_total) == (1, 1)


def test_new_health_of_a_network_keeps_the_count_of_its_devices():
    board, _ = board_and_events()
    board.network("n", Health.HEALTHY)
    board.device(ONLINE)
    board.network("n", Health.DEGRADED)
    (status,) = board.networks()
    assert (status.devices_online, status.devices_total) == (1, 1)


def test_device_keeps_its_since_while_it_is_as_online_as_before():
    board, heard = board_and_events()
    board.device(ONLINE)
    board.device(later(ONLINE, cov_points=3))
    assert board.devices() == (replace(ONLINE, cov_points=3),)
    board.device(later(ONLINE, online=False))
    assert board.devices()[0].since == AT + timedelta(minutes=5)
    assert len(heard) == 3


def test_device_that_is_read_as_before_tells_nothing():
    board, heard = board_and_events()
    board.device(ONLINE)
    board.device(later(ONLINE))
    assert heard == [DeviceStatusChanged(status=ONLINE)]


def test_forgotten_network_is_told_once():
    board, heard = board_and_events()
    board.network("n", Health.HEALTHY)
    board.forget_network("n")
    board.forget_network("n")
    assert heard[1:] == [NetworkRemoved(network_id="n")]
    assert board.networks() == ()


def test_forgetting_an_unknown_device_tells_nothing():
    board, heard = board_and_events()
    board.forget_device("n:1")
    assert heard == []

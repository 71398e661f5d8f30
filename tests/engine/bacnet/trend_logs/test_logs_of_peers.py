"""Logs that rusty-bacnet's server keeps, read by our engine: a log that is not ours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from rusty_bacnet import (
    BACnetServer,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
    TrendLogSummary,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.ports import free_port
from tests.site import SiteHost, device_config, network_config, until

PEER = "n:7006"
INPUTS = [ObjectIdentifier(ObjectType.ANALOG_INPUT, n) for n in (1, 2, 3)]
HUNDREDTHS = 20
LARGEST = 4_294_967_295


@pytest.fixture
async def peer() -> AsyncIterator[tuple[int, BACnetServer]]:
    """Return the port and a server that logs three inputs, each in its own way."""
    port = free_port()
    server = BACnetServer(
        device_instance=7006,
        device_name="Logs",
        interface="127.0.9.6",
        port=port,
        broadcast_address="127.255.255.255",
        share_port_by_address=True,
    )
    present = PropertyIdentifier.PRESENT_VALUE
    for number, value in enumerate((20.5, 21.5, 22.5), 1):
        server.add_analog_input(number, f"Input {number}", 62, value)
    server.add_trend_log(
        1, "Polled", 5000, reference=(INPUTS[0], present), log_interval=HUNDREDTHS,
        logging_type="polled",
    )  # fmt: skip
    server.add_trend_log(
        2, "Changes", 100, reference=(INPUTS[1], present), logging_type="cov",
        total_record_count=LARGEST - 3,
    )  # fmt: skip
    server.add_trend_log_multiple(
        1, "Several", 8, members=[(each, present) for each in INPUTS[1:]],
        log_interval=HUNDREDTHS,
    )  # fmt: skip
    await server.start()
    yield port, server
    await server.stop()


@pytest.fixture
async def running(peer: tuple[int, BACnetServer]) -> AsyncIterator[Running]:
    """Return an engine that knows the peer."""
    port, _ = peer
    engine = Engine(SiteHost())
    await engine.start()
    site = SiteConfig(networks=(network_config(port),), devices=(device_config(7006),))
    made = Running(engine)
    await made.configure(site)
    await until(lambda: engine._points.of_device(PEER))
    yield made
    await engine.stop()


async def logs_of(running: Running) -> dict[tuple[str, str], TrendLogSummary]:
    found = await running.engine.call("trend_logs", PEER)
    return {(each.reference, each.point_id.rpartition(":")[2]): each for each in found}


async def asked(running: Running, number: int) -> HoursAnswer:
    now = datetime.now(UTC)
    request = HoursRequest(
        point_ids=(f"{PEER}:analog-input,{number}",),
        start=now - timedelta(hours=3),
        end=now + timedelta(hours=1),
        sources=(HourSource.TREND_LOG,),
    )
    answer: HoursAnswer = await running.engine.call("hours", request)
    return answer


async def asked_until(running: Running, number: int, last: float) -> HoursAnswer:
    """Ask until a log, by its server's own clock, holds what was shown last."""
    async with asyncio.timeout(60):
        while True:
            answer = await asked(running, number)
            if answer.hours and answer.hours[-1].last == last:
                return answer
            await asyncio.sleep(0.1)


async def test_every_kind_of_log_is_described(running: Running):
    found = await logs_of(running)
    assert {key: each.interval_seconds for key, each in found.items()} == {
        ("trend-log,1", "analog-input,1"): 0.2,
        ("trend-log,2", "analog-input,2"): 0.0,
        ("trend-log-multiple,1", "analog-input,2"): 0.2,
        ("trend-log-multiple,1", "analog-input,3"): 0.2,
    }
    assert all(each.enabled for each in found.values())


async def test_what_it_logged_is_what_it_showed(
    running: Running, peer: tuple[int, BACnetServer]
):
    _, server = peer
    for value in (30.0, 31.0, 32.0, 33.0, 34.0, 35.0):
        for each in INPUTS:
            await server.set_present_value_local(each, PropertyValue.real(value))
        await asyncio.sleep(0.5)
    await until_async(running, ("trend-log,2", "analog-input,2"), 7)
    # Numbers of the log of changes went on with 1 after the largest
    for number, first in ((1, 20.5), (2, 21.5)):
        answer = await asked_until(running, number, 35.0)
        assert answer.unread == ()
        assert answer.hours[0].first == first
        assert max(each.maximum for each in answer.hours) == 35.0
        assert sum(each.covered_seconds for each in answer.hours) >= 2.5
    # A ring of eight records no longer holds how it began
    answer = await asked_until(running, 3, 35.0)
    assert answer.hours[0].first > 22.5


async def until_async(running: Running, key: tuple[str, str], records: int) -> None:
    """Wait until a log holds so many records."""
    async with asyncio.timeout(60):
        while (await logs_of(running))[key].records < records:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

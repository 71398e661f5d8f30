"""An event is what BACnet clients read and hear; what they write is an event."""

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from bac_py.encoding.primitives import decode_real
from plantroom_server.gateway.event_gateway import event_gateway
from plantroom_server.gateway.kept_objects import key_text
from plantroom_server.gateway_errors import RecoveryCacheError
from plantroom_server.recovery_cache.port import CachedState
from plantroom_server.recovery_cache.redis import RedisCache

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
)
from custom_components.plantroom.engine.models import Verdict, WriteRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.bacnet.local_objects.clients import bac_py_client
from tests.peers.redis_server import RedisServer
from tests.ports import free_port
from tests.site import SiteHost, network_config, until

from .following_bench import STREAM, SUPPLY, VALVE, defined, subscription, told

HOST = "127.0.14.1"


class Plant:
    """An engine with a gateway that follows a log of its own."""

    def __init__(self, engine: Engine, port: int) -> None:
        self.engine = engine
        self.port = port
        self.address = f"{HOST}:{port}"

    @property
    def store(self) -> Any:
        """Return the log that the subscription follows."""
        return self.engine._gatekeeping._gateway.source("log")

    async def commands(self) -> list[dict[str, Any]]:
        """Return what clients commanded, as the log has it."""
        config = subscription(network_id="n", stream=f"{STREAM}-commands")
        return [json.loads(event.data) async for event in self.store.read(config)]


def site_on(port: int) -> SiteConfig:
    """Return a site whose own device shows the events of a log."""
    return SiteConfig(
        networks=(network_config(port, address=f"{HOST}/8"),),
        gateway=GatewayConfig(
            stores=(EventStoreConfig(store_id="log"),),
            subscriptions=(subscription(network_id="n"),),
        ),
    )


@pytest.fixture
async def plant(tmp_path):
    engine = Engine(SiteHost(data_folder=tmp_path), partial(event_gateway, tmp_path))
    await engine.start()
    port = free_port()
    await engine.call("configure", site_on(port))
    yield Plant(engine, port)
    await engine.stop()


async def test_an_event_is_read_and_told_to_subscribers(plant):
    await plant.store.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 19.5)])
    objects = plant.engine._gatekeeping.objects_of("n")
    await until(lambda: objects.state(SUPPLY) and objects.state(SUPPLY).value == 19.5)
    await until(lambda: objects.live, 60)
    heard: list[float] = []

    def hear(notification: Any, _source: Any) -> None:
        # The present value comes first
        heard.append(decode_real(notification.list_of_values[0].value[-4:]))

    async with bac_py_client(plant.port, "127.0.14.3") as client:
        read = partial(client.read, plant.address, "analog-input,1")
        assert await read("present-value") == 19.5
        assert await read("object-name") == "Supply"
        await client.subscribe_cov_ex(
            plant.address,
            "analog-input,1",
            process_id=1,
            confirmed=True,
            lifetime=60,
            callback=hear,
        )
        # A notification comes twice when its acknowledgement is late
        await until(lambda: heard[-1:] == [19.5])
        await plant.store.append(STREAM, [told(SUPPLY, 21.25)])
        await until(lambda: heard[-1:] == [21.25])
        assert await read("present-value") == 21.25


async def test_what_objects_show_is_kept_in_the_redis_that_the_server_was_given(
    tmp_path,
):
    async with RedisServer(tmp_path / "redis") as redis:
        made = partial(event_gateway, tmp_path, redis_url=redis.url)
        engine = Engine(SiteHost(data_folder=tmp_path), made)
        await engine.start()
        site = site_on(free_port())
        await engine.call("configure", site)
        store = engine._gatekeeping._gateway.source("log")
        await store.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 19.5)])
        objects = engine._gatekeeping.objects_of("n")
        await until(lambda: objects.state(SUPPLY) and objects.state(SUPPLY).value)
        cache = RedisCache(redis.url)
        # An end waits for a slow Redis no longer than for one that hangs
        kept = await _kept_until(cache, 2)
        await engine.stop()
        await cache.stop()
    assert key_text(SUPPLY) in kept.values


async def _kept_until(cache: RedisCache, position: int) -> CachedState:
    """Return what is kept once it is of a position."""
    async with asyncio.timeout(60):
        while True:
            with suppress(RecoveryCacheError):
                kept = await cache.load("north")
                if kept.position == position:
                    return kept
            await asyncio.sleep(0.05)


async def test_what_a_client_writes_is_an_event_once(plant):
    await plant.store.append(STREAM, [defined(VALVE, "Valve")])
    objects = plant.engine._gatekeeping.objects_of("n")
    # Who is not answered asks again, and would command twice
    await until(lambda: objects.state(VALVE) and objects.live, 60)
    async with bac_py_client(plant.port, "127.0.14.3") as client:
        await client.write(
            plant.address, "analog-output,2", "present-value", 40.0, priority=8
        )
    (command,) = await _until_sent(plant, 1)
    assert command["presentValue"] == 40.0
    assert command["priority"] == 8
    assert command["sourceAddress"].startswith("127.0.14.3")


async def test_what_a_person_writes_is_an_event_in_our_name(plant):
    await plant.store.append(STREAM, [defined(VALVE, "Valve")])
    point_id = "n:4194000:analog-output,2"
    await until(lambda: plant.engine._points.reading(point_id))
    request = WriteRequest(point_id=point_id, value=55.0)
    result = await plant.engine.call("write", request)
    assert result.verdict is Verdict.VERIFIED
    (command,) = await _until_sent(plant, 1)
    assert (command["presentValue"], command["sourceAddress"]) == (55.0, "Plantroom")


async def _until_sent(plant: Plant, count: int) -> list[dict[str, Any]]:
    status = plant.engine._gatekeeping.statuses[0]
    assert status.subscription_id == "north"
    await until(lambda: not plant.engine._gatekeeping.statuses[0].commands_waiting)
    found = await plant.commands()
    assert len(found) == count
    return found

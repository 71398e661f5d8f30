"""Of two servers at most one is the device, at every moment."""

import pytest
from plantroom_server.gateway import device_hold
from plantroom_server.gateway.device_hold import DeviceHold
from plantroom_server.recovery_cache.redis import RedisCache

from custom_components.plantroom.engine.bacnet.local_objects.objects import (
    LocalObjects,
)
from tests.peers.redis_server import RedisServer
from tests.site import until

WAIT_SECONDS = 60


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(device_hold, "HOLD_SECONDS", 2.0)
    monkeypatch.setattr(device_hold, "RENEW_SECONDS", 0.3)
    monkeypatch.setattr(device_hold, "ASK_SECONDS", 0.1)


@pytest.fixture
async def redis(tmp_path):
    async with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def hold(redis):
    """Return what makes a server's hold on the device, and whether it answers."""
    made = []

    def begin() -> tuple[LocalObjects, DeviceHold]:
        objects, cache = LocalObjects(), RedisCache(redis.url)
        held = DeviceHold("lan", objects, cache, ())
        held.start()
        made.append((held, cache))
        return objects, held

    yield begin
    for held, cache in made:
        await held.stop()
        await cache.stop()


async def test_the_second_takes_over_at_once_when_the_first_ends(hold):
    objects, first = hold()
    await until(lambda: objects.live, WAIT_SECONDS)
    others, _ = hold()
    assert not others.live
    await first.stop()
    assert not objects.live
    await until(lambda: others.live, WAIT_SECONDS)


async def test_who_cannot_renew_is_silent_before_anybody_else_may_begin(hold, redis):
    objects, _ = hold()
    await until(lambda: objects.live, WAIT_SECONDS)
    redis.hang()
    await until(lambda: not objects.live, WAIT_SECONDS)
    redis.go_on()
    await until(lambda: objects.live, WAIT_SECONDS)


async def test_who_does_not_run_is_silent_when_its_hold_has_ended(hold):
    objects, held = hold()
    await until(lambda: objects.live, WAIT_SECONDS)
    assert held._task is not None
    # As a process that is stopped: nothing of it runs, and nobody tells the device
    held._task.cancel()
    await until(lambda: not objects.live, WAIT_SECONDS)

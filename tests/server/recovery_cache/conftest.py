"""Both recovery caches, the one in a real Redis."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from plantroom_server.recovery_cache import redis
from plantroom_server.recovery_cache.embedded import EmbeddedCache
from plantroom_server.recovery_cache.port import RecoveryCache
from plantroom_server.recovery_cache.redis import RedisCache

from tests.peers.redis_server import RedisServer


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """Have no Redis taken for hung because the machine is busy."""
    monkeypatch.setattr(redis, "ANSWER_SECONDS", 60.0)


@pytest.fixture
async def redis_server(tmp_path: Path, socket_enabled) -> AsyncIterator[RedisServer]:
    async with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture(params=["embedded", "redis"])
def open_cache(request, tmp_path):
    """Return what makes another cache on the same store, not started."""
    if request.param == "embedded":
        return lambda: EmbeddedCache(tmp_path)
    url = request.getfixturevalue("redis_server").url
    return lambda: RedisCache(url)


@pytest.fixture
async def cache(open_cache) -> AsyncIterator[RecoveryCache]:
    made: RecoveryCache = open_cache()
    await made.start()
    yield made
    await made.stop()

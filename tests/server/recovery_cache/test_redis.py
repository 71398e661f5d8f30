"""A Redis that dies, hangs or forgets is noticed, and taken again when it is back."""

import asyncio
from contextlib import suppress

import pytest
from plantroom_server.gateway_errors import (
    CacheLostError,
    FencedError,
    HeldError,
    RecoveryCacheError,
)
from plantroom_server.recovery_cache import redis
from plantroom_server.recovery_cache.port import CacheFlush
from plantroom_server.recovery_cache.redis import RedisCache
from redis.asyncio import Redis


@pytest.fixture
async def redis_cache(redis_server):
    cache = RedisCache(redis_server.url)
    await cache.start()
    yield cache
    await cache.stop()


async def connected(cache: RedisCache) -> None:
    """Connect, however busy the machine is."""
    async with asyncio.timeout(60):
        while True:
            with suppress(RecoveryCacheError):
                await cache.start()
                return


async def test_killed_redis_fails_and_has_all_when_it_is_back(
    redis_server, redis_cache
):
    term = await redis_cache.take_term("north")
    await redis_cache.flush("north", term, CacheFlush(values={"a": "1"}, position=1))
    await redis_server.kill()
    with pytest.raises(RecoveryCacheError):
        await redis_cache.flush("north", term, CacheFlush(position=2))
    await redis_server.start()
    await redis_cache.flush("north", term, CacheFlush(position=3))
    state = await redis_cache.load("north")
    assert (state.values, state.position) == ({"a": "1"}, 3)


async def test_hung_redis_fails_in_bounded_time(redis_server, redis_cache, monkeypatch):
    term = await redis_cache.take_term("north")
    monkeypatch.setattr(redis, "ANSWER_SECONDS", 1.0)
    served = RedisCache(redis_server.url)
    await connected(served)
    redis_server.hang()
    with pytest.raises(RecoveryCacheError):
        await served.flush("north", term, CacheFlush(position=2))
    redis_server.go_on()
    await served.stop()
    await redis_cache.flush("north", term, CacheFlush(position=3))
    assert (await redis_cache.load("north")).position == 3


async def test_emptied_redis_is_no_success(redis_server, redis_cache):
    term = await redis_cache.take_term("north")
    await redis_cache.flush("north", term, CacheFlush(values={"a": "1"}, position=1))
    other = Redis.from_url(redis_server.url)
    await other.flushall()
    await other.aclose()
    with pytest.raises(CacheLostError):
        await redis_cache.flush("north", term, CacheFlush(position=2))


async def test_url_that_is_none_is_refused_without_its_text():
    with pytest.raises(RecoveryCacheError) as caught:
        RedisCache("http://user:secret@host")
    assert "secret" not in str(caught.value)


async def test_nobody_takes_a_term_that_is_held(redis_server, redis_cache):
    term = await redis_cache.take_term("north", holds_seconds=60)
    other = RedisCache(redis_server.url)
    with pytest.raises(HeldError):
        await other.take_term("north", holds_seconds=60)
    await redis_cache.renew("north", term, 60)
    await redis_cache.release("north", term)
    later = await other.take_term("north", holds_seconds=60)
    assert later > term
    with pytest.raises(FencedError):
        await redis_cache.renew("north", term, 60)
    await redis_cache.release("north", term)
    with pytest.raises(HeldError):
        await redis_cache.take_term("north")
    await other.stop()


async def test_term_that_is_renewed_no_more_can_be_taken(redis_server, redis_cache):
    await redis_cache.take_term("north", holds_seconds=0.2)
    other = RedisCache(redis_server.url)
    async with asyncio.timeout(60):
        while True:
            try:
                assert await other.take_term("north") == 2
            except HeldError:
                await asyncio.sleep(0.05)
            else:
                break
    await other.stop()

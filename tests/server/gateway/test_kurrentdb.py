"""What a gateway shows of a KurrentDB is right, whatever happens to that."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from plantroom_server.event_source.building import event_source
from plantroom_server.recovery_cache.embedded import EmbeddedCache

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)
from custom_components.plantroom.engine.gateway.models import SubscriptionState

from .following_bench import STREAM, SUPPLY, FollowingBench, defined, following, told

EVENTS = 3_000


@pytest.fixture
async def source(kurrentdb):
    config = EventStoreConfig(store_id="s", kind=StoreKind.KURRENTDB, uri=kurrentdb.uri)
    made = event_source(None, config)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def other_cache(tmp_path):
    kept = EmbeddedCache(tmp_path / "other")
    await kept.start()
    yield kept
    await kept.stop()


async def watch(bench: FollowingBench, seen: list[float]) -> None:
    """Note every value that is shown, for ever."""
    while True:
        value = bench.value(SUPPLY)
        if value is not None and seen[-1:] != [value]:
            seen.append(value)
        await asyncio.sleep(0)


@pytest.mark.parametrize("fault", ["kill", "drop"])
async def test_nothing_is_lost_and_nothing_older_is_shown(
    source, kurrentdb, cache, ledger, fault
):
    await source.append(STREAM, [defined(SUPPLY, "Supply")])
    for first in range(1, EVENTS, 500):
        await source.append(STREAM, [told(SUPPLY, first + n) for n in range(500)])
    seen: list[float] = []
    async with following(source, cache, ledger) as bench:
        watching = asyncio.create_task(watch(bench, seen))
        for reached in (EVENTS / 10, EVENTS / 3, EVENTS / 2):
            await bench.until(lambda at=reached: (bench.value(SUPPLY) or 0) >= at)
            if fault == "kill":
                kurrentdb.kill()
                kurrentdb.start()
            else:
                kurrentdb.drop_connections()
        await bench.shows(SUPPLY, float(EVENTS))
        await bench.saved()
        watching.cancel()
        await bench.until(lambda: bench.status.state is SubscriptionState.RUNNING)
        assert bench.status.parked == 0
    assert seen == sorted(seen)


async def test_standby_of_a_group_says_so_and_takes_over(
    source, cache, other_cache, ledger
):
    await source.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 1)])
    async with AsyncExitStack() as servers:
        first = await servers.enter_async_context(following(source, cache, ledger))
        # Whoever is there first is at work
        await first.shows(SUPPLY, 1.0)
        second = await servers.enter_async_context(
            following(source, other_cache, ledger)
        )
        await second.until(lambda: second.status.state is SubscriptionState.STANDBY)
        await first.saved()
        await first.following.stop()
        await source.append(STREAM, [told(SUPPLY, 2)])
        await second.shows(SUPPLY, 2.0)

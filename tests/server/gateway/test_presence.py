"""Our device is silent until it cannot show anything older than before."""

import asyncio

import pytest
from plantroom_server.gateway import presence
from plantroom_server.gateway.presence import Presence

from tests.site import until

from .following_bench import STREAM, SUPPLY, defined, following, told


async def test_device_answers_once_it_has_caught_up(source, cache, ledger, monkeypatch):
    # What a busy machine needs to catch up is no sign that the store is away
    monkeypatch.setattr(presence, "CATCH_UP_SECONDS", 60.0)
    await source.append(STREAM, [defined(SUPPLY, "Supply")])
    await source.append(STREAM, [told(SUPPLY, number) for number in range(1, 500)])
    async with following(source, cache, ledger) as bench:
        device = Presence(bench.objects, [bench.following])
        device.start()
        assert not bench.objects.live
        await until(lambda: bench.objects.live, 60)
        assert bench.value(SUPPLY) == 499.0
        await device.stop()


async def test_device_answers_with_what_is_kept_when_the_store_is_away(
    source, cache, ledger, monkeypatch
):
    monkeypatch.setattr(presence, "CATCH_UP_SECONDS", 0.1)
    await source.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 1)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 1.0)
        await bench.saved()
    await source.stop()
    async with following(source, cache, ledger) as bench:
        device = Presence(bench.objects, [bench.following])
        device.start()
        await until(lambda: bench.objects.live, 60)
        assert bench.value(SUPPLY) == 1.0
        assert not bench.following.caught_up.is_set()
        await device.stop()


async def test_device_without_objects_stays_silent(source, cache, ledger, monkeypatch):
    monkeypatch.setattr(presence, "CATCH_UP_SECONDS", 0.01)
    await cache.stop()
    async with following(source, cache, ledger) as bench:
        device = Presence(bench.objects, [bench.following])
        device.start()
        await bench.until(lambda: bench.status.reason == "recovery_cache_error")
        await asyncio.sleep(0.05)
        assert not bench.objects.live
        await device.stop()


@pytest.mark.parametrize("answers", [True, False])
async def test_renewing_silences_and_wakes_nobody(source, cache, ledger, answers):
    async with following(source, cache, ledger) as bench:
        device = Presence(bench.objects, [bench.following])
        device.answers = answers
        bench.objects.set_live(False)
        device.renew()
        assert bench.objects.live is answers

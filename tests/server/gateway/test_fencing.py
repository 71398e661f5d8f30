"""A late word of a server that was killed stops nobody for good."""

from plantroom_server.gateway import following as following_module

from custom_components.plantroom.engine.gateway.models import SubscriptionState

from .following_bench import STREAM, SUPPLY, defined, following, told


async def test_server_whose_term_was_taken_takes_another(
    source, cache, ledger, monkeypatch
):
    monkeypatch.setattr(following_module, "FENCED_SECONDS", 0.1)
    await source.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 1)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 1.0)
        await bench.saved()
        # What the one before had sent when it was killed
        await cache.take_term("north")
        await source.append(STREAM, [told(SUPPLY, 2)])
        await bench.until(lambda: bench.status.reason == "fenced")
        await source.append(STREAM, [told(SUPPLY, 3)])
        await bench.shows(SUPPLY, 3.0)
        await bench.saved()
        await bench.until(lambda: bench.status.state is SubscriptionState.RUNNING)
    kept = await cache.load("north")
    assert "3.0" in kept.values["analog-input,1"]

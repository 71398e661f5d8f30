"""What a client was told is done stays done, whatever the cache had heard of it."""

import json
from typing import Any

import pytest
from plantroom_server.gateway.commands_out import CommandsOut
from plantroom_server.gateway.ledger import Ledger
from plantroom_server.gateway_errors import EventSourceError
from plantroom_server.recovery_cache.embedded import EmbeddedCache

from custom_components.plantroom.engine.bacnet.local_objects.models import LocalCommand
from custom_components.plantroom.engine.errors import StorageError

from .following_bench import (
    STREAM,
    VALVE,
    FollowingBench,
    defined,
    following,
    subscription,
    told,
)


@pytest.fixture
async def other_cache(tmp_path):
    kept = EmbeddedCache(tmp_path / "other")
    await kept.start()
    yield kept
    await kept.stop()


@pytest.fixture
async def other_ledger(tmp_path):
    kept = Ledger(tmp_path / "other")
    await kept.start()
    yield kept
    await kept.stop()


async def command(bench: FollowingBench, value: float | None) -> None:
    """Command the valve as a client at priority 8."""
    asked = LocalCommand(key=VALVE, value=value, priority=8, source="127.0.0.9")
    await bench.objects.command(asked)


async def commands(source) -> list[float | None]:
    """Return what was written, as the store has it."""
    config = subscription(stream=f"{STREAM}-commands")
    return [
        json.loads(event.data)["presentValue"] async for event in source.read(config)
    ]


async def test_command_that_the_cache_never_heard_of_is_in_force_after_a_kill(
    source, cache, ledger
):
    await source.append(STREAM, [defined(VALVE, "Valve"), told(VALVE, 10.0)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 10.0)
        await bench.saved()
        await command(bench, 40.0)
        await command(bench, 41.0)
        await bench.following.stop(save=False)
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.restored.is_set)
        assert bench.value(VALVE) == 41.0
        await bench.sent()
        await bench.saved()
    assert await commands(source) == [40.0, 41.0]
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 41.0)
        await bench.sent()
    assert await commands(source) == [40.0, 41.0]


async def test_command_is_in_force_after_a_kill_though_an_event_came_and_was_kept_meanwhile(
    source, cache, ledger, monkeypatch
):
    await source.append(STREAM, [defined(VALVE, "Valve"), told(VALVE, 10.0)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 10.0)
        await command(bench, 40.0)
        add = ledger.add_command

        async def killed_then(*facts: Any):
            await add(*facts)
            await source.append(STREAM, [told(VALVE, 20.0)])
            await bench.until(lambda: bench.status.handled == 3)
            await bench.saved()
            await bench.following.stop(save=False)
            raise StorageError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(ledger, "add_command", killed_then)
            with pytest.raises(StorageError):
                await command(bench, 41.0)
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.caught_up.is_set)
        assert bench.value(VALVE) == 41.0
        await bench.sent()
    assert await commands(source) == [40.0, 41.0]


async def test_command_of_a_server_that_was_away_does_not_undo_those_of_its_successor(
    source, cache, ledger, other_ledger
):
    await source.append(STREAM, [defined(VALVE, "Valve")])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: VALVE in [*bench.objects.keys()])
        await bench.saved()
        await command(bench, 40.0)
        await bench.following.stop(save=False)
    async with following(source, cache, other_ledger) as bench:
        await bench.until(bench.following.caught_up.is_set)
        await source.append(STREAM, [told(VALVE, 20.0)])
        await command(bench, 50.0)
        await bench.until(lambda: bench.status.handled)
        await bench.saved()
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.caught_up.is_set)
        assert bench.value(VALVE) == 50.0


async def test_commands_that_wait_are_counted_after_a_restart(
    source, cache, ledger, monkeypatch
):
    await source.append(STREAM, [defined(VALVE, "Valve"), told(VALVE, 10.0)])

    async def away(*_: Any) -> None:
        raise EventSourceError("The event store is away")

    monkeypatch.setattr(CommandsOut, "_send_some", away)
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 10.0)
        await command(bench, 60.0)
        await command(bench, 70.0)
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.restored.is_set)
        assert bench.status.commands_waiting == 2


async def test_command_is_forgotten_here_once_the_store_and_the_cache_have_it(
    source, cache, ledger
):
    await source.append(STREAM, [defined(VALVE, "Valve")])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: VALVE in [*bench.objects.keys()])
        await command(bench, 40.0)
        while await ledger.kept_commands("north"):
            assert bench.value(VALVE) == 40.0
        kept = await cache.load("north")
    assert "40.0" in kept.values["analog-output,2"]


async def test_what_an_event_said_after_a_command_is_not_undone_by_a_restart(
    source, cache, ledger
):
    await source.append(STREAM, [defined(VALVE, "Valve")])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: VALVE in [*bench.objects.keys()])
        await command(bench, 40.0)
        await source.append(STREAM, [told(VALVE, 50.0, priority=8)])
        await bench.shows(VALVE, 50.0)
        await bench.saved()
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.caught_up.is_set)
        assert bench.value(VALVE) == 50.0


@pytest.mark.parametrize(("last", "shown"), [(41.0, 41.0), (None, 10.0)])
async def test_commands_are_recalled_from_the_store_where_the_cache_is_lost(
    source, cache, other_cache, ledger, last, shown
):
    await source.append(STREAM, [defined(VALVE, "Valve"), told(VALVE, 10.0)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 10.0)
        await command(bench, 40.0)
        await command(bench, last)
        await bench.sent()
        await bench.saved()
    async with following(source, other_cache, ledger) as bench:
        await bench.until(bench.following.caught_up.is_set)
        assert bench.value(VALVE) == shown

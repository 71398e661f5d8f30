"""What every recovery cache keeps, and from whom it takes nothing."""

import pytest
from plantroom_server.gateway_errors import CacheLostError, FencedError
from plantroom_server.recovery_cache.port import CacheFlush

FIRST = CacheFlush(
    definitions={"ai,1": '{"name": "é"}', "ai,2": "{}"},
    values={"ai,1": "21.5", "ai,2": "0"},
    position=7,
    event_id="e7",
)


async def test_nothing_is_kept_of_what_was_never_written(cache):
    state = await cache.load("north")
    assert (state.definitions, state.values, state.position) == ({}, {}, None)


async def test_what_was_flushed_is_loaded_by_another(cache, open_cache):
    await cache.flush("north", await cache.take_term("north"), FIRST)
    await cache.stop()
    later = open_cache()
    await later.start()
    state = await later.load("north")
    await later.stop()
    assert state.definitions == FIRST.definitions
    assert state.values == FIRST.values
    assert (state.position, state.event_id) == (7, "e7")


async def test_flush_changes_and_deletes_and_leaves_the_rest(cache):
    term = await cache.take_term("north")
    await cache.flush("north", term, FIRST)
    changes = CacheFlush(
        definitions={"ai,2": None}, values={"ai,1": "22.0", "ai,2": None}, position=9
    )
    await cache.flush("north", term, changes)
    await cache.flush("north", term, CacheFlush())
    state = await cache.load("north")
    assert state.definitions == {"ai,1": '{"name": "é"}'}
    assert (state.values, state.position) == ({"ai,1": "22.0"}, 9)


async def test_subscriptions_do_not_mix(cache):
    await cache.flush("north", await cache.take_term("north"), FIRST)
    await cache.flush("south", await cache.take_term("south"), CacheFlush(position=1))
    await cache.forget("north")
    assert (await cache.load("north")).position is None
    assert (await cache.load("north")).values == {}
    assert (await cache.load("south")).position == 1


async def test_writer_whose_term_is_over_is_refused(cache, open_cache):
    old = await cache.take_term("north")
    successor = open_cache()
    await successor.start()
    new = await successor.take_term("north")
    await successor.flush("north", new, FIRST)
    with pytest.raises(FencedError):
        await cache.flush("north", old, CacheFlush(values={"ai,1": "1"}, position=8))
    state = await successor.load("north")
    await successor.stop()
    assert new > old
    assert (state.values["ai,1"], state.position) == ("21.5", 7)


async def test_cache_that_lost_what_it_kept_says_so(cache):
    term = await cache.take_term("north")
    await cache.flush("north", term, FIRST)
    await cache.forget("north")
    with pytest.raises(CacheLostError):
        await cache.flush("north", term, CacheFlush(position=8))
    await cache.flush("north", await cache.take_term("north"), FIRST)
    assert (await cache.load("north")).position == 7


async def test_thousands_of_objects_go_in_one_flush(cache):
    values = {f"ai,{number}": str(number) for number in range(5000)}
    term = await cache.take_term("north")
    await cache.flush("north", term, CacheFlush(values=values, position=1))
    assert (await cache.load("north")).values == values

"""What the gateway may expect of every event store."""

import asyncio
from uuid import uuid4

import pytest
from plantroom_server.event_source.port import EventSourceState, NewEvent

from custom_components.plantroom.engine.gateway.configuration import StreamKind

from .following import acknowledged, append, consuming, event, wanted


async def test_events_come_in_order_from_the_first_one(source):
    await append(source, "a", "b")
    async with consuming(source) as consumer:
        first = await consumer.take(2)
        await append(source, "c")
        (third,) = await consumer.take(1)
    assert [each.data for each in (*first, third)] == [b"a", b"b", b"c"]
    positions = [each.position for each in (*first, third)]
    assert positions == sorted(set(positions))
    assert first[0].stream == "site-north"
    assert first[0].event_type == "ValueUpdate"
    assert first[0].recorded_at.tzinfo is not None


async def test_what_was_acknowledged_never_comes_again_and_the_rest_does(source):
    await append(source, "a", "b", "c")
    async with consuming(source) as consumer:
        events = await consumer.take(3)
        await consumer.subscription.acknowledge(events[:2])
        await acknowledged(source, still_open=1)
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["c"]


async def test_groups_do_not_share_a_place(source):
    await append(source, "a")
    async with consuming(source) as one, consuming(source, wanted(group="b")) as other:
        assert await one.texts(1) == ["a"]
        assert await other.texts(1) == ["a"]


async def test_second_consumer_of_a_group_waits_and_takes_over_in_order(source):
    await append(source, "a", "b", "c")
    async with consuming(source) as first:
        assert await first.texts(1) == ["a"]
        async with consuming(source) as second:
            waiting = asyncio.create_task(second.take(1))
            await acknowledged(source, still_open=2)
            await asyncio.sleep(0.5)
            assert second.subscription.state is not EventSourceState.RUNNING
            assert not waiting.done()
            await first.leave()
            (event_b,) = await waiting
            assert event_b.data == b"b"
            assert second.subscription.state is EventSourceState.RUNNING


async def test_parked_event_is_out_of_the_way_until_it_is_replayed(source):
    await append(source, "bad", "good")
    async with consuming(source) as consumer:
        (bad,) = await consumer.take(1)
        await consumer.subscription.park(bad, "unknown-object")
        assert await consumer.texts(1) == ["good"]
        await consumer.until_parked(1)
        await consumer.subscription.replay_parked()
        (again,) = await consumer.take(1)
        assert (again.data, again.event_id) == (b"bad", bad.event_id)
        await consumer.subscription.acknowledge([again])
        await consumer.until_parked(0)


async def test_event_of_a_known_id_is_kept_once(source):
    once = NewEvent(event_id=str(uuid4()), event_type="ValueUpdate", data=b"once")
    await source.append("site-north", [once])
    await source.append("site-north", [once])
    await append(source, "after")
    async with consuming(source) as consumer:
        assert await consumer.texts(2) == ["once", "after"]


async def test_category_has_the_events_of_its_streams_only(source):
    for stream in ("site-north", "other-north", "site-south", "sites-1"):
        await append(source, stream, stream=stream)
    async with consuming(source, wanted("site", StreamKind.CATEGORY)) as consumer:
        assert await consumer.texts(2) == ["site-north", "site-south"]


async def test_all_has_the_types_that_are_named(source):
    await source.append("a", [event("1", "Noise"), event("2", "DeviceConfig")])
    await source.append("b", [event("3", "ObjectDelete"), event("4", "ValueUpdate")])
    config = wanted(
        "", StreamKind.ALL, event_types=("DeviceConfig", "ValueUpdate"),
        command_stream="commands",
    )  # fmt: skip
    async with consuming(source, config) as consumer:
        assert await consumer.texts(2) == ["2", "4"]


async def test_past_can_be_read_without_a_group(source):
    await append(source, "a", "b", "c")
    found = [each async for each in source.read(wanted())]
    assert [each.data for each in found] == [b"a", b"b", b"c"]
    later = [each async for each in source.read(wanted(), after=found[0].position)]
    assert [each.data for each in later] == [b"b", b"c"]


async def test_backlog_says_how_far_behind_a_group_is(source):
    await append(source, "a", "b")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        backlog = await consumer.subscription.backlog()
        assert backlog.last_position is not None
        (b,) = await consumer.take(1)
        assert backlog.last_position == b.position


@pytest.mark.parametrize("kind", [*StreamKind])
async def test_store_says_whether_it_still_has_an_event(source, kind):
    await append(source, "a", "b")
    config = wanted("site" if kind is StreamKind.CATEGORY else "site-north", kind)
    (first, second) = [each async for each in source.read(config)]
    assert await source.has(config, first.position, first.event_id)
    assert await source.has(config, second.position, second.event_id)
    assert not await source.has(config, second.position, first.event_id)
    assert not await source.has(config, second.position + 1, second.event_id)


@pytest.mark.parametrize("kind", [StreamKind.CATEGORY, StreamKind.ALL])
async def test_parked_event_keeps_its_place_when_it_is_replayed(source, kind):
    await append(source, "x", stream="site-south")
    await append(source, "bad", "good")
    config = wanted("site", kind)
    async with consuming(source, config) as consumer:
        _, bad, good = await consumer.take(3)
        await consumer.subscription.park(bad, "unknown-object")
        await consumer.subscription.acknowledge([good])
        await consumer.until_parked(1)
        await consumer.subscription.replay_parked()
        (again,) = await consumer.take(1)
    assert (again.data, again.event_id) == (b"bad", bad.event_id)
    assert again.position == bad.position

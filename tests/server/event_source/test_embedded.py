"""The embedded log keeps its promises over restarts, and stays within its disk."""

import asyncio

import pytest
from plantroom_server.event_source.embedded import EmbeddedLog
from plantroom_server.event_source.port import EventSourceState
from plantroom_server.gateway_errors import EventSourceError

from tests.site import until

from .following import append, consuming, wanted


async def test_log_goes_on_where_it_was_when_it_is_opened_again(tmp_path):
    first = EmbeddedLog(tmp_path)
    await first.start()
    await append(first, "a", "b")
    async with consuming(first) as consumer:
        assert await consumer.texts(1) == ["a"]
        (bad,) = await consumer.take(1)
        await consumer.subscription.park(bad, "odd")
    await first.stop()
    second = EmbeddedLog(tmp_path)
    await second.start()
    await append(second, "c")
    async with consuming(second) as consumer:
        assert await consumer.texts(1) == ["c"]
        assert (await consumer.subscription.backlog()).parked == 1
    await second.stop()


async def test_consumer_stands_by_only_once_it_asks_for_its_turn(tmp_path):
    source = EmbeddedLog(tmp_path)
    await source.start()
    async with consuming(source) as consumer:
        await append(source, "a")
        assert await consumer.texts(1) == ["a"]
        assert consumer.subscription.state is EventSourceState.RUNNING
        other = source.subscribe(wanted())
        assert other.state is EventSourceState.CONNECTING
        reading = asyncio.ensure_future(anext(other.events()))
        await until(lambda: other.state is EventSourceState.STANDBY)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    await source.stop()


async def test_acknowledged_out_of_order_loses_nothing(tmp_path):
    source = EmbeddedLog(tmp_path)
    await source.start()
    await append(source, "a", "b", "c")
    async with consuming(source) as consumer:
        _, second, third = await consumer.take(3)
        await consumer.subscription.acknowledge([third, second])
    async with consuming(source) as consumer:
        assert await consumer.texts(3) == ["a", "b", "c"]
    await source.stop()


async def test_full_log_forgets_what_is_done_and_refuses_when_nothing_is(tmp_path):
    source = EmbeddedLog(tmp_path, most_octets=200_000)
    await source.start()
    with pytest.raises(EventSourceError) as caught:
        await append_many(source, 100)
    assert caught.value.facts == {"reason": "full"}
    kept = [each async for each in source.read(wanted())]
    async with consuming(source) as consumer:
        await consumer.texts(len(kept))
    await append_many(source, 20)
    left = [each async for each in source.read(wanted())]
    assert left[0].position > kept[0].position
    assert left[-1].data.startswith(b"19:")
    await source.stop()


async def test_consumer_hears_of_new_events_at_once(tmp_path):
    source = EmbeddedLog(tmp_path)
    await source.start()
    async with consuming(source) as consumer:
        waiting = asyncio.create_task(consumer.texts(1))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await append(source, "a")
        assert await waiting == ["a"]
    await source.stop()


async def append_many(source: EmbeddedLog, count: int) -> None:
    for number in range(count):
        await append(source, f"{number}:" + "x" * 5_000)

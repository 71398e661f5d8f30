"""A subscription to a KurrentDB outlives what happens to servers and groups."""

import asyncio
from contextlib import aclosing

import pytest
from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.exceptions import NotFoundError
from plantroom_server.event_source.building import event_source
from plantroom_server.event_source.kurrentdb_group import SETTINGS
from plantroom_server.event_source.port import EventSourceState
from plantroom_server.gateway_errors import EventSourceError, EventSourceRefusedError

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
    StreamKind,
)
from tests.peers.kurrentdb.server import KurrentServer

from .following import WAIT_SECONDS, acknowledged, append, consuming, event, wanted

STREAM = "site-north"
# The client notices a hung server in four seconds, on a machine that has the time
NOTICED_SECONDS = 40.0


@pytest.fixture
def server(tmp_path):
    with KurrentServer(tmp_path / "kurrentdb") as running:
        yield running


@pytest.fixture
async def source(server):
    config = EventStoreConfig(store_id="s", kind=StoreKind.KURRENTDB, uri=server.uri)
    made = event_source(None, config)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client(server):
    """Return a client beside ours."""
    async with AsyncKurrentDBClient(server.uri) as other:
        yield other


async def lost(consumer) -> None:
    """Wait until the consumer says that the store is gone."""
    with pytest.raises(EventSourceError) as caught:
        await asyncio.wait_for(consumer.drain(), NOTICED_SECONDS)
    assert not isinstance(caught.value, EventSourceRefusedError)
    assert consumer.subscription.state is EventSourceState.CONNECTING


async def again(source, last: str, config=None) -> list[str]:
    """Return what comes up to a text, however often the store lets us go."""
    found: list[str] = []
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            async with consuming(source, config) as consumer:
                try:
                    while last not in found:
                        found += await consumer.texts(1)
                except EventSourceError:
                    continue
                return found


async def again_appended(source, text: str) -> None:
    """Append, however long the store takes to be back."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                await append(source, text)
            except EventSourceError:
                continue
            return


async def noted(client, position: str = "", stream: str | None = STREAM) -> None:
    """Wait until the server has noted a position, "" for any."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                info = await client.get_subscription_info("plantroom", stream)
            except NotFoundError:
                continue
            at = info.last_checkpointed_event_position
            if at and position in {at, ""}:
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("kind", [*StreamKind])
async def test_killed_server_delivers_what_was_not_acknowledged(
    source, server, client, kind
):
    config = wanted("site" if kind is StreamKind.CATEGORY else STREAM, kind)
    stream = {StreamKind.CATEGORY: "$ce-site", StreamKind.ALL: None}.get(kind, STREAM)
    await append(source, "a", "b", "c")
    async with consuming(source, config) as consumer:
        assert await consumer.texts(1) == ["a"]
        (waiting_b,) = await consumer.take(1)
        await noted(client, stream=stream)
        server.kill()
        await lost(consumer)
    server.start()
    async with consuming(source, config) as consumer:
        (b,) = await consumer.take(1)
        assert (b.data, b.position) == (b"b", waiting_b.position)
    assert await again(source, "c", config) == ["b", "c"]


async def test_end_in_order_of_the_server_flushes_no_checkpoint(
    source, server, monkeypatch
):
    # Before the end none is due, however long that takes
    monkeypatch.setitem(SETTINGS, "checkpoint_after", 600.0)
    await append(source, "a", "b")
    async with consuming(source) as consumer:
        assert await consumer.texts(2) == ["a", "b"]
        server.stop()
        await lost(consumer)
    server.start()
    async with consuming(source) as consumer:
        assert await consumer.texts(2) == ["a", "b"]


async def test_hung_server_is_noticed_and_nothing_is_lost(source, server):
    await append(source, "a", "b")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        await consumer.take(1)
        server.hang()
        await lost(consumer)
    with pytest.raises(EventSourceError):
        async with asyncio.timeout(2 * NOTICED_SECONDS):
            await append(source, "never")
    server.go_on()
    await again_appended(source, "c")
    assert "b" in await again(source, "c")


async def test_cut_connections_cost_nothing(source, server, client):
    await append(source, "a", "b", "c")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        await noted(client, "0")
        server.drop_connections()
        await lost(consumer)
    async with consuming(source) as consumer:
        taken = await consumer.take(2)
    assert [(each.data, each.redelivered) for each in taken] == [(b"b", 1), (b"c", 1)]


async def test_store_that_is_older_again_is_noticed(source, server):
    await append(source, "a")
    mark = server.mark()
    await append(source, "b")
    async with consuming(source) as consumer:
        assert await consumer.texts(2) == ["a", "b"]
    (_, b) = [each async for each in source.read(wanted())]
    server.roll_back(mark)
    assert not await source.has(wanted(), b.position, b.event_id)
    subscription = source.subscribe(wanted())
    backlog = await subscription.backlog()
    assert (backlog.last_position, backlog.acknowledged_position) == (0, None)
    await append(source, "other")
    assert not await source.has(wanted(), b.position, b.event_id)
    assert await again(source, "other") == ["a", "other"]


async def test_standbys_take_over_in_order_and_lose_nothing(source, server):
    texts = [str(number) for number in range(300)]
    await append(source, *texts)
    seen: list[str] = []

    async def consume(count: int) -> None:
        async with consuming(source) as consumer:
            seen.extend(await consumer.texts(count))
            await acknowledged(source, still_open=len(texts) - len(seen))

    await asyncio.gather(*(consume(100) for _ in range(3)))
    assert seen == texts


async def test_changed_group_lets_us_go_and_we_come_back(source, client):
    await append(source, "a", "b")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        await noted(client, "0")
        # What is on its way when a group is changed may never be seen
        await consumer.take(1)
        await client.update_subscription_to_stream("plantroom", STREAM)
        await lost(consumer)
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["b"]


async def test_deleted_group_is_made_anew(source, client):
    await append(source, "a")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        await client.delete_subscription("plantroom", STREAM)
        await lost(consumer)
    assert await again(source, "a") == ["a"]


async def test_group_is_set_as_order_needs_it(source, client, caplog):
    await client.create_subscription_to_stream("plantroom", STREAM)
    await append(source, "a")
    async with consuming(source) as consumer:
        assert await consumer.texts(1) == ["a"]
        info = await client.get_subscription_info("plantroom", STREAM)
    assert {name: getattr(info, name) for name in SETTINGS} == SETTINGS
    assert "is set as order needs it" in caplog.text
    assert SETTINGS["max_subscriber_count"] == 1


async def test_types_that_another_filter_lets_through_are_passed_by(source, client):
    await client.create_subscription_to_all("plantroom", filter_include=(".*",))
    await source.append(STREAM, [event("x", "Noise"), event("a"), event("y", "Noise")])
    config = wanted(STREAM, StreamKind.ALL)
    async with consuming(source, config) as consumer:
        assert await consumer.texts(1) == ["a"]
        await append(source, "b")
        assert await consumer.texts(1) == ["b"]
        async with asyncio.timeout(WAIT_SECONDS):
            while (await consumer.subscription.backlog()).waiting != 0:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_links_to_deleted_events_hold_nobody_up(source, client):
    await append(source, *("gone",) * 150, stream="site-old")
    await append(source, "a")
    await client.delete_stream("site-old", current_version=149)
    config = wanted("site", StreamKind.CATEGORY)
    async with consuming(source, config) as consumer:
        taking = asyncio.create_task(consumer.texts(1))
        noting = asyncio.create_task(noted(client, "150", "$ce-site"))
        while not noting.done():
            await consumer.subscription.backlog()
            await asyncio.sleep(0.1)
        await noting
        assert await taking == ["a"]


async def test_category_event_that_was_replayed_can_be_parked_again(source):
    await append(source, "bad")
    config = wanted("site", StreamKind.CATEGORY)
    async with consuming(source, config) as consumer:
        (bad,) = await consumer.take(1)
        for _ in range(2):
            await consumer.subscription.park(bad, "odd")
            taking = asyncio.create_task(consumer.take(1))
            async with asyncio.timeout(WAIT_SECONDS):
                while not taking.done():
                    await consumer.subscription.replay_parked()
                    await asyncio.sleep(0.1)
            (bad,) = await taking
            assert (bad.data, bad.stream, bad.position) == (b"bad", STREAM, 0)
        await consumer.subscription.acknowledge([bad])
        await consumer.until_parked(0)


async def test_batch_of_which_some_is_known_is_kept_once(source):
    events = [event("a"), event("b"), event("c")]
    await source.append(STREAM, events[:1])
    await source.append(STREAM, events)
    async with aclosing(source.read(wanted())) as found:
        assert [each.data async for each in found] == [b"a", b"b", b"c"]


async def test_subscription_that_is_closed_while_it_waits_ends(source):
    subscription = source.subscribe(wanted())
    waiting = asyncio.create_task(anext(subscription.events(), None))
    async with asyncio.timeout(WAIT_SECONDS):
        while subscription.state is not EventSourceState.RUNNING:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await subscription.close()
        assert await waiting is None


async def test_cancelled_reading_stays_cancelled_when_the_server_hangs(source, server):
    subscription = source.subscribe(wanted())
    waiting = asyncio.create_task(anext(subscription.events(), None))
    async with asyncio.timeout(WAIT_SECONDS):
        while subscription.state is not EventSourceState.RUNNING:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        server.hang()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

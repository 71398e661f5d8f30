"""What senders hand to the embedded log is kept whole, once, and within its disk."""

from collections.abc import Iterable

import pytest
from plantroom_server.event_source.arrivals import Arrival
from plantroom_server.event_source.embedded import EmbeddedLog
from plantroom_server.event_source.port import NewEvent
from plantroom_server.gateway_errors import EventSourceError, IdTakenError

from .following import consuming, wanted

STREAM = wanted().stream


def arrival(event_id: str, data: bytes = b"{}", stream: str = STREAM) -> Arrival:
    event = NewEvent(event_id=event_id, event_type="ValueUpdate", data=data)
    return Arrival(stream=stream, event=event)


@pytest.fixture
async def source(tmp_path):
    made = EmbeddedLog(tmp_path, most_octets=200_000)
    await made.start()
    yield made
    await made.stop()


async def keep_one_by_one(source: EmbeddedLog, arrivals: Iterable[Arrival]) -> None:
    for each in arrivals:
        await source.keep([each])


async def kept_ids(source: EmbeddedLog) -> list[str]:
    return [each.event_id async for each in source.read(wanted())]


async def test_each_has_its_place_and_one_that_comes_again_keeps_it(source):
    first = await source.keep([arrival("a"), arrival("b", stream="other")])
    again = await source.keep([arrival("c"), arrival("a"), arrival("c")])
    assert [each.known for each in first] == [False, False]
    assert [each.known for each in again] == [False, True, True]
    assert again[1].position == first[0].position
    assert again[2].position == again[0].position
    assert await kept_ids(source) == ["a", "c"]


async def test_another_event_under_a_known_id_leaves_nothing_of_its_batch(source):
    await source.keep([arrival("a")])
    with pytest.raises(IdTakenError) as caught:
        await source.keep([arrival("b"), arrival("a", b'{"other": 1}')])
    assert caught.value.facts["item"] == "1"
    assert await kept_ids(source) == ["a"]


async def test_consumer_hears_of_what_arrives(source):
    async with consuming(source) as consumer:
        await source.keep([arrival("a", b"first")])
        assert await consumer.texts(1) == ["first"]


async def test_only_subscribed_events_wait(source):
    await source.keep([arrival(str(each), stream="nobody's") for each in range(9)])
    source.expect((wanted(),))
    await source.keep([arrival("a"), arrival("b")])
    assert await source.most_waiting(5) == 2
    assert await source.most_waiting(2) == 2
    async with consuming(source) as consumer:
        await consumer.texts(2)
    assert await source.most_waiting(5) == 0


async def test_other_streams_make_room_while_a_subscription_has_nothing_to_do(source):
    await source.keep([arrival("mine")])
    async with consuming(source) as consumer:
        await consumer.texts(1)
    large = b"x" * 5_000
    for each in range(200):
        await source.keep([arrival(str(each), large, "other")])
    assert await kept_ids(source) == ["mine"]
    assert await source.has(wanted(), 1, "mine")


async def test_what_waits_stays_and_a_full_log_refuses(source):
    source.expect((wanted(),))
    await source.keep([arrival("mine"), arrival("yours", stream="other")])
    many = (arrival(str(each), b"x" * 5_000, "other") for each in range(200))
    with pytest.raises(EventSourceError) as caught:
        await keep_one_by_one(source, many)
    assert caught.value.facts == {"reason": "full"}
    assert await kept_ids(source) == ["mine"]

"""Events are taken over HTTP whole, once and on disk, or refused with the reason."""

import asyncio
import socket
from functools import partial
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from plantroom_server.inlets import events_api
from plantroom_server.inlets.intake import Intake, Outcome, Way

from custom_components.plantroom.engine.errors import AuthenticationError
from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.server.gateway.following_bench import SUPPLY, defined, subscription, told
from tests.server.running import wire_to
from tests.site import until

from .senders import (
    SENDER_TOKEN,
    STORE_ID,
    fed_server,
    kept,
    log_of,
    plain,
    post,
    sent,
    site_with,
)


@pytest.fixture
async def server(tmp_path):
    async with fed_server(tmp_path) as running:
        yield running


async def test_one_event_or_several_are_kept_in_order(server):
    first = await post(server, plain(0))
    rest = await post(server, [plain(1), plain(2)], f"/events/{STORE_ID}")
    assert (first.status, rest.status) == (201, 201)
    told_events = [*first.body["events"], *rest.body["events"]]
    assert [each["known"] for each in told_events] == [False] * 3
    positions = [each["position"] for each in told_events]
    assert positions == sorted(positions)
    assert await kept(server) == [{"number": each} for each in range(3)]


async def test_events_survive_the_server(tmp_path):
    async with fed_server(tmp_path) as first:
        await post(first, plain(1))
    async with fed_server(tmp_path) as second:
        assert await kept(second) == [{"number": 1}]


async def test_what_is_sent_again_with_its_key_is_kept_once(server):
    again = partial(
        post, server, [plain(1), plain(2)], **{"Idempotency-Key": "shift 7"}
    )
    first, second = await again(), await again()
    assert (first.status, second.status) == (201, 200)
    assert [each["known"] for each in second.body["events"]] == [True, True]
    ids = [[each["id"] for each in answer.body["events"]] for answer in (first, second)]
    assert ids[0] == ids[1]
    assert len(await kept(server)) == 2


async def test_what_is_sent_again_without_a_key_is_another_event(server):
    for _ in range(2):
        assert (await post(server, plain(1))).status == 201
    assert len(await kept(server)) == 2


async def test_an_id_of_the_senders_own_decides_before_the_key(server):
    event = plain(1, id=str(uuid4()))
    first = await post(server, event, **{"Idempotency-Key": "a"})
    again = await post(server, event, **{"Idempotency-Key": "b"})
    assert first.body["events"][0]["id"] == event["id"]
    assert (again.status, again.body["events"][0]["known"]) == (200, True)


async def test_a_key_of_another_body_is_refused_and_names_the_event(server):
    key = {"Idempotency-Key": "k"}
    await post(server, [plain(1), plain(2)], **key)
    answer = await post(server, [plain(1), plain(3)], **key)
    assert (answer.status, answer.body["error"], answer.body["item"]) == (
        422,
        "id-taken",
        1,
    )
    assert len(await kept(server)) == 2


async def test_one_wrong_event_leaves_nothing_of_its_batch(server):
    wrong = sent(told(SUPPLY, 1.0))
    wrong["data"]["payload"]["objectInstance"] = -1
    answer = await post(server, [plain(1), wrong])
    assert (answer.status, answer.body["item"]) == (400, 1)
    assert answer.body["error"] == "invalid-field"
    assert "objectInstance" in answer.body["message"]
    assert await kept(server) == []


async def test_what_is_no_event_is_refused_and_the_next_is_taken(server):
    for content in (b"", b"\xff\xfe\x00", b"[" * 500_000, [], {}, plain(0, at="now")):
        assert (await post(server, content)).status == 400
    assert (await post(server, plain(0))).status == 201


async def test_a_body_too_large_is_refused(server):
    answer = await post(server, b" " * (1024**2 + 1))
    assert (answer.status, answer.body["error"]) == (413, "too-large")


async def test_a_compressed_body_is_refused(server):
    answer = await post(server, plain(0), **{"Content-Encoding": "identity"})
    assert (answer.status, answer.body["error"]) == (415, "encoding")


async def test_a_body_that_does_not_come_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr(events_api, "BODY_SECONDS", 0.1)
    head = (
        "POST /events HTTP/1.1\r\nHost: plantroom\r\nContent-Length: 9\r\n"
        f"Authorization: Bearer {SENDER_TOKEN}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head.encode())
    async with asyncio.timeout(60):
        assert b" 408 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_a_key_that_cannot_be_one_is_refused(server):
    for key in ("", "x" * 256):
        answer = await post(server, plain(0), **{"Idempotency-Key": key})
        assert (answer.status, answer.body["error"]) == (400, "idempotency-key")


async def test_type_may_stand_in_the_message_alone(server):
    event = sent(defined(SUPPLY, "Supply"))
    del event["type"]
    assert (await post(server, event)).status == 201
    (stored,) = [each async for each in log_of(server).read(subscription())]
    assert stored.event_type == "ObjectDefinition"


async def test_wrong_paths_and_methods_say_so(server):
    assert (await post(server, plain(0), "/events/other")).status == 404
    assert (await post(server, plain(0), method="PUT")).status == 405
    assert await kept(server) == []


async def test_only_the_token_of_the_way_in_lets_in(server, monkeypatch):
    monkeypatch.setattr(events_api, "WRONG_TOKEN_SECONDS", 0.01)
    for token in ("", "wrong", server.token):
        answer = await post(server, plain(0), token=token)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert await kept(server) == []


async def test_the_senders_token_is_none_of_a_clients(server):
    async with wire_to(server.port, token=SENDER_TOKEN) as wire:
        with pytest.raises(AuthenticationError):
            await wire.connect()


async def test_guessing_is_slow_and_keeps_no_sender_out(server, monkeypatch):
    monkeypatch.setattr(events_api, "WRONG_TOKEN_SECONDS", 30.0)
    guesses = [
        asyncio.create_task(post(server, plain(0), token=str(each)))
        for each in range(8)
    ]
    done = 0
    async with asyncio.timeout(60):
        while done < 4:
            done = sum(each.done() for each in guesses)
            await asyncio.sleep(0.01)
    assert {each.result().status for each in guesses if each.done()} == {429}
    assert (await post(server, plain(1))).status == 201
    for each in guesses:
        each.cancel()
    await asyncio.gather(*guesses, return_exceptions=True)


async def test_without_a_way_in_there_is_nothing(tmp_path):
    async with fed_server(tmp_path, site_with()) as server:
        assert (await post(server, plain(0))).status == 404


async def test_senders_wait_while_the_gateway_changes(server):
    with server.engine.inlets.change():
        answer = await post(server, plain(0))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_who_is_behind_turns_senders_away_until_it_has_caught_up(server):
    inlets = server.engine.inlets
    log = log_of(server)
    log.expect((subscription(),))
    intake = Intake(log, (), inlets.counts, most_waiting=3)
    object.__setattr__(inlets.http, "intake", intake)
    events = [plain(1), plain(2)]
    key = {"Idempotency-Key": "k"}
    assert (await post(server, [plain(0), plain(0)])).status == 201
    answer = await post(server, events, **key)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.body["error"] == "behind"
    consumer = log.subscribe(subscription())
    async for event in consumer.events():
        await consumer.acknowledge([event])
        if event.position == 2:
            break
    intake._measured_at = None
    assert (await post(server, events, **key)).status == 201
    assert [each["number"] for each in await kept(server)] == [0, 0, 1, 2]
    assert inlets.counts[Way.HTTP, Outcome.TURNED_AWAY] == 1


async def test_a_full_log_or_disk_says_so_and_takes_the_same_later(server):
    log, large = log_of(server), plain(0) | {"data": "x" * 100_000}
    key = {"Idempotency-Key": "k"}
    log._most_octets = 0
    for_good = await post(server, large, **key)
    log._most_octets = 10**9
    await log.run(lambda db: db.execute("PRAGMA max_page_count = 20").fetchone())
    for answer in (for_good, await post(server, large, **key)):
        assert (answer.status, answer.body["error"]) == (507, "full")
        assert "Retry-After" in answer.headers
    await log.run(lambda db: db.execute("PRAGMA max_page_count = 9999").fetchone())
    assert (await post(server, large, **key)).status == 201


async def test_a_log_that_cannot_be_written_is_tried_again(server):
    await log_of(server).stop()
    answer = await post(server, plain(0))
    assert (answer.status, answer.body["error"]) == (503, "not-kept")
    assert "Retry-After" in answer.headers


async def test_metrics_count_what_became_of_it(tmp_path):
    health_port = free_port()
    async with fed_server(tmp_path, health_port=health_port) as server:
        key = {"Idempotency-Key": "k"}
        for content in ([plain(1), plain(2)], [plain(1), plain(2)], {}):
            await post(server, content, **key)
        async with (
            ClientSession() as session,
            session.get(f"http://127.0.0.1:{health_port}/metrics") as answer,
        ):
            lines = (await answer.text()).splitlines()
    for outcome, count in (("taken", 2), ("known", 2), ("refused", 1)):
        labels = f'outcome="{outcome}",way="http"'
        assert f"plantroom_inlet_events_total{{{labels}}} {count}.0" in lines


async def test_octets_that_are_no_http_do_no_harm(server):
    for octets in (
        b"\0" * 4096,
        b"POST /events HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), 60) as wire:
            wire.sendall(octets)
            await asyncio.to_thread(wire.recv, 4096)
    assert (await post(server, plain(0))).status == 201


async def test_what_is_posted_is_read_by_a_bacnet_client(tmp_path):
    port = free_port()
    site = site_with(subscription(network_id="n"), port=port, http_token=SENDER_TOKEN)
    async with fed_server(tmp_path, site) as server:
        events = [sent(defined(SUPPLY, "Supply")), sent(told(SUPPLY, 19.5))]
        assert (await post(server, events)).status == 201
        objects = server.engine._engine._gatekeeping.objects_of("n")
        await until(lambda: (s := objects.state(SUPPLY)) and s.value == 19.5)
        await until(lambda: objects.live, 60)
        async with RustyClient(host="127.0.15.3", port=port) as client:
            read = partial(client.read, f"127.0.15.1:{port}", "analog-input,1")
            assert await read("present-value") == 19.5
            assert await read("object-name") == "Supply"
        command = {**plain(0), "stream": subscription().commands_to}
        answer = await post(server, command)
        assert (answer.status, answer.body["error"]) == (400, "reserved-stream")

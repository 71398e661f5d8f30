"""What a node says to a hub and does with what it hears, octet by octet."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator

import pytest
from plantroom_server.secure_connect.node_answers import Standing, take_message

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from custom_components.plantroom.engine.secure_connect.port import BROADCAST_VMAC
from tests.site import until

from .node_bench import Heard, joined, network
from .raw_hub import HUB_VMAC, RawHub, RawNode

PEER = bytes.fromhex("0200000000aa")
NPDU = bytes.fromhex("0104020c")


@pytest.fixture
async def hub(site) -> AsyncIterator[RawHub]:
    hub = RawHub(site.hub)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def bench(site, hub):
    """Return a node of ours, who uses it, and how the hub sees it."""
    async with joined(network(hub.uri), site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        yield node, user, await hub.node()


async def heard_next(user, raw: RawNode) -> Heard:
    """Return what comes after all that a test sent."""
    last = b"\x01\x00last"
    before = len(user.npdus)
    await raw.socket.send_bytes(b"\x01\x08\x00\x00" + PEER + last)
    await user.until(lambda: any(each.npdu == last for each in user.npdus[before:]))
    return user.npdus[before]


async def test_connect_request_is_as_the_standard_says(bench):
    node, _, raw = bench

    assert raw.request[:2] == b"\x06\x00"
    assert len(raw.request) == 30
    assert raw.vmac == node.vmac
    assert raw.vmac[0] & 0x0F == 0x02
    assert raw.request[26:] == (1600).to_bytes(2) + (1497).to_bytes(2)


async def test_status_says_which_hub_since_when(bench, hub):
    node, _, _ = bench

    assert node.status.hub_vmac == HUB_VMAC.hex(":")
    assert node.status.hub_uri == hub.uri
    assert node.status.vmac == node.vmac.hex(":")
    assert node.status.drops == 0


@pytest.mark.parametrize("destination", [PEER, BROADCAST_VMAC])
async def test_npdus_to_a_hub_name_their_destination_and_not_us(bench, destination):
    node, _, raw = bench

    node.send(NPDU, destination)

    frame = await raw.heard()
    assert frame[:2] == b"\x01\x04"
    assert frame[4:10] == destination
    assert frame[10:] == NPDU


@pytest.mark.parametrize(
    ("frame", "broadcast"),
    [
        ("0108 0001 0200000000aa 0104020c", False),
        ("010c 0001 0200000000aa ffffffffffff 0104020c", True),
        # With the secure path, with an option that may be ignored
        ("0109 0001 0200000000aa 41 0104020c", False),
        ("010b 0001 0200000000aa 3f0003000701 01 0104020c", False),
        ("010f 0001 0200000000aa ffffffffffff 02 41 0104020c", True),
    ],
)
async def test_npdus_arrive_with_or_without_options(bench, frame, broadcast):
    _, user, raw = bench

    await raw.send(frame)

    assert await heard_next(user, raw) == Heard(NPDU, PEER, broadcast)


@pytest.mark.parametrize(
    "frame",
    [
        "0100 0001 0104020c",  # of nobody
        "0108 0001 ffffffffffff 0104020c",  # of everybody
        "010c 0001 0200000000aa 0200000000bb 0104020c",  # for somebody else
        "0108 0001 0200000000aa",  # empty
        "0108 0001 0200000000aa" + "01" * 1595,  # longer than we take
        "0108 0001",
        "01",
        "",
    ],
)
async def test_npdus_that_cannot_be_are_dropped_and_the_connection_stays(bench, frame):
    node, user, raw = bench

    await raw.send(frame)

    assert (await heard_next(user, raw)).npdu == b"\x01\x00last"
    assert node.status.drops == 0


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        # An option that must be understood: the marker and HEADER_NOT_UNDERSTOOD (146)
        ("010a 1234 0200000000aa 42 0104", "0004 1234 0200000000aa 01 01 42 0007 0092"),
        ("0109 1234 0200000000aa 42 0104", "0004 1234 0200000000aa 01 01 42 0007 0092"),
        # BVLC_FUNCTION_UNKNOWN (143), ..._PROPRIETARY_FUNCTION_UNKNOWN (144)
        ("0d08 1234 0200000000aa", "0004 1234 0200000000aa 0d 01 00 0007 008f"),
        ("0c08 1234 0200000000aa 000701", "0004 1234 0200000000aa 0c 01 00 0007 0090"),
        # Cut short (147), without a payload (149), with one too many (150)
        ("0c08 1234 0200000000aa 0007", "0004 1234 0200000000aa 0c 01 00 0007 0093"),
        ("010a 1234 0200000000aa", "0004 1234 0200000000aa 01 01 00 0007 0093"),
        ("0c08 1234 0200000000aa", "0004 1234 0200000000aa 0c 01 00 0007 0095"),
        ("0508 1234 0200000000aa 00", "0004 1234 0200000000aa 05 01 00 0007 0096"),
        # No direct connections: OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED (45)
        ("0208 1234 0200000000aa", "0004 1234 0200000000aa 02 01 00 0007 002d"),
        ("0a00 1234", "0b00 1234"),
    ],
)
async def test_messages_are_answered_as_the_standard_says(bench, frame, answer):
    _, _, raw = bench

    await raw.send(frame)

    assert await raw.heard() == bytes.fromhex(answer)


@pytest.mark.parametrize(
    "frame",
    [
        # Of what is for all nothing is refused
        "0d0c 1234 0200000000aa ffffffffffff",
        "010e 1234 0200000000aa ffffffffffff 42 0104",
        # Of what is an answer nothing is refused
        "0008 1234 0200000000aa 01",
        "030a 1234 0200000000aa 42",
        # Less than a header
        "0d08 12",
        # Somebody behind the hub, about our connection to it
        "0a08 1234 0200000000aa",
        "0808 1234 0200000000aa",
    ],
)
async def test_broadcasts_and_answers_are_never_refused(bench, frame):
    node, user, raw = bench

    await raw.send(frame)
    await heard_next(user, raw)
    node.send(NPDU, PEER)

    assert (await raw.heard())[0] == 1


async def test_who_asks_is_told_of_us(bench):
    _, _, raw = bench

    await raw.send("0508 1234 0200000000aa")

    said = await raw.heard()
    assert said[:2] == b"\x04\x04"
    assert said[4:10] == PEER
    assert said[10:] == bytes((1, 0)) + (1600).to_bytes(2) + (1497).to_bytes(2)


async def test_leaving_says_goodbye(site, hub):
    async with joined(network(hub.uri), site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await hub.node()
        await node.close()
        await node.close()

    assert (await raw.heard())[:2] == b"\x08\x00"
    assert node.status.connection is HubConnection.NONE
    node.send(NPDU, PEER)
    assert node.dropped == 1


async def test_a_node_that_was_closed_opens_again(site, hub):
    async with joined(network(hub.uri), site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        first = await hub.node()
        await node.close()
        user.statuses.clear()
        await node.open(user)
        await user.until_at(HubConnection.PRIMARY)
        again = await hub.node()
        node.send(NPDU, PEER)

        assert (await again.heard())[10:] == NPDU
        assert again.uuid == first.uuid


async def test_a_hub_that_leaves_is_answered_and_found_again(bench, hub):
    _, user, raw = bench

    await raw.send("0800 1234")

    assert await raw.heard() == bytes.fromhex("09001234")
    await user.until(lambda: user.statuses[-1].drops == 1)
    again = await hub.node()
    assert again.uuid == raw.uuid
    await user.until_at(HubConnection.PRIMARY)


async def test_a_text_message_ends_the_connection(bench, hub):
    _, user, raw = bench

    await raw.socket.send_str("hello")

    async with asyncio.timeout(60):
        await raw.left.wait()
    assert raw.close_code == 1003
    await hub.node()
    assert [each.reason for each in user.statuses if each.reason] == ["hub_protocol"]


async def test_a_message_without_an_end_ends_the_connection(bench, hub):
    _, user, raw = bench

    await raw.socket.send_bytes(bytes(1 << 18))

    await hub.node()
    assert [each.reason for each in user.statuses if each.reason] == ["hub_protocol"]


async def test_fuzzed_messages_do_no_harm(bench, caplog):
    _, user, raw = bench
    rng = random.Random(7)

    for _ in range(2000):
        octets = bytearray(rng.randbytes(rng.randrange(60)))
        # What ends a connection by right is left out
        if octets and octets[0] in {8, 9}:
            octets[0] = 1
        if len(octets) > 1:
            octets[0] &= 0x0F if octets[0] & 0x0F not in {8, 9} else 0x01
        await raw.socket.send_bytes(bytes(octets))

    await heard_next(user, raw)
    assert user.statuses[-1].drops == 0
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


def test_octets_of_any_kind_get_an_answer_or_none():
    rng = random.Random(11)
    standing = Standing(hub=1, accepts_direct=True, direct_uri="wss://127.0.0.1:1")

    for _ in range(20000):
        taken = take_message(rng.randbytes(rng.randrange(40)), standing, 1)
        assert taken.answer is None or len(taken.answer) < 60


async def test_what_the_hub_does_not_take_is_not_sent(site, caplog):
    hub = RawHub(site.hub, max_bvlc=100, max_npdu=80)
    await hub.start()
    async with joined(network(hub.uri), site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await hub.node()
        node.send(bytes(81), PEER)
        node.send(bytes(80), PEER)
        frame = await raw.heard()
    await hub.stop()

    assert len(frame) == 90
    assert node.dropped == 1
    assert caplog.text.count("takes no more than 80 octets") == 1


async def test_a_hub_that_does_not_read_costs_bounded_memory(bench, hub):
    node, _, _ = bench
    hub.may_read.clear()

    for _ in range(40):
        for _ in range(1000):
            node.send(bytes(1400), PEER)
        await asyncio.sleep(0)

    assert node.waiting <= 1024
    assert node.dropped > 30000


async def test_a_hub_that_floods_leaves_the_loop_to_others(bench):
    _, user, raw = bench
    frame = b"\x01\x08\x00\x00" + PEER + bytes(100)

    for _ in range(20000):
        await raw.socket.send_bytes(frame)

    await heard_next(user, raw)
    assert len(user.npdus) == 20001


async def test_device_uuid_and_vmac_last(site, hub, tmp_path):
    seen = []
    for _ in range(2):
        async with joined(network(hub.uri), site.node, tmp_path) as (_, user):
            await user.until_at(HubConnection.PRIMARY)
            raw = await hub.node()
            seen.append((raw.uuid, raw.vmac))

    assert seen[0] == seen[1]


async def test_a_damaged_identity_is_made_anew(site, hub, tmp_path):
    async with joined(network(hub.uri), site.node, tmp_path) as (_, user):
        await user.until_at(HubConnection.PRIMARY)
    next(tmp_path.glob("secure_node_*.json")).write_text('{"device_uuid": 1}')

    async with joined(network(hub.uri), site.node, tmp_path) as (_, user):
        await user.until_at(HubConnection.PRIMARY)


async def test_a_fault_of_the_user_does_not_end_the_connection(bench, caplog):
    _, user, raw = bench
    user.fails = True

    await raw.send("0108 0001 0200000000aa 0104020c")
    await until(lambda: "a fault above the link" in caplog.text)
    user.fails = False

    await heard_next(user, raw)
    assert user.statuses[-1].drops == 0

"""Peers speak past the hub where they can, and through it where they cannot."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from plantroom_server.secure_connect.connection import LONGEST_MESSAGE
from plantroom_server.secure_connect.direct import MOST_TRIED, DirectPace, DirectPeers
from plantroom_server.secure_connect.node import SecureNode
from plantroom_server.secure_connect.tls import client_context, server_context

from custom_components.plantroom.engine.errors import PortInUseError
from custom_components.plantroom.engine.secure_connect.models import HubConnection
from tests.ports import free_port
from tests.site import until

from .node_bench import FAST, Heard, KeptIdentity, Listening, joined, network
from .raw_hub import RawHub
from .rusty_hub import rusty_hub

NPDU = bytes.fromhex("0104020c")
PEER = bytes.fromhex("0200000000aa")
PROTOCOL = "dc.bsc.bacnet.org"


def accepting(uri: str, **more: Any):
    port = free_port()
    direct = {"direct_port": port, "direct_uri": f"wss://127.0.0.1:{port}"}
    return network(uri, **(direct | more))


@pytest.fixture
async def hub(site, tmp_path):
    """Return another maker's hub."""
    async with rusty_hub(site.hub, tmp_path) as hub:
        yield hub


@asynccontextmanager
async def two(site, hub, pace=FAST, **dialing: Any):
    """Return a node that dials directly, and one that accepts."""
    dials = network(hub.uri, **({"dial_directly": True} | dialing))
    async with (
        joined(dials, site.node, pace=pace) as (near, near_user),
        joined(accepting(hub.uri), site.second_node, pace=pace) as (far, far_user),
    ):
        await near_user.until_at(HubConnection.PRIMARY)
        await far_user.until_at(HubConnection.PRIMARY)
        yield near, near_user, far, far_user


async def connect(near: SecureNode, near_user: Listening, far: SecureNode) -> None:
    near.send(NPDU, far.vmac)
    await near_user.until(lambda: near.status.direct_peers)


async def test_npdus_go_directly_once_the_peer_said_where(site, hub):
    async with two(site, hub) as (near, near_user, far, far_user):
        await connect(near, near_user, far)
        await far_user.until(lambda: len(far_user.npdus) == 1)
        await hub.hub.stop()
        near.send(b"\x01\x00there", far.vmac)
        await far_user.until(lambda: len(far_user.npdus) == 2)
        far.send(b"\x01\x00back", near.vmac)
        await near_user.until(lambda: near_user.npdus)

        assert far_user.npdus[0] == Heard(NPDU, near.vmac, False)
        assert far_user.npdus[1] == Heard(b"\x01\x00there", near.vmac, False)
        assert near_user.npdus == [Heard(b"\x01\x00back", far.vmac, False)]
        assert near.status.direct_peers == (far.vmac.hex(":"),)
        assert far.status.direct_peers == (near.vmac.hex(":"),)


async def test_a_direct_connection_that_breaks_leaves_the_hub(site, hub):
    async with two(site, hub) as (near, near_user, far, far_user):
        await connect(near, near_user, far)
        await far._listener.stop()
        await near_user.until(lambda: not near.status.direct_peers)
        before = len(far_user.npdus)
        near.send(b"\x01\x00again", far.vmac)
        await far_user.until(lambda: len(far_user.npdus) > before)

        assert far_user.npdus[-1] == Heard(b"\x01\x00again", near.vmac, False)


async def test_idle_connections_are_left(site, hub):
    pace = replace(
        FAST, direct=DirectPace(idle_seconds=0.2, refused_seconds=99, broken_seconds=99)
    )
    async with two(site, hub, pace) as (near, near_user, far, _):
        await connect(near, near_user, far)
        await near_user.until(lambda: not near.status.direct_peers)

        assert near.status.connection is HubConnection.PRIMARY


async def test_a_peer_that_accepts_nobody_is_not_asked_again_soon(site):
    raw_hub = RawHub(site.hub)
    await raw_hub.start()
    pace = replace(FAST, direct=DirectPace())
    config = network(raw_hub.uri, dial_directly=True)
    async with joined(config, site.node, pace=pace) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await raw_hub.node()
        node.send(NPDU, PEER)
        sent, asked = await raw.heard(), await raw.heard()
        refusal = f"0008 {asked[2:4].hex()} {PEER.hex()} 02 01 00 0007 002d"
        await raw.send(refusal)
        node.send(NPDU, PEER)
        again = await raw.heard()
        node.send(NPDU, bytes.fromhex("0200000000ab"))
        other = [await raw.heard(), await raw.heard()]
    await raw_hub.stop()

    assert [each[0] for each in (sent, asked, again)] == [1, 2, 1]
    assert asked[1:2] + asked[4:] == b"\x04" + PEER
    assert [each[0] for each in other] == [1, 2]


@pytest.mark.parametrize(
    "uris",
    [
        "",
        "http://127.0.0.1:1",
        "wss://127.0.0.1:1 ws://x",
        "\udcff",
        "wss:// wss://[",
        "x" * 5000,
    ],
)
async def test_uris_that_lead_nowhere_leave_the_hub(site, uris):
    raw_hub = RawHub(site.hub)
    await raw_hub.start()
    config = network(raw_hub.uri, dial_directly=True)
    async with joined(config, site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await raw_hub.node()
        node.send(NPDU, PEER)
        asked = [await raw.heard(), await raw.heard()][1]
        said = uris.encode(errors="surrogateescape")[:1500].hex()
        await raw.send(f"0308 {asked[2:4].hex()} {PEER.hex()} {said}")
        # Of somebody who was not asked
        await raw.send(f"0308 {asked[2:4].hex()} 0200000000ac {said}")
        node.send(b"\x01\x00more", PEER)
        frames = [await raw.heard()]
        while frames[-1][10:] != b"\x01\x00more":
            frames.append(await raw.heard())

        assert node.status.direct_peers == ()
    await raw_hub.stop()


@asynccontextmanager
async def raw_peer(site, port: int, identity=None, protocol: str = PROTOCOL):
    """Return a WebSocket of a peer that connects directly."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"wss://127.0.0.1:{port}",
            ssl=client_context(identity or site.second_node),
            protocols=(protocol,),
            max_msg_size=LONGEST_MESSAGE,
        ) as socket,
    ):
        yield socket


def request(vmac: bytes = PEER, uuid: bytes = bytes(16)) -> bytes:
    return b"\x06\x00\x00\x07" + vmac + uuid + bytes.fromhex("064005d9")


@pytest.fixture
async def open_node(site):
    """Return a node that accepts direct connections, its hub being silent."""
    raw_hub = RawHub(site.hub)
    await raw_hub.start()
    async with joined(accepting(raw_hub.uri), site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        yield node, user, await raw_hub.node()
    await raw_hub.stop()


async def test_a_peer_is_accepted_and_its_messages_bear_no_address(site, open_node):
    node, user, _ = open_node
    async with raw_peer(site, node.direct_port) as socket:
        await socket.send_bytes(request())
        accepted = (await socket.receive()).data
        await socket.send_bytes(b"\x01\x00\x00\x01" + NPDU)
        await user.until(lambda: user.npdus)
        node.send(NPDU, PEER)
        sent = (await socket.receive()).data

    assert accepted[:4] == b"\x07\x00\x00\x07"
    assert accepted[4:10] == node.vmac
    assert user.npdus == [Heard(NPDU, PEER, False)]
    assert sent[:2] + sent[4:] == b"\x01\x00" + NPDU
    await user.until(lambda: not node.status.direct_peers)


async def test_a_peer_is_told_where_we_accept(open_node):
    node, _, raw = open_node

    await raw.send("0208 1234 0200000000aa")
    answer = await raw.heard()
    await raw.send("0508 1235 0200000000aa")
    advertisement = await raw.heard()

    uri = f"wss://127.0.0.1:{node.direct_port}".encode()
    assert answer == bytes.fromhex("0304 1234 0200000000aa") + uri
    assert advertisement[10:12] == b"\x01\x01"


async def test_a_device_that_comes_back_replaces_its_old_connection(site, open_node):
    node, user, _ = open_node
    async with (
        raw_peer(site, node.direct_port) as old,
        raw_peer(site, node.direct_port) as new,
    ):
        await old.send_bytes(request())
        await old.receive()
        await user.until(lambda: node.status.direct_peers)
        await new.send_bytes(request())
        assert (await new.receive()).data[0] == 0x07
        goodbye = (await old.receive()).data
        node.send(NPDU, PEER)
        sent = (await new.receive()).data

    assert goodbye[0] == 0x08
    assert sent[4:] == NPDU


async def test_a_vmac_of_somebody_else_is_refused(site, open_node):
    node, user, _ = open_node
    async with raw_peer(site, node.direct_port) as first:
        await first.send_bytes(request())
        await first.receive()
        await user.until(lambda: node.status.direct_peers)
        for vmac in (PEER, node.vmac):
            async with raw_peer(site, node.direct_port) as second:
                await second.send_bytes(request(vmac, b"\x01" * 16))
                refused = (await second.receive()).data
            assert refused == bytes.fromhex("0000 0007 06 01 00 0007 0097")
        assert node.status.direct_peers == (PEER.hex(":"),)


@pytest.mark.parametrize(
    "first",
    [b"", b"\x06", b"\x01\x00\x00\x01\x01\x00", request()[:20], request(b"\xff" * 6)],
)
async def test_who_does_not_ask_as_the_standard_says_is_closed(site, open_node, first):
    node, _, _ = open_node
    async with raw_peer(site, node.direct_port) as socket:
        await socket.send_bytes(first)
        message = await socket.receive()

    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    assert node.status.direct_peers == ()


async def test_another_subprotocol_is_closed(site, open_node):
    node, _, _ = open_node
    async with raw_peer(
        site, node.direct_port, protocol="hub.bsc.bacnet.org"
    ) as socket:
        message = await socket.receive()

    assert message.type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == 1008


@pytest.mark.parametrize("who", ["untrusted", "expired"])
async def test_who_has_no_good_certificate_does_not_come_in(site, open_node, who):
    node, _, _ = open_node

    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        async with raw_peer(site, node.direct_port, getattr(site, who)) as socket:
            await socket.receive()


async def test_nobody_speaks_for_somebody_else_over_a_direct_connection(
    site, open_node
):
    node, user, _ = open_node
    other = bytes.fromhex("0200000000ab")
    async with raw_peer(site, node.direct_port) as socket:
        await socket.send_bytes(request())
        await socket.receive()
        await socket.send_bytes(b"\x01\x08\x00\x01" + other + b"\x01\x00forged")
        await socket.send_bytes(b"\x01\x04\x00\x02" + b"\xff" * 6 + b"\x01\x00for all")
        await socket.send_bytes(b"\x01\x01\x00\x03" + b"\x41" + NPDU)
        await user.until(lambda: user.npdus)

    assert user.npdus == [Heard(NPDU, PEER, False)]


async def test_a_port_in_use_is_said_when_opening(site):
    async with asyncio.timeout(60):
        taken = await asyncio.start_server(
            lambda *_: None, "127.0.0.1", 0, ssl=server_context(site.hub)
        )
    port = taken.sockets[0].getsockname()[1]
    try:
        with pytest.raises(PortInUseError):
            async with joined(
                network("wss://127.0.0.1:1", direct_port=port), site.node
            ):
                pass
    finally:
        taken.close()
        await taken.wait_closed()


async def test_renewed_certificates_are_shown_to_peers(site):
    raw_hub = RawHub(site.hub)
    await raw_hub.start()
    kept = KeptIdentity(site.node)
    async with joined(accepting(raw_hub.uri), kept) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        kept.replace(site.nameless)
        await until(lambda: node._renewing is None)
        async with raw_peer(site, node.direct_port) as socket:
            shown = socket.get_extra_info("peercert")
    await raw_hub.stop()

    assert shown["subject"][0][0][1] == "nameless"


async def test_a_peer_that_turns_out_to_be_another_is_left(site):
    raw_hub = RawHub(site.hub)
    await raw_hub.start()
    dials = network(raw_hub.uri, dial_directly=True)
    async with (
        joined(accepting(raw_hub.uri), site.second_node) as (far, far_user),
        joined(dials, site.node) as (near, near_user),
    ):
        await far_user.until_at(HubConnection.PRIMARY)
        await near_user.until_at(HubConnection.PRIMARY)
        raws = [await raw_hub.node(), await raw_hub.node()]
        raw = next(each for each in raws if each.vmac == near.vmac)
        near.send(NPDU, PEER)
        asked = [await raw.heard(), await raw.heard()][1]
        uri = f"wss://127.0.0.1:{far.direct_port}".encode().hex()
        await raw.send(f"0308 {asked[2:4].hex()} {PEER.hex()} {uri}")
        await far_user.until(lambda: far_user.statuses[-1].direct_peers)
        await far_user.until(lambda: not far_user.statuses[-1].direct_peers)

        assert near.status.direct_peers == ()
    await raw_hub.stop()


async def test_peers_that_know_us_by_an_old_vmac_are_left(site, open_node):
    node, user, raw = open_node
    async with raw_peer(site, node.direct_port) as socket:
        await socket.send_bytes(request())
        await socket.receive()
        await user.until(lambda: node.status.direct_peers)
        before = node.vmac
        await node._dialer._take_new_vmac()
        await raw.send("0800 0001")
        goodbye = (await socket.receive()).data
        await user.until(lambda: not node.status.direct_peers)

    assert goodbye[0] == 0x08
    assert node.vmac != before


async def test_who_was_asked_is_remembered_within_bounds():
    asked: list[bytes] = []
    peers = DirectPeers(None, asked.append, lambda: None, DirectPace())

    for number in range(5000):
        for _ in range(2):
            peers.want(number.to_bytes(6))

    assert len(asked) == 5000
    assert len(peers._again_at) <= MOST_TRIED
    assert len(peers._asked) <= MOST_TRIED


async def test_certificates_that_cannot_be_used_leave_the_log_a_word(
    site, open_node, caplog
):
    node, _, _ = open_node
    node._dialer._credentials = KeptIdentity(
        replace(site.node, key="no key")
    ).credentials()

    node.renew()
    await until(lambda: "peers cannot connect" in caplog.text)

    assert node.status.connection is HubConnection.PRIMARY

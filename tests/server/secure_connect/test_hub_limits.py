"""No node takes more of a hub than its share: who never reads, who shouts, strangers."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from plantroom_server.secure_connect import hub as hub_module
from plantroom_server.secure_connect import hub_member
from plantroom_server.secure_connect.frames import Frame, encode
from plantroom_server.secure_connect.hub import Hub
from plantroom_server.secure_connect.payloads import BROADCAST, Peer
from plantroom_server.secure_connect.tls import client_context

from .certificates import Site
from .hub_bench import running_hub, serves, until
from .raw_node import RawNode


@asynccontextmanager
async def deaf_node(
    hub: Hub, site: Site
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Connect a node that never reads, and return what sends it more."""
    async with RawNode(hub.port, site.second_node) as sender:
        context = client_context(site.node)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, ssl=context, limit=1024
        )
        deaf = Peer(vmac=b"\x02deaf!", device_uuid=secrets.token_bytes(16))
        writer.write(_upgrade() + _packet(encode(_connect(deaf))))
        await until(lambda: hub.status.nodes == 2)
        # From here on it does not read: what the kernels hold is filled as well
        writer.transport.pause_reading()

        async def send_more() -> None:
            for _ in range(200):
                await sender.send_npdu(deaf.vmac, bytes(1400))
            await sender.answers()

        yield send_more
        writer.transport.abort()
        del reader


async def test_node_that_does_not_read_loses_messages(site: Site, monkeypatch):
    monkeypatch.setattr(hub_member, "SLOW_SECONDS", 3600)
    async with running_hub(site.hub) as hub, deaf_node(hub, site) as send_more:
        async with asyncio.timeout(60):
            while not hub.status.dropped:
                await send_more()
        assert len(hub.nodes) == 2


async def test_node_that_never_reads_loses_its_connection(site: Site, monkeypatch):
    monkeypatch.setattr(hub_member, "SLOW_SECONDS", 0.3)
    async with running_hub(site.hub) as hub, deaf_node(hub, site) as send_more:
        async with asyncio.timeout(60):
            while hub.status.nodes == 2:
                await send_more()
        assert len(hub.nodes) == 1
        await serves(hub.port, site)


async def test_pings_of_a_node_that_never_reads_fill_no_memory(site: Site, monkeypatch):
    monkeypatch.setattr(hub_member, "SLOW_SECONDS", 0.3)
    async with running_hub(site.hub) as hub:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, ssl=client_context(site.node), limit=1024
        )
        deaf = Peer(vmac=b"\x02deaf!", device_uuid=secrets.token_bytes(16))
        writer.write(_upgrade() + _packet(encode(_connect(deaf))))
        await until(lambda: hub.status.nodes == 1)
        writer.transport.pause_reading()
        ping = b"\x89\xfd" + bytes(4) + bytes(125)
        async with asyncio.timeout(60):
            while hub.status.nodes:
                writer.write(ping * 1000)
                await asyncio.sleep(0.001)
        writer.transport.abort()


async def test_broadcasts_without_end_do_not_fill_the_site(site: Site, monkeypatch):
    monkeypatch.setattr(hub_member, "BROADCAST_BURST", 20.0)
    monkeypatch.setattr(hub_member, "BROADCASTS_PER_SECOND", 0.001)
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as loud,
        RawNode(hub.port, site.second_node) as other,
    ):
        for _ in range(50):
            await loud.send_npdu(BROADCAST)
        await loud.answers()
        assert hub.status.dropped == 30
        await loud.send_npdu(other.vmac, b"\x01\x00to you")
        frames = [await other.receive() for _ in range(21)]
        assert frames[-1].payload == b"\x01\x00to you"


async def test_one_device_uuid_in_two_hands_is_told_once(site: Site, caplog):
    device_uuid = secrets.token_bytes(16)
    async with running_hub(site.hub) as hub:
        former: RawNode | None = None
        for identity in (site.node, site.second_node) * 3:
            node = RawNode(hub.port, identity, device_uuid=device_uuid)
            await node.open()
            assert await node.connect() is None
            if former is not None:
                await former.ended()
                await former.close()
            assert [each.vmac for each in hub.nodes] == [node.vmac.hex(":")]
            former = node
        assert former is not None
        await former.answers()
        await former.close()
        assert caplog.text.count("have the same device UUID") == 1
        await serves(hub.port, site)


async def test_strangers_are_no_more_than_there_is_room_for(site: Site, monkeypatch):
    monkeypatch.setattr(hub_module, "MOST_STRANGERS", 4)
    async with running_hub(site.hub, max_nodes=1) as hub:
        context = client_context(site.node)
        nodes = [RawNode(hub.port, site.node, context=context) for _ in range(12)]
        await asyncio.gather(*(n.open() for n in nodes), return_exceptions=True)
        assert len(hub._door or ()) <= 7
        await asyncio.gather(*(node.close() for node in nodes))


def _connect(peer: Peer) -> Frame:
    return Frame(function=6, message_id=1, payload=peer.encode())


def _upgrade() -> bytes:
    return (
        b"GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: hub.bsc.bacnet.org\r\n\r\n"
    )


def _packet(message: bytes) -> bytes:
    """Return a client's WebSocket packet, masked with zeros."""
    return bytes((0x82, 0x80 | len(message))) + bytes(4) + message

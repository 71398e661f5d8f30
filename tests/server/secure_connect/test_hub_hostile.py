"""Whatever comes from the network, the hub and its other nodes go on."""

import asyncio
import logging
import socket
import ssl
from contextlib import suppress
from random import Random

import aiohttp
import pytest
from plantroom_server.secure_connect import hub_door
from plantroom_server.secure_connect.frames import Frame
from plantroom_server.secure_connect.payloads import BROADCAST
from plantroom_server.secure_connect.tls import client_context

from .certificates import Site
from .hub_bench import SECONDS, running_hub, serves, until
from .raw_node import RawNode


async def entered(node: RawNode) -> int | None:
    """Have a node do all that makes it one; return why it is none."""
    await node.open()
    return await node.connect()


async def refused(node: RawNode) -> None:
    """Hold that a node does not become one."""
    with pytest.raises((OSError, AssertionError, aiohttp.ClientError)):
        await entered(node)
    await node.close()


@pytest.mark.parametrize(
    ("who", "cause"),
    [
        ("untrusted", "its authority is not one we trust"),
        ("expired", "its certificate has expired"),
    ],
)
async def test_certificates_that_are_not_trusted_are_refused_and_told_once(
    site: Site, caplog, who, cause
):
    async with running_hub(site.hub) as hub:
        for _ in range(2):
            await refused(RawNode(hub.port, getattr(site, who)))
        await until(lambda: hub.status.refused >= 2)
        assert caplog.text.count(f"refuses 127.0.0.1: {cause}") == 1
        await serves(hub.port, site)


async def test_node_learns_by_the_alert_that_it_is_not_trusted(site: Site):
    async with running_hub(site.hub) as hub:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, ssl=client_context(site.untrusted)
        )
        writer.write(b"GET / HTTP/1.1\r\n\r\n" * 50)
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            async with asyncio.timeout(SECONDS):
                await reader.read()
        writer.close()


async def test_without_a_certificate_or_with_an_older_tls_nobody_enters(
    site: Site, caplog
):
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with running_hub(site.hub) as hub:
        for context in (bare, old):
            await refused(RawNode(hub.port, site.node, context=context))
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.read()
            writer.close()
        for cause in ("no certificate", "older TLS", "without TLS"):
            await until(lambda cause=cause: cause in caplog.text)


async def test_node_that_distrusts_us_says_so_in_our_log(site: Site, caplog):
    context = client_context(site.authority.identity("node", trusts=site.stranger.pem))

    def distrust(port: int) -> None:
        with (
            socket.create_connection(("127.0.0.1", port), SECONDS) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(plain)

    async with running_hub(site.hub) as hub:
        # OpenSSL sends the alert itself where asyncio does not
        await asyncio.to_thread(distrust, hub.port)
        cause = "it does not trust the authority of our certificate"
        await until(lambda: cause in caplog.text)


@pytest.mark.parametrize("protocols", [("dc.bsc.bacnet.org",), ("chat",)])
async def test_other_subprotocols_are_refused(site: Site, protocols):
    async with running_hub(site.hub) as hub:
        node = RawNode(hub.port, site.node)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await node.open(*protocols)
        assert caught.value.status == 400
        await serves(hub.port, site)


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\xff\x00 junk\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET " + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
    ],
    ids=["octets", "header", "long", "half"],
)
async def test_requests_that_are_none_end_and_fill_no_log(site: Site, caplog, junk):
    async with running_hub(site.hub) as hub:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, ssl=client_context(site.node)
        )
        writer.write(junk)
        async with asyncio.timeout(SECONDS):
            assert b" 400 " in await reader.readline()
        writer.close()
        await serves(hub.port, site)
        assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_browser_is_told_what_this_is(site: Site):
    async with running_hub(site.hub) as hub, aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{hub.port}/anything"
        async with session.get(url, ssl=client_context(site.node)) as answer:
            assert (answer.status, await answer.text()) == (
                400,
                "This is a BACnet/SC hub",
            )


async def test_who_does_not_ask_to_connect_is_cut(site: Site, monkeypatch):
    loop = asyncio.get_running_loop()
    async with running_hub(site.hub) as hub:
        silent, chatty = (RawNode(hub.port, site.node) for _ in range(2))
        await silent.open()
        await chatty.open()
        for _ in range(5):
            await chatty.send_npdu(BROADCAST)
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + hub_door.CONNECT_SECONDS)
        for node in (silent, chatty):
            await node.ended()
            await node.close()
        await until(lambda: len(hub._door or ()) == 0)


async def test_who_does_not_shake_hands_is_cut(site: Site, monkeypatch):
    monkeypatch.setattr(hub_door, "TLS_SECONDS", 0.2)
    async with running_hub(site.hub) as hub:
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        async with asyncio.timeout(SECONDS):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()


async def test_storm_of_connections_that_say_nothing_keeps_no_node_out(site: Site):
    async with running_hub(site.hub) as hub:
        silent = [
            await asyncio.open_connection("127.0.0.1", hub.port, local_addr=(host, 0))
            for host in ("127.0.0.2", "127.0.0.3")
            for _ in range(100)
        ]
        # Two addresses fill every turn there is; a third has to be let in all the same
        assert len(hub._door._shaking) == hub_door.MOST_SHAKING  # type: ignore[union-attr]
        for _, writer in silent[:100]:
            writer.transport.abort()
        await serves(hub.port, site)
        for _, writer in silent:
            writer.transport.abort()
        await until(lambda: len(hub._door or ()) == 0)


async def test_one_address_cannot_take_every_turn(site: Site):
    async with running_hub(site.hub) as hub:
        silent = [
            await asyncio.open_connection(
                "127.0.0.1", hub.port, local_addr=("127.0.0.2", 0)
            )
            for _ in range(200)
        ]
        await serves(hub.port, site)
        for _, writer in silent:
            writer.transport.abort()


async def test_too_many_connections_are_refused(site: Site, monkeypatch, caplog):
    monkeypatch.setattr(hub_door, "MOST_WAITING", 10)
    async with running_hub(site.hub) as hub:
        silent = [
            await asyncio.open_connection("127.0.0.1", hub.port) for _ in range(60)
        ]
        await until(lambda: "too many connect at the same time" in caplog.text)
        for _, writer in silent:
            writer.transport.abort()
        await until(lambda: len(hub._door or ()) == 0)
        await serves(hub.port, site)


async def test_whole_site_that_comes_back_at_once_is_let_in(site: Site):
    async with running_hub(site.hub) as hub:
        context = client_context(site.node)
        nodes = [RawNode(hub.port, site.node, context=context) for _ in range(100)]
        answers = await asyncio.gather(*map(entered, nodes))
        assert set(answers) == {None}
        assert hub.status.nodes == 100
        await asyncio.gather(*(node.close() for node in nodes))
        await until(lambda: hub.status.nodes == 0)


async def test_text_ends_the_connection_as_the_standard_says(site: Site):
    async with running_hub(site.hub) as hub:
        async with RawNode(hub.port, site.node) as node:
            await node.socket.send_str("hello")
            assert await node.ended() == aiohttp.WSCloseCode.UNSUPPORTED_DATA
        early = RawNode(hub.port, site.node)
        await early.open()
        await early.socket.send_str("hello")
        assert await early.ended() == aiohttp.WSCloseCode.UNSUPPORTED_DATA
        await early.close()
        await until(lambda: hub.status.nodes == 0)


async def test_oversize_message_ends_the_connection(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        await node.socket.send_bytes(bytes(100_000))
        await node.ended()
        await until(lambda: hub.status.nodes == 0)
        await serves(hub.port, site)


async def test_message_longer_than_its_receiver_takes_is_not_passed_on(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node, max_bvlc=100) as small,
    ):
        for octets in (91, 90):
            await one.send_npdu(small.vmac, bytes(octets))
        assert len((await small.receive()).payload) == 90
        for octets in (85, 84):
            await one.send_npdu(BROADCAST, bytes(octets))
        assert len((await small.receive()).payload) == 84


async def test_garbage_of_every_kind_harms_nobody(site: Site, caplog):
    chance = Random(20261121)
    caplog.set_level(logging.WARNING)
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as bad,
        RawNode(hub.port, site.second_node) as good,
    ):
        reading = asyncio.create_task(_read_away(bad))
        for _ in range(3000):
            data = bytearray(chance.randbytes(chance.choice((0, 1, 3, 4, 9, 10, 40))))
            if len(data) >= 4:
                data[0] = chance.choice((*range(14), 255))
                if chance.random() < 0.5:
                    data[4:10] = chance.choice((good.vmac, BROADCAST, bad.vmac))
            # A goodbye would end this too soon
            if data[:1] != b"\x08":
                await bad.send(bytes(data))
        await bad.send_npdu(good.vmac, b"\x01\x00the end")
        while (await good.receive_raw())[-7:] != b"the end":
            pass
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert hub.status.nodes == 2
        assert "Traceback" not in caplog.text
        assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def _read_away(node: RawNode) -> None:
    while True:
        await node.socket.receive()


async def test_no_node_sends_another_away_through_the_hub(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as bad,
        RawNode(hub.port, site.second_node) as good,
    ):
        for function in (6, 7, 8, 9, 10, 11):
            for destination in (good.vmac, BROADCAST):
                await bad.send(
                    Frame(function=function, message_id=1, destination=destination)
                )
        await bad.send_npdu(good.vmac, b"\x01\x00after")
        assert (await good.receive()).payload == b"\x01\x00after"

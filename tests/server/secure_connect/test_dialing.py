"""What stands in the way of a connection is told exactly, and once."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from plantroom_server.secure_connect.dial_errors import LinkError, translated
from plantroom_server.secure_connect.dialing import _answer, new_session
from plantroom_server.secure_connect.tls import CredentialsError, server_context

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.secure_connect.models import HubConnection
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble
from tests.site import until

from .hub_kinds import KINDS, opened_hub
from .node_bench import FAST, KeptIdentity, joined, network
from .raw_hub import RawHub

URI = "wss://127.0.0.1:1"
BRIEF = replace(FAST, connect_seconds=0.3)


async def reason_at(
    uri: str, site, pace=FAST, identity=None, **config: Any
) -> tuple[str, str]:
    """Return why a node has no hub at a URI, and the detail."""
    asked = network(uri, **config)
    async with joined(asked, identity or site.node, pace=pace) as (_, user):
        await user.until(lambda: user.statuses)
        status = user.statuses[0]
    assert status.connection is HubConnection.NONE
    assert status.hub_uri == uri
    return status.reason, status.detail


@asynccontextmanager
async def raw_hub(identity, **facts: Any) -> AsyncIterator[RawHub]:
    hub = RawHub(identity, **facts)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


@pytest.mark.parametrize(
    ("who", "trouble"),
    [
        ("untrusted", HubTrouble.UNTRUSTED),
        ("expired", HubTrouble.EXPIRED),
    ],
)
async def test_a_hubs_certificate_that_is_not_good_is_told(site, who, trouble):
    async with raw_hub(getattr(site, who)) as hub:
        assert (await reason_at(hub.uri, site))[0] == trouble


async def test_a_hubs_certificate_of_tomorrow_is_told(site):
    async with raw_hub(site.authority.identity("soon", valid_days=(1, 9))) as hub:
        assert (await reason_at(hub.uri, site))[0] == HubTrouble.NOT_YET_VALID


async def test_a_hub_of_another_name_is_told_when_names_are_checked(site):
    async with raw_hub(site.nameless) as hub:
        async with joined(network(hub.uri), site.node) as (_, user):
            await user.until_at(HubConnection.PRIMARY)
        told = await reason_at(hub.uri, site, check_host_names=True)

    assert told[0] == HubTrouble.HOST_NAME


@pytest.mark.parametrize(
    ("who", "trouble"),
    [
        ("untrusted", HubTrouble.OWN_UNTRUSTED),
        ("expired", HubTrouble.OWN_EXPIRED),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_our_certificate_refused_by_a_hub_is_told(
    site, tmp_path, kind, who, trouble
):
    async with opened_hub(kind, site.hub, tmp_path) as port:
        uri = f"wss://127.0.0.1:{port}"
        told = await reason_at(uri, site, identity=getattr(site, who))

    assert told[0] == trouble


async def test_a_hub_that_closes_without_a_word_is_told(site):
    async def close(socket: web.WebSocketResponse) -> None:
        await socket.close()

    async with raw_hub(site.hub) as hub:
        hub.first = close
        assert (await reason_at(hub.uri, site))[0] == HubTrouble.CLOSED_EARLY


async def test_nobody_there_is_told(site):
    hub = RawHub(site.hub)
    await hub.start()
    await hub.stop()

    assert (await reason_at(hub.uri, site))[0] == HubTrouble.CONNECTION_REFUSED


async def test_a_hub_that_never_accepts_is_told(site):
    async with raw_hub(site.hub) as hub:
        hub.accepts = False
        assert (await reason_at(hub.uri, site, BRIEF))[0] == HubTrouble.NO_ANSWER


@asynccontextmanager
async def tcp_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def test_a_machine_that_only_listens_is_told(site):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with tcp_server(serve) as uri:
        assert (await reason_at(uri, site, BRIEF))[0] == HubTrouble.NO_ANSWER


async def test_what_does_not_speak_tls_is_told(site):
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with tcp_server(serve) as uri:
        assert (await reason_at(uri, site))[0] == HubTrouble.TLS


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 302 Found\r\nLocation: //127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"no HTTP at all\r\n\r\n",
    ],
)
async def test_a_web_server_is_no_hub_and_leads_nowhere(site, answer):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with tcp_server(serve, server_context(site.hub)) as uri:
        assert (await reason_at(uri, site))[0] == HubTrouble.NOT_A_HUB


async def test_another_subprotocol_is_no_hub(site):
    async with raw_hub(site.hub, protocol="dc.bsc.bacnet.org") as hub:
        told = await reason_at(hub.uri, site)

    assert told == (HubTrouble.NOT_A_HUB, "subprotocol None")


async def test_a_hub_that_speaks_no_bacnet_is_told(site):
    async def text(socket: web.WebSocketResponse) -> None:
        await socket.send_str("hello")

    async with raw_hub(site.hub) as hub:
        hub.first = text
        assert (await reason_at(hub.uri, site))[0] == HubTrouble.PROTOCOL


async def test_a_refusal_is_told_in_the_hubs_words_without_what_harms_a_log(site):
    def refused(asked: bytes) -> bytes:
        words = "no\nroom \x1b[31m" + "!" * 1000
        code = bytes.fromhex("060100 0007 0094")
        return b"\x00\x00" + asked[2:4] + code + words.encode()

    async with raw_hub(site.hub) as hub:
        hub.refuses_with = refused
        reason, detail = await reason_at(hub.uri, site)

    assert reason == HubTrouble.REFUSED
    assert detail.startswith("NOT_A_HUB noroom [31m!")
    assert len(detail) <= 200


async def test_messages_before_we_are_accepted_are_passed_over(site):
    async def early(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes.fromhex("010c00000200000000aaffffffffffff0100"))

    async with raw_hub(site.hub) as hub:
        hub.first = early
        async with joined(network(hub.uri), site.node) as (_, user):
            await user.until_at(HubConnection.PRIMARY)


async def test_a_hub_that_says_much_but_never_accepts_is_left(site):
    async def much(socket: web.WebSocketResponse) -> None:
        for _ in range(100):
            await socket.send_bytes(b"\x0a\x00\x00\x00")

    async with raw_hub(site.hub) as hub:
        hub.first = much
        assert (await reason_at(hub.uri, site))[0] == HubTrouble.PROTOCOL


@pytest.mark.parametrize("payload", ["", "00" * 25, "ff" * 6 + "00" * 20])
async def test_an_acceptance_that_cannot_be_is_told(site, payload):
    def accepted(asked: bytes) -> bytes:
        return b"\x07\x00" + asked[2:4] + bytes.fromhex(payload)

    async with raw_hub(site.hub) as hub:
        hub.refuses_with = accepted
        assert (await reason_at(hub.uri, site))[0] == HubTrouble.PROTOCOL


async def test_credentials_that_cannot_be_used_are_said_when_opening(site):
    wrong = replace(site.node, key=site.hub.key)

    with pytest.raises(CredentialsError):
        async with joined(network(URI), wrong):
            pass


async def test_credentials_that_are_gone_are_said_when_opening(site):
    kept = KeptIdentity(site.node)

    def gone() -> None:
        raise ConfigurationError("There are no such credentials", field="credentials")

    kept.credentials = lambda: replace(KeptIdentity.credentials(kept), identity=gone)

    with pytest.raises(CredentialsError, match="no such credentials"):
        async with joined(network(URI), kept):
            pass


async def test_the_same_trouble_is_logged_once(site, caplog):
    hub = RawHub(site.hub)
    await hub.start()
    await hub.stop()
    caplog.set_level(logging.INFO, "plantroom_server.secure_connect")
    async with joined(network(hub.uri), site.node) as (_, user):
        await user.until(lambda: user.statuses)
        await asyncio.sleep(0.5)
        await hub.start()
        await user.until_at(HubConnection.PRIMARY)
    await hub.stop()

    said = [each.getMessage() for each in caplog.records]
    assert [each for each in said if "no hub" in each] == [
        f"North has no hub: hub_connection_refused  ({hub.uri})"
    ]
    assert len([each for each in said if "connected to the primary" in each]) == 1


def test_names_that_cannot_be_looked_up_are_told():
    key: Any = aiohttp.client_reqrep.ConnectionKey(
        host="hub.example",
        port=4443,
        is_ssl=True,
        ssl=True,
        proxy=None,
        proxy_auth=None,
        proxy_headers_hash=None,
    )
    err = aiohttp.ClientConnectorDNSError(key, OSError(-2, "Name not known"))

    assert translated(err, URI).trouble is HubTrouble.NAME_UNKNOWN


def test_what_nobody_foresaw_is_unreachable():
    found = translated(OSError(113, "No route to host"), URI)

    assert (found.code, found.facts["uri"]) == ("hub_unreachable", URI)
    assert "No route to host" in found.detail


def test_an_error_that_is_translated_already_stays():
    known = LinkError(HubTrouble.SILENT, URI)

    assert translated(known, "wss://127.0.0.1:2") is known


async def test_the_session_keeps_no_cookies():
    async with new_session() as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
    await until(lambda: session.closed)


@settings(deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_answers_of_any_octets_accept_refuse_or_are_passed_over(octets, to_us):
    data = octets[:2] + b"\x00\x07" + octets[4:] if to_us else octets

    try:
        peer = _answer(data, 7, URI)
    except LinkError as err:
        assert err.trouble in HubTrouble  # noqa: PT017
    else:
        assert peer is None or len(peer.vmac) == 6

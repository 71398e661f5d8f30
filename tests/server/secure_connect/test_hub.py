"""Nodes meet at our hub (135-2020, AB.5.3 and AB.6)."""

import asyncio
import secrets
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from plantroom_server.secure_connect.frames import (
    SECURE_PATH,
    ErrorCode,
    Frame,
    Function,
    Option,
    encode,
)
from plantroom_server.secure_connect.payloads import (
    BROADCAST,
    decode_result,
)
from plantroom_server.secure_connect.tls import client_context

from tests.ports import free_port

from .certificates import Site
from .hub_bench import running_hub, until
from .raw_node import RawNode


async def test_message_to_one_reaches_it_alone_with_its_sender(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node) as other,
        RawNode(hub.port, site.nameless) as third,
    ):
        await one.send_npdu(other.vmac, b"\x01\x00hello")

        frame = await other.receive()
        assert frame.originating == one.vmac
        assert frame.destination is None
        assert frame.payload == b"\x01\x00hello"
        assert frame.message_id == 1
        # Nothing came before the answers to these
        await one.answers()
        async with asyncio.timeout(60):
            await third.send(Frame(function=10, message_id=3))
            assert (await third.receive()).message_id == 3


async def test_broadcast_reaches_all_others_and_says_so(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node) as other,
        RawNode(hub.port, site.nameless) as third,
    ):
        await one.send_npdu(BROADCAST)

        for node in (other, third):
            frame = await node.receive()
            assert frame.originating == one.vmac
            assert frame.destination == BROADCAST
        await one.send(Frame(function=10, message_id=9))
        assert (await one.receive()).function == Function.HEARTBEAT_ACK


async def test_header_options_and_long_messages_pass_unchanged(site: Site):
    option = Option(type=31, must_understand=True, data=b"\x01\x02\x03")
    sent = Frame(
        function=1,
        message_id=0xABCD,
        destination_options=(option,),
        data_options=(SECURE_PATH, option),
        payload=secrets.token_bytes(1497),
    )
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node) as other,
    ):
        data = bytearray(encode(sent))
        data[1] |= 4
        await one.send(bytes(data[:4]) + other.vmac + bytes(data[4:]))

        frame = await other.receive()
    assert frame.originating == one.vmac
    assert frame.destination_options == sent.destination_options
    assert frame.data_options == sent.data_options
    assert (frame.payload, frame.message_id) == (sent.payload, 0xABCD)


async def test_node_may_name_itself_but_nobody_else(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node) as other,
    ):
        for origin in (b"\x02STOLE", one.vmac):
            await one.send(
                Frame(
                    function=1,
                    message_id=2,
                    originating=origin,
                    destination=other.vmac,
                    payload=origin,
                )
            )
        frame = await other.receive()
        assert frame.payload == frame.originating == one.vmac


async def test_heartbeat_is_answered_with_its_id(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        await node.send(Frame(function=10, message_id=0x1234))
        frame = await node.receive()
        assert (frame.function, frame.message_id) == (11, 0x1234)
        assert frame.originating is frame.destination is None


async def test_goodbye_is_answered_and_frees_the_vmac(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        await node.send(Frame(function=8, message_id=4))
        frame = await node.receive()
        assert (frame.function, frame.message_id) == (9, 4)
        await node.ended()
        await until(lambda: hub.status.nodes == 0)
        async with RawNode(hub.port, site.node, vmac=node.vmac):
            assert hub.status.nodes == 1


async def test_device_that_connects_again_replaces_its_old_connection(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.second_node) as other,
        RawNode(hub.port, site.node) as old,
        RawNode(hub.port, site.node, device_uuid=old.device_uuid) as new,
    ):
        await old.ended()
        assert {node.vmac for node in hub.nodes} == {
            other.vmac.hex(":"),
            new.vmac.hex(":"),
        }
        await other.send_npdu(new.vmac)
        assert (await new.receive()).originating == other.vmac


async def test_device_may_come_back_with_the_vmac_it_had(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as old,
        RawNode(hub.port, site.node, vmac=old.vmac, device_uuid=old.device_uuid) as new,
    ):
        await old.ended()
        await new.answers()
        assert [node.vmac for node in hub.nodes] == [new.vmac.hex(":")]


async def test_vmac_of_another_device_is_refused_and_the_first_stays(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as first:
        for vmac in (first.vmac, first.hub.vmac if first.hub else b""):
            second = RawNode(hub.port, site.second_node, vmac=vmac)
            await second.open()
            assert await second.connect() == ErrorCode.DUPLICATE_VMAC
            await second.ended()
            await second.close()
        await first.answers()
        assert hub.status.nodes == 1
        assert hub.status.refused == 2


@pytest.mark.parametrize(
    ("vmac", "device_uuid"),
    [
        (BROADCAST, b"u" * 16),
        (bytes(6), b"u" * 16),
        (b"\x02abcde", bytes(16)),
    ],
)
async def test_reserved_addresses_are_nobodys(site: Site, vmac, device_uuid):
    async with running_hub(site.hub) as hub:
        node = RawNode(hub.port, site.node)
        node.vmac, node.device_uuid = vmac, device_uuid
        await node.open()
        assert await node.connect() == ErrorCode.PARAMETER_OUT_OF_RANGE
        await node.ended()
        await node.close()
        assert hub.nodes == ()


async def test_full_hub_refuses_new_devices_but_not_those_it_has(site: Site):
    async with (
        running_hub(site.hub, max_nodes=1) as hub,
        RawNode(hub.port, site.node) as first,
    ):
        late = RawNode(hub.port, site.second_node)
        await late.open()
        assert await late.connect() == 0
        await late.close()
        async with RawNode(hub.port, site.node, device_uuid=first.device_uuid):
            assert hub.status.nodes == 1


async def test_who_is_connected_since_when_and_by_which_certificate(site: Site):
    before = datetime.now(UTC)
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as one,
        RawNode(hub.port, site.second_node),
    ):
        first, second = hub.nodes
    assert first.vmac == one.vmac.hex(":")
    assert first.device_uuid == one.device_uuid.hex()
    assert first.address == "127.0.0.1"
    assert (first.subject, second.subject) == ("CN=node", "CN=second node")
    assert before <= first.since <= second.since <= datetime.now(UTC)


async def test_status_is_told_after_nodes_came_and_went(site: Site):
    told: list[bool] = []
    async with running_hub(site.hub, lambda: told.append(True)) as hub:
        async with RawNode(hub.port, site.node):
            await until(lambda: len(told) == 1)
            assert hub.status.nodes == 1
        await until(lambda: len(told) == 2)
        assert hub.status.nodes == 0


async def test_what_is_for_the_hub_and_not_understood_is_refused(site: Site):
    must = Option(type=5, must_understand=True, data=b"x")
    cases: list[tuple[Frame | bytes, ErrorCode]] = [
        (Frame(function=0x0D, message_id=1), ErrorCode.FUNCTION_UNKNOWN),
        (
            Frame(function=10, message_id=1, destination_options=(must,)),
            ErrorCode.HEADER_NOT_UNDERSTOOD,
        ),
        (Frame(function=10, message_id=1, payload=b"?"), ErrorCode.UNEXPECTED_DATA),
        (
            Frame(function=1, message_id=1, payload=b"\x01\x00"),
            ErrorCode.HEADER_ENCODING_ERROR,
        ),
        (b"\x0a\x02\x00\x01", ErrorCode.MESSAGE_INCOMPLETE),
    ]
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        for sent, code in cases:
            await node.send(sent)
            answer = await node.receive()
            assert answer.function == Function.RESULT
            assert answer.message_id == 1
            _, refused = decode_result(answer.payload)
            assert refused is not None
            assert refused.code == code


async def test_answers_are_never_refused(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        for function in (0x00, 0x03, 0x07, 0x09, 0x0B):
            await node.send(bytes((function, 3, 0, 1)))
            await node.send(bytes((function, 0, 0, 1)) + b"junk")
        await node.send(Frame(function=10, message_id=2))
        assert (await node.receive()).function == Function.HEARTBEAT_ACK


async def test_no_node_is_behind_the_hubs_own_vmac(site: Site):
    async with running_hub(site.hub) as hub, RawNode(hub.port, site.node) as node:
        assert node.hub is not None
        await node.send(Frame(function=5, message_id=6, destination=node.hub.vmac))
        answer = await node.receive()
        _, refused = decode_result(answer.payload)
        assert refused is not None
        assert refused.code == ErrorCode.OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED
        assert answer.originating == node.hub.vmac
        # NPDUs to it are nobody's
        await node.send_npdu(node.hub.vmac)
        await node.answers()


async def test_hub_that_stops_says_goodbye(site: Site):
    async with running_hub(site.hub) as hub:
        node = RawNode(hub.port, site.node)
        await node.open()
        await node.connect()
        stopping = asyncio.create_task(hub.stop())
        assert (await node.receive()).function == Function.DISCONNECT_REQUEST
        await node.send(Frame(function=9, message_id=0))
        await node.close()
        await stopping
        assert (hub.port, hub.status.listening, hub.nodes) == (0, False, ())


async def test_new_certificate_is_shown_to_new_nodes_and_cuts_nobody(site: Site):
    renewed = site.authority.identity("hub, renewed")
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as old,
    ):
        await hub.replace_identity(renewed)
        async with RawNode(hub.port, site.second_node) as new:
            subjects = [
                dict(pair for part in cert["subject"] for pair in part)["commonName"]
                for node in (old, new)
                for cert in [node.socket.get_extra_info("peercert")]
            ]
            assert subjects == ["hub", "hub, renewed"]
            await old.send_npdu(new.vmac)
            assert (await new.receive()).originating == old.vmac


async def test_authorities_that_are_trusted_no_more_are_refused_from_then_on(
    site: Site,
):
    both = site.authority.pem + site.stranger.pem
    wide = site.authority.identity("hub", trusts=both)
    async with (
        running_hub(wide) as hub,
        RawNode(hub.port, site.untrusted) as early,
    ):
        await hub.replace_identity(site.hub)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, ssl=client_context(site.untrusted)
        )
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            await reader.read()
        writer.close()
        await early.answers()


async def test_certificate_that_expires_ends_its_connection(site: Site, caplog):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as short,
        RawNode(
            hub.port, site.authority.identity("long", valid_days=(-1, 3000))
        ) as long,
    ):
        hub._cut_expired(datetime.now(UTC) + timedelta(days=826))
        await short.ended()
        await long.answers()
        assert "127.0.0.1: its certificate has expired" in caplog.text
        assert [node.subject for node in hub.nodes] == ["CN=long"]


async def test_silent_node_is_asked_once_and_then_gone(site: Site):
    async with (
        running_hub(site.hub) as hub,
        RawNode(hub.port, site.node) as silent,
        RawNode(hub.port, site.second_node) as lively,
    ):
        later = asyncio.get_running_loop().time() + 340
        hub._cut_silent(later)
        message = await lively.socket.receive()
        await lively.socket.pong(message.data)
        await lively.answers()
        for member in hub._members:
            if member.vmac == lively.vmac:
                member.heard = later
        hub._cut_silent(later)
        await silent.ended()
        await lively.answers()
        assert hub.status.nodes == 1


async def test_second_hub_serves_while_the_first_is_dead(site: Site):
    async with running_hub(site.second_hub) as failover:
        async with (
            running_hub(site.hub, hub_id="primary") as primary,
            RawNode(primary.port, site.node) as node,
        ):
            await node.answers()
        async with (
            RawNode(failover.port, site.node, device_uuid=node.device_uuid) as one,
            RawNode(failover.port, site.second_node) as other,
        ):
            await one.send_npdu(BROADCAST)
            assert (await other.receive()).originating == one.vmac


async def test_port_of_another_program_is_an_error(site: Site):
    port = free_port()
    async with running_hub(site.hub, port=port):
        with pytest.raises(OSError, match="in use"):
            async with running_hub(site.second_hub, port=port):
                pass

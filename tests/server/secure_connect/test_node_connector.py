"""A node never stays without a hub that it could have."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from plantroom_server.secure_connect.connection import KeepAlive

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from tests.site import until

from .node_bench import FAST, IMPATIENT, KeptIdentity, joined, network
from .raw_hub import RawHub

NPDU = bytes.fromhex("0104020c")
PEER = bytes.fromhex("0200000000aa")
SECOND_VMAC = bytes.fromhex("020000000002")
# Gives the primary hub little time, as a test of who is chosen first
HASTY = replace(FAST, hubs=replace(FAST.hubs, head_start_seconds=0.05))
PATIENT = replace(FAST, hubs=replace(FAST.hubs, return_seconds=3600))


@pytest.fixture
async def hubs(site) -> AsyncIterator[tuple[RawHub, RawHub]]:
    primary = RawHub(site.hub)
    failover = RawHub(site.second_hub, vmac=SECOND_VMAC)
    await primary.start()
    await failover.start()
    yield primary, failover
    await primary.stop()
    await failover.stop()


def duplicate(asked: bytes) -> bytes:
    """Return the refusal of a VMAC, as the standard lays it out."""
    return b"\x00\x00" + asked[2:4] + bytes.fromhex("060100 0007 0097")


async def test_failover_at_once_and_back_when_the_primary_hub_answers(site, hubs):
    primary, failover = hubs
    config = network(primary.uri, failover.uri)
    async with joined(config, site.node) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        await primary.stop()
        over = await user.until_at(HubConnection.FAILOVER, "hub_connection_refused")
        raw = await failover.node()
        await primary.start()
        back = await user.until_at(HubConnection.PRIMARY)

        assert over.hub_vmac == SECOND_VMAC.hex(":")
        assert (over.hub_uri, back.hub_uri) == (failover.uri, primary.uri)
        assert back.drops == 1
        assert (await raw.heard())[:1] == b"\x08"
        async with asyncio.timeout(60):
            await raw.left.wait()
        node.send(NPDU, PEER)
        again = await primary.node()
        while again.uuid != raw.uuid or again.left.is_set():
            again = await primary.node()
        assert (await again.heard())[10:] == NPDU


async def test_nothing_is_said_twice_of_a_primary_hub_that_stays_away(site, hubs):
    primary, failover = hubs
    await primary.stop()
    config = network(primary.uri, failover.uri)
    async with joined(config, site.node) as (_, user):
        await user.until_at(HubConnection.FAILOVER, "hub_connection_refused")
        told = len(user.statuses)
        await asyncio.sleep(0.5)  # three tries or more to return

        assert len(user.statuses) == told


async def test_reason_changes_with_what_is_wrong_with_the_primary_hub(site, hubs):
    primary, failover = hubs
    await primary.stop()
    config = network(primary.uri, failover.uri)
    async with joined(config, site.node) as (_, user):
        since = (
            await user.until_at(HubConnection.FAILOVER, "hub_connection_refused")
        ).since
        stranger = RawHub(site.untrusted)
        stranger.port = primary.port
        await stranger.start()
        now = await user.until_at(HubConnection.FAILOVER, "hub_untrusted")
        await stranger.stop()

    assert now.since == since


async def test_a_primary_hub_that_does_not_answer_is_not_waited_for(site, hubs):
    primary, failover = hubs
    primary.accepts = False
    config = network(primary.uri, failover.uri)
    async with joined(
        config,
        site.node,
        pace=replace(HASTY, hubs=replace(HASTY.hubs, return_seconds=3600)),
    ) as (_, user):
        now = await user.until_at(HubConnection.FAILOVER, "hub_no_answer")

    assert now.hub_uri == failover.uri


async def test_a_primary_hub_that_is_only_slow_is_chosen(site, hubs):
    primary, failover = hubs

    async def slow(_socket):
        await until(lambda: failover.requests)

    primary.first = slow
    failover.accepts = False
    config = network(primary.uri, failover.uri)
    async with joined(config, site.node, pace=HASTY) as (_, user):
        await user.until_at(HubConnection.PRIMARY)


async def test_a_frozen_hub_is_left(site, hubs):
    primary, failover = hubs
    primary.answers_heartbeats = False
    config = network(primary.uri, failover.uri)
    pace = replace(PATIENT, keep_alive=IMPATIENT)
    async with joined(config, site.node, pace=pace) as (_, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await primary.node()
        primary.accepts = False  # nothing of it moves any more
        await user.until(lambda: user.statuses[-1].drops == 1)

        assert (await raw.heard())[0] == 0x0A
        assert user.statuses[-1].reason == "hub_silent"


async def test_a_hub_that_answers_heartbeats_is_kept(site, hubs):
    primary, _ = hubs
    pace = replace(FAST, keep_alive=KeepAlive(seconds=0.05, answer_seconds=20))
    async with joined(network(primary.uri), site.node, pace=pace) as (_, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await primary.node()
        for _ in range(5):
            assert (await raw.heard())[0] == 0x0A

        assert user.statuses[-1].drops == 0


async def test_a_vmac_of_somebody_else_is_changed_and_kept(site, hubs, tmp_path):
    primary, _ = hubs
    refused: list[bytes] = []

    def once(asked: bytes) -> bytes:
        refused.append(asked[4:10])
        primary.refuses_with = None
        return duplicate(asked)

    primary.refuses_with = once
    async with joined(network(primary.uri), site.node, tmp_path) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        raw = await primary.node()

        assert raw.vmac != refused[0]
        assert node.vmac == raw.vmac
        assert [each.reason for each in user.statuses] == ["vmac_refused", ""]
    async with joined(network(primary.uri), site.node, tmp_path) as (_, user):
        assert (await primary.node()).vmac == raw.vmac


async def test_a_hub_that_refuses_every_vmac_is_not_asked_without_a_pause(site, hubs):
    primary, _ = hubs
    primary.refuses_with = duplicate
    pace = replace(FAST, shortest_seconds=3600, longest_seconds=3600)
    async with joined(network(primary.uri), site.node, pace=pace) as (_, user):
        await until(lambda: primary.requests == 4)
        await asyncio.sleep(0.3)

        assert primary.requests == 4
        assert user.statuses[-1].reason == "vmac_refused"


async def test_a_hub_that_throws_us_out_is_not_asked_without_a_pause(site, hubs):
    """As when another device has our UUID: each connection ends the other's."""
    primary, _ = hubs
    pace = replace(
        FAST,
        shortest_seconds=3600,
        longest_seconds=3600,
        hubs=replace(FAST.hubs, lasted_seconds=60),
    )
    async with joined(network(primary.uri), site.node, pace=pace) as (_, user):
        for _ in range(4):
            raw = await primary.node()
            await raw.send("0800 0001")
        await user.until(lambda: user.statuses[-1].drops == 4)
        await asyncio.sleep(0.3)

        assert primary.requests == 4


async def test_without_any_hub_it_tries_for_ever(site, hubs):
    primary, failover = hubs
    await primary.stop()
    await failover.stop()
    config = network(primary.uri, failover.uri)
    async with joined(config, site.node) as (node, user):
        await user.until_at(HubConnection.NONE, "hub_connection_refused")
        node.send(NPDU, PEER)
        await failover.start()
        await user.until_at(HubConnection.FAILOVER, "hub_connection_refused")

        assert node.dropped == 1


async def test_renewed_certificates_are_used_before_the_old_connection_is_left(
    site, hubs
):
    primary, _ = hubs
    kept = KeptIdentity(site.node)
    async with joined(network(primary.uri), kept) as (node, user):
        await user.until_at(HubConnection.PRIMARY)
        old = await primary.node()
        kept.replace(site.second_node)
        new = await primary.node()
        await until(old.left.is_set)

        assert (old.subject, new.subject) == ("node", "second node")
        assert (old.uuid, old.vmac) == (new.uuid, new.vmac)
        assert {each.connection for each in user.statuses} == {HubConnection.PRIMARY}
        node.send(NPDU, PEER)
        assert (await new.heard())[10:] == NPDU
    assert not kept.listeners


async def test_certificates_that_are_not_taken_leave_the_old_connection(site, hubs):
    primary, _ = hubs
    kept = KeptIdentity(site.node)
    async with joined(network(primary.uri), kept) as (_, user):
        await user.until_at(HubConnection.PRIMARY)
        old = await primary.node()
        primary.refuses_with = lambda asked: (
            b"\x00\x00" + asked[2:4] + bytes.fromhex("060100 0007 0000")
        )
        kept.replace(site.second_node)
        await until(lambda: primary.requests >= 3)

        assert not old.left.is_set()
        assert user.statuses[-1].connection is HubConnection.PRIMARY


async def test_closing_while_no_hub_answers_does_not_wait(site, hubs):
    primary, failover = hubs
    primary.accepts = failover.accepts = False
    async with joined(network(primary.uri, failover.uri), site.node) as (node, _):
        await until(lambda: primary.requests)
        async with asyncio.timeout(60):
            await node.close()

    assert node.status.connection is HubConnection.NONE

"""Our node at our hub, and at the hub of another maker."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from plantroom_server.secure_connect.node_identity import NodeIdentity, save_identity

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from custom_components.plantroom.engine.secure_connect.port import BROADCAST_VMAC
from tests.site import until

from .hub_kinds import KINDS, opened_hub
from .node_bench import FAST, Heard, KeptIdentity, joined, network

VMAC = bytes.fromhex("0200000000aa")
WHO_IS = bytes.fromhex("0120ffff00ff1008")


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture
async def uri(kind, site, tmp_path):
    """Return where a hub listens."""
    async with opened_hub(kind, site.hub, tmp_path) as port:
        yield at(port)


def at(port: int) -> str:
    return f"wss://127.0.0.1:{port}"


async def test_nodes_hear_each_other_and_not_themselves(site, uri):
    async with (
        joined(network(uri), site.node) as (near, near_user),
        joined(network(uri), site.second_node) as (far, far_user),
    ):
        await near_user.until_at(HubConnection.PRIMARY)
        await far_user.until_at(HubConnection.PRIMARY)
        near.send(WHO_IS, BROADCAST_VMAC)
        near.send(bytes(1497), far.vmac)
        await far_user.until(lambda: len(far_user.npdus) == 2)
        far.send(WHO_IS, near.vmac)
        await near_user.until(lambda: near_user.npdus)

    assert far_user.npdus == [
        Heard(WHO_IS, near.vmac, True),
        Heard(bytes(1497), near.vmac, False),
    ]
    assert near_user.npdus == [Heard(WHO_IS, far.vmac, False)]


async def test_failover_and_return_between_hubs(kind, site, tmp_path):
    async with (
        opened_hub(kind, site.second_hub, tmp_path / "failover") as failover,
        AsyncExitStack() as running,
    ):
        primary = await running.enter_async_context(
            opened_hub(kind, site.hub, tmp_path / "primary")
        )
        config = network(at(primary), at(failover))
        async with joined(config, site.node) as (node, user):
            await user.until_at(HubConnection.PRIMARY)
            await running.aclose()
            await user.until_at(HubConnection.FAILOVER, "hub_connection_refused")
            async with opened_hub(kind, site.hub, tmp_path / "again", primary):
                await user.until_at(HubConnection.PRIMARY)
                assert node.status.drops == 1


async def test_a_vmac_that_another_device_has_is_changed(site, uri, tmp_path):
    for name in ("near", "far"):
        uuid = name.encode().ljust(16, b"\0")
        identity = NodeIdentity(device_uuid=uuid, vmac=VMAC)
        save_identity(tmp_path / name, "north", identity)
    async with (
        joined(network(uri), site.node, tmp_path / "near") as (near, near_user),
    ):
        await near_user.until_at(HubConnection.PRIMARY)
        async with joined(network(uri), site.second_node, tmp_path / "far") as (
            far,
            far_user,
        ):
            await far_user.until_at(HubConnection.PRIMARY)
            near.send(WHO_IS, far.vmac)
            await far_user.until(lambda: far_user.npdus)

            assert near.vmac == VMAC
            assert far.vmac != VMAC
            assert far_user.statuses[0].reason == "vmac_refused"


async def test_renewed_certificates_cut_nobody(site, uri):
    kept = KeptIdentity(site.node)
    async with (
        joined(network(uri), kept) as (near, near_user),
        joined(network(uri), site.second_node) as (far, far_user),
    ):
        await near_user.until_at(HubConnection.PRIMARY)
        await far_user.until_at(HubConnection.PRIMARY)
        before = near._hub
        kept.replace(site.nameless)
        await until(lambda: near._hub is not before)
        far.send(WHO_IS, near.vmac)
        near.send(WHO_IS, far.vmac)
        await near_user.until(lambda: near_user.npdus)
        await far_user.until(lambda: far_user.npdus)

        assert near.status.drops == 0
        assert len(near_user.statuses) == 1


async def test_two_devices_of_one_uuid_do_not_storm_the_hub(site, uri, tmp_path):
    """As after a machine was copied with its data."""
    for name in ("near", "far"):
        identity = NodeIdentity(device_uuid=bytes([9] * 16), vmac=VMAC)
        save_identity(tmp_path / name, "north", identity)
    pace = replace(
        FAST,
        shortest_seconds=3600,
        longest_seconds=3600,
        hubs=replace(FAST.hubs, lasted_seconds=60),
    )
    async with (
        joined(network(uri), site.node, tmp_path / "near", pace) as (_, near_user),
        joined(network(uri), site.node, tmp_path / "far", pace) as (_, far_user),
    ):
        both = near_user, far_user
        await near_user.until(lambda: near_user.statuses)
        await far_user.until(lambda: far_user.statuses)
        loser = await _settled(both)

        assert loser.statuses[-1].drops <= 4
        assert sum(each.statuses[-1].drops for each in both) <= 8


async def _settled(users):
    """Return the node that gave up for an hour, the other one being left in peace."""
    while True:
        for user in users:
            status = user.statuses[-1]
            if status.drops == 4 and status.connection is HubConnection.NONE:
                return user
        await users[0].until_told()

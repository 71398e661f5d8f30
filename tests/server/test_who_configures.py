"""What a server says of itself, and who says what it serves: over real sockets."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.audit.configuration import AuditConfig
from custom_components.plantroom.engine.energy.meter_records import (
    MeterRecord,
    TakeMetersRequest,
)
from custom_components.plantroom.engine.errors import ReadOnlyError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
    ExportOrder,
    RemoveOrder,
    RenewOrder,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.ports import free_port
from tests.site import network_config

from .running import running_server, wire_to


def site(network_id: str = "n") -> SiteConfig:
    return SiteConfig(networks=(network_config(free_port(), network_id),))


async def welcome_of(port: int, client_id: str) -> Any:
    async with wire_to(port, client_id=client_id) as wire:
        await wire.connect()
        return wire.welcome


async def test_server_is_the_same_over_restarts_and_another_in_another_folder(
    tmp_path: Path,
):
    seen = []
    for folder in ("one", "one", "two"):
        async with running_server(tmp_path / folder) as server:
            welcome = await welcome_of(server.port, "a")
            assert welcome.server_id == server.server_id
            seen.append(welcome.server_id)
    assert seen[0] == seen[1] != seen[2]
    assert len(seen[0]) == 32


async def test_server_id_that_is_none_is_made_anew(tmp_path: Path):
    (tmp_path / "server_id").write_bytes(b"\xff\x00 not an id")
    async with running_server(tmp_path) as server:
        assert len(server.server_id) == 32


async def test_welcome_says_who_configures(tmp_path: Path):
    async with running_server(tmp_path) as server:
        assert (await welcome_of(server.port, "a")).configured_by == ""
        async with wire_to(server.port, client_id="a") as wire:
            await wire.connect()
            await wire.call("configure", site())
        assert (await welcome_of(server.port, "a")).configured_by == ""
        assert (await welcome_of(server.port, "b")).configured_by == "client"
    async with running_server(tmp_path / "file", site=site()) as server:
        assert (await welcome_of(server.port, "a")).configured_by == "file"


async def test_who_has_nothing_served_leaves_the_server_to_others(tmp_path: Path):
    async with running_server(tmp_path) as server:
        async with wire_to(server.port, client_id="a") as wire:
            await wire.connect()
            await wire.call("configure", site())
            # Options are no reason to keep it
            options = AuditConfig(keep_days=30)
            await wire.call("configure", SiteConfig(audit=options))
        assert (await welcome_of(server.port, "b")).may_configure
    async with running_server(tmp_path) as server:
        assert (await welcome_of(server.port, "b")).may_configure


async def test_second_of_two_who_begin_at_once_looks_on(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="a") as one,
        wire_to(server.port, client_id="b") as other,
    ):
        await one.connect()
        await other.connect()
        assert one.may_configure
        assert other.may_configure
        clients = EngineClient(one, "a"), EngineClient(other, "b")
        wanted = site("a"), site("b")
        await asyncio.gather(
            *(client.start(each) for client, each in zip(clients, wanted, strict=True))
        )
        try:
            right = [client.may_configure for client in clients]
            assert sorted(right) == [False, True]
            served = [await client.site() for client in clients]
            assert served == [wanted[right.index(True)]] * 2
        finally:
            for client in clients:
                await client.stop()


async def test_client_that_may_not_configure_brings_no_totals(tmp_path: Path):
    async with (
        running_server(tmp_path, site=site()) as server,
        wire_to(server.port) as wire,
    ):
        await wire.connect()
        record = MeterRecord(point_id="n:1:energy", record="{}")
        with pytest.raises(ReadOnlyError):
            await wire.call("take_meter_records", TakeMetersRequest(records=(record,)))


async def test_only_who_configures_may_do_anything_about_certificates(tmp_path: Path):
    async with running_server(tmp_path) as server:
        async with wire_to(server.port, client_id="a") as wire:
            await wire.connect()
            await wire.call("configure", site())
            await wire.call("make_authority", AuthorityOrder(name="Tower"))
            await wire.call("issue_credentials", CredentialsOrder(name="Hub"))
        async with wire_to(server.port, client_id="b") as wire:
            await wire.connect()
            for command, request in (
                ("export_credentials", ExportOrder(credentials_id="hub")),
                ("renew_credentials", RenewOrder(credentials_id="hub")),
                ("remove_credentials", RemoveOrder(credentials_id="hub")),
                ("make_authority", AuthorityOrder(name="Mine")),
            ):
                with pytest.raises(ReadOnlyError):
                    await wire.call(command, request)
            stock = await wire.call("certificates")
            assert [each.credentials_id for each in stock.credentials] == ["hub"]

"""Who holds a lease at a server, and what becomes of it when anybody is killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.audit.models import VerifyRequest
from custom_components.plantroom.engine.errors import ConnectionLostError
from custom_components.plantroom.engine.leases import leasing
from custom_components.plantroom.engine.models import Verdict, WriteRequest
from custom_components.plantroom.engine.requests import AuditQuery
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.connection.office import SETPOINT, VAV
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import site_of, until

from .running import TOKEN, running_server, wire_to

ADDON = Path(__file__).parents[2] / "addon"


@pytest.fixture
async def building() -> AsyncIterator[Building]:
    async with Building(profile="all", only=(VAV,), speed=0) as made:
        yield made


def slot(building: Building) -> object:
    slots = building.get(VAV, "analog-value,1").priority_array
    assert slots is not None
    return slots[7]


async def started(client: EngineClient, site: SiteConfig) -> None:
    """Start a client as soon as there is a server, and the device is known."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.start(site)
            except ConnectionLostError:
                await asyncio.sleep(0.1)
            else:
                break
        statuses = client.mirror.statuses
        await until(lambda: [each.online for each in statuses.values()] == [True], 60)


async def test_client_cannot_hold_a_lease_in_the_name_of_another(
    tmp_path: Path, building: Building
):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        client = EngineClient(wire, client_id="me")
        await started(client, site_of(building, VAV))
        await client.write(
            WriteRequest(point_id=SETPOINT, value=23.0, bound=True, client="you")
        )
        (lease,) = await client.leases()
        assert lease.client == "me"
        assert await client.end_bound_leases() == 0
        assert len(await client.leases()) == 1
        await client.stop()


async def test_bound_lease_ends_when_its_client_stays_away(
    tmp_path: Path, building: Building, monkeypatch: pytest.MonkeyPatch
):
    async with running_server(tmp_path) as server:
        site = site_of(building, VAV)
        site = replace(site, leases=replace(site.leases, client_gone_seconds=10))
        async with wire_to(server.port, client_id="me") as wire:
            client = EngineClient(wire, client_id="me")
            await started(client, site)
            await client.write(WriteRequest(point_id=SETPOINT, value=23.0, bound=True))
            await client.stop()
        assert slot(building) == 23.0
        # Ten seconds pass at once
        monkeypatch.setattr(leasing.Holders, "gone_seconds", lambda *_: 11.0)
        async with wire_to(server.port, client_id="you") as wire:
            other = EngineClient(wire, client_id="you")
            await started(other, site)
            await until(lambda: not other.mirror.leases, 60)
            assert slot(building) is None
            rows = await other.audit_log(AuditQuery(actions=("lease_end",)))
            assert [row.detail for row in rows] == ["client_gone"]
            await other.stop()


class ServerProcess:
    """python -m plantroom_server that a test kills."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "plantroom_server",
            "--data", str(self._folder), "--host", "127.0.0.1",
            "--port", str(self.port), "--log-level", "warning",
            env={**os.environ, "PYTHONPATH": str(ADDON), "PLANTROOM_TOKEN": TOKEN},
        )  # fmt: skip

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            async with asyncio.timeout(60):
                await process.wait()


async def test_server_that_was_killed_ends_its_leases_alone_when_it_is_back(
    tmp_path: Path, building: Building
):
    process = ServerProcess(tmp_path)
    await process.start()
    try:
        async with wire_to(process.port, client_id="me") as wire:
            client = EngineClient(wire, client_id="me")
            await started(client, site_of(building, VAV))
            # Longer than a busy machine needs to kill the server
            result = await client.write(
                WriteRequest(
                    point_id=SETPOINT, value=23.0, lease_seconds=10, actor="Ada"
                )
            )
            assert result.verdict is Verdict.VERIFIED
            await process.kill()
            await client.stop()
        assert slot(building) == 23.0
        # Nobody but the server itself is there
        await process.start()
        await until(lambda: slot(building) is None, 60)
        async with wire_to(process.port, client_id="me") as wire:
            client = EngineClient(wire, client_id="me")
            await started(client, site_of(building, VAV))
            # Noted after the controller let go
            await until(lambda: not client.mirror.leases, 60)
            rows = await client.audit_log(AuditQuery(actions=("lease_end",)))
            assert [(row.actor, row.detail) for row in rows] == [("Ada", "expired")]
            found = await client.verify_audit_log(VerifyRequest())
            assert found.intact
            await client.stop()
    finally:
        await process.kill()

"""Whoever runs the server sees whether it lives, serves, and how it is doing."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from plantroom_server import served_engine
from plantroom_server.server import PlantroomServer

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.models import WriteRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.connection.office import ROOM, SETPOINT, VAV
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import network_config, site_of, until

from .running import running_server, wire_to


async def get(port: int, path: str, **headers: str) -> tuple[int, str, str]:
    """Return the status, the content type and the body."""
    async with (
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers=headers) as response,
    ):
        return response.status, response.headers["Content-Type"], await response.text()


async def test_second_port_is_off_unless_asked_for(tmp_path: Path):
    async with running_server(tmp_path) as server:
        assert server.health_port == 0
        status, _, _ = await get(server.port, "/metrics")
        assert status == 404


async def test_server_lives_before_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(served_engine, "backoff_seconds", lambda *_a, **_k: 0.01)
    (tmp_path / "plantroom.db").mkdir()
    async with running_server(tmp_path, health_port=free_port()) as server:
        assert (await get(server.health_port, "/health/live"))[0] == 200
        assert (await get(server.health_port, "/health/ready"))[0] == 503
        (tmp_path / "plantroom.db").rmdir()
        await until(lambda: server.engine.ready)
        assert (await get(server.health_port, "/health/ready"))[0] == 200


async def test_metrics_tell_how_it_is_doing(tmp_path: Path):
    async with (
        Building(profile="all", only=(VAV,), speed=0) as building,
        running_server(tmp_path, health_port=free_port()) as server,
        wire_to(server.port, client_id="me") as wire,
    ):
        client = EngineClient(wire, client_id="me")
        await client.start(site_of(building, VAV))
        client.watch(ROOM, lambda _reading: None)
        await until(lambda: ROOM in client.mirror.readings)
        await until(lambda: client.mirror.networks["n"].devices_online == 1)
        await client.write(WriteRequest(point_id=SETPOINT, value=24.0))
        # What is told at this moment waits until it is sent
        idle = 'plantroom_client_queue_frames{client="me"} 0.0'
        lines = await metrics_with(server, idle)
        assert "plantroom_ready 1.0" in lines
        assert "plantroom_points 14.0" in lines
        assert 'plantroom_writes_total{verdict="verified"} 1.0' in lines
        assert (
            'plantroom_network_health{network="n",plantroom_network_health="healthy"} 1.0'
            in lines
        )
        assert 'plantroom_devices_online{network="n"} 1.0' in lines
        counts = dict(line.rsplit(" ", 1) for line in lines if line[:1] != "#")
        assert float(counts["plantroom_polls_total"]) >= 1
        assert float(counts["plantroom_polls_failed_total"]) == 0
        read = [key for key in counts if key.startswith("plantroom_readings_total")]
        assert sum(float(counts[key]) for key in read) >= 2
        assert float(counts["plantroom_history_points"]) == 1
        assert float(counts["plantroom_history_bytes"]) > 0
        assert "plantroom_history_waiting_hours" in counts
        await client.stop()


async def test_metrics_tell_how_each_subscription_is_doing(tmp_path: Path):
    gateway = GatewayConfig(
        stores=(EventStoreConfig(store_id="log"),),
        subscriptions=(
            SubscriptionConfig(
                subscription_id="north",
                store_id="log",
                network_id="n",
                stream="site-north",
            ),
        ),
    )
    network = network_config(free_port(), address="127.0.0.1/8")
    site = SiteConfig(networks=(network,), gateway=gateway)
    async with running_server(tmp_path, site, health_port=free_port()) as server:
        running = (
            'plantroom_subscription_state{plantroom_subscription_state="running",'
            'subscription="north"} 1.0'
        )
        lines = await metrics_with(server, running)
        for name in ("events_total", "objects", "parked", "unsaved_events"):
            assert f'plantroom_subscription_{name}{{subscription="north"}} 0.0' in lines
        cached = 'plantroom_subscription_cache_connected{subscription="north"} 1.0'
        assert cached in lines
        waiting = 'plantroom_subscription_commands_waiting{subscription="north"} 0.0'
        assert waiting in lines
        # Nothing was shown yet whose age could be told
        lag = "plantroom_subscription_lag_seconds"
        assert not any(line.startswith(f"{lag}{{") for line in lines)


async def metrics(server: PlantroomServer) -> list[str]:
    status, content_type, body = await get(server.health_port, "/metrics")
    assert status == 200
    assert content_type.startswith("text/plain")
    return body.splitlines()


async def metrics_with(server: PlantroomServer, line: str) -> list[str]:
    """Return the metrics once they have a line."""
    async with asyncio.timeout(60):
        while line not in (lines := await metrics(server)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return lines


async def test_metrics_come_in_the_form_that_is_asked_for(tmp_path: Path):
    async with running_server(tmp_path, health_port=free_port()) as server:
        _, content_type, body = await get(
            server.health_port, "/metrics", Accept="application/openmetrics-text"
        )
        assert content_type.startswith("application/openmetrics-text")
        assert body.endswith("# EOF\n")


async def test_port_that_is_taken_ends_the_start(tmp_path: Path):
    async with running_server(tmp_path / "a") as first:
        with pytest.raises(OSError, match=str(first.port)):
            async with running_server(tmp_path / "b", port=first.port):
                pytest.fail("it started")

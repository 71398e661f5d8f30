"""Whoever feeds the gateway, and a server that is fed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from plantroom_server.event_source.port import NewEvent
from plantroom_server.server import PlantroomServer

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.server.gateway.following_bench import STREAM, subscription
from tests.server.running import running_server
from tests.site import network_config, until

SENDER_TOKEN = "what-senders-show"
STORE_ID = "log"


def sent(event: NewEvent, **more: Any) -> dict[str, Any]:
    """Return an event as a sender writes it."""
    data = json.loads(event.data)
    return {"stream": STREAM, "type": event.event_type, "data": data, **more}


def plain(number: int, **more: Any) -> dict[str, Any]:
    """Return an event that the gateway keeps and does not read."""
    return {"stream": STREAM, "type": "Noted", "data": {"number": number}, **more}


def site_with(
    *subscriptions: SubscriptionConfig, port: int = 0, **store: Any
) -> SiteConfig:
    """Return a site whose log has the ways in that are asked for."""
    networks = (network_config(port, address="127.0.15.1/8"),) if port else ()
    return SiteConfig(
        networks=networks,
        gateway=GatewayConfig(
            stores=(EventStoreConfig(store_id=STORE_ID, **store),),
            subscriptions=subscriptions,
        ),
    )


@asynccontextmanager
async def fed_server(
    folder: Path, site: SiteConfig | None = None, **options: Any
) -> AsyncIterator[PlantroomServer]:
    """Return a server whose ways in are open."""
    site = site or site_with(http_token=SENDER_TOKEN)
    async with running_server(folder, site, **options) as server:
        await until(lambda: server.engine.ready)
        yield server


def log_of(server: PlantroomServer) -> Any:
    """Return the log that senders fill."""
    return server.engine._engine._gatekeeping._gateway.source(STORE_ID)


async def kept(server: PlantroomServer) -> list[Any]:
    """Return what the log has of the stream."""
    return [json.loads(each.data) async for each in log_of(server).read(subscription())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sender is told."""

    status: int
    headers: Any
    body: Any


async def post(
    server: PlantroomServer,
    content: Any,
    path: str = "/events",
    token: str = SENDER_TOKEN,
    method: str = "POST",
    **headers: str,
) -> Answer:
    """Send an event, several, or octets, and return the answer."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    wanted = {"Authorization": f"Bearer {token}", **headers}
    url = f"http://127.0.0.1:{server.port}{path}"
    async with (
        ClientSession() as session,
        session.request(method, url, data=BytesIO(data), headers=wanted) as response,
    ):
        is_json = response.content_type == "application/json"
        body = await response.json() if is_json else await response.text()
        return Answer(status=response.status, headers=response.headers, body=body)

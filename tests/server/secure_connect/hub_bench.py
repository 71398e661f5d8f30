"""A hub of ours for a test, and what tests wait for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from plantroom_server.secure_connect.hub import Hub
from plantroom_server.secure_connect.node_identity import new_identity
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureHubConfig,
)
from tests.ports import free_port

from .certificates import Site
from .raw_node import RawNode

SECONDS = 60


def hub_config(port: int = 0, **changes: Any) -> SecureHubConfig:
    """Return a hub on loopback."""
    given: dict[str, Any] = {
        "hub_id": "hub",
        "name": "Hub",
        "credentials": "hub",
        "host": "127.0.0.1",
        "port": port or free_port(),
    }
    return SecureHubConfig(**given | changes)


@asynccontextmanager
async def running_hub(
    identity: Identity,
    changed: Callable[[], None] = lambda: None,
    **changes: Any,
) -> AsyncIterator[Hub]:
    """Yield a hub that listens."""
    hub = Hub(hub_config(**changes), new_identity(), changed)
    await hub.start(identity)
    try:
        yield hub
    finally:
        await hub.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def serves(port: int, site: Site) -> None:
    """Hold that a hub carries messages between two new nodes."""
    async with RawNode(port, site.node) as one, RawNode(port, site.second_node) as two:
        await one.send_npdu(two.vmac)
        while (await two.receive()).originating != one.vmac:
            pass

"""Hubs that a node meets: ours and another maker's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from plantroom_server.secure_connect.tls import Identity

from tests.ports import free_port

from .hub_bench import running_hub
from .rusty_hub import rusty_hub

KINDS = ("own", "rusty")


@asynccontextmanager
async def opened_hub(
    kind: str, identity: Identity, folder: Path, port: int = 0
) -> AsyncIterator[int]:
    """Return the port of a hub that listens on a free port, or on one."""
    if kind == "rusty":
        async with rusty_hub(identity, folder, port or free_port()) as rusty:
            yield rusty.port
        return
    async with running_hub(identity, port=port) as own:
        yield own.port

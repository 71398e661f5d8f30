"""rusty-bacnet's hub: another maker's, in Rust."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantroom_server.secure_connect.tls import Identity
from rusty_bacnet import ScHub

from .certificates import write_identity

RUSTY_VMAC = bytes.fromhex("020000000011")
RUSTY_UUID = bytes(range(16, 32))


@dataclass(frozen=True, slots=True, kw_only=True)
class RustyHub:
    """A hub that listens; port: where."""

    hub: ScHub
    port: int

    @property
    def uri(self) -> str:
        return f"wss://127.0.0.1:{self.port}"


@asynccontextmanager
async def rusty_hub(
    identity: Identity, folder: Path, port: int = 0, **facts: Any
) -> AsyncIterator[RustyHub]:
    """Return a hub on a port that is free, or on one."""
    files = write_identity(identity, folder / "rusty")
    hub = ScHub(
        f"127.0.0.1:{port}",
        files.certificate,
        files.key,
        RUSTY_VMAC,
        files.authorities,
        device_uuid=RUSTY_UUID,
        **facts,
    )
    await hub.start()
    address = await hub.address()
    try:
        yield RustyHub(hub=hub, port=int(address.rpartition(":")[2]))
    finally:
        await hub.stop()

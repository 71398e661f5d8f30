"""A link of the engine on the hub of the bench."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, override

from plantroom_server.secure_connect.node import SecureNode
from plantroom_server.secure_connect.node_dialer import NodeCredentials
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.bacnet.wire.notifications import CovNotification
from custom_components.plantroom.engine.bacnet.wire.secure_carrier import SecureCarrier
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import SecureNetworkStatus
from custom_components.plantroom.engine.secure_connect.port import SecureLinkUser

CONNECT_SECONDS = 30


class _User(SecureLinkUser):
    def __init__(self) -> None:
        self.carrier: SecureCarrier | None = None
        self.connected = asyncio.Event()

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if self.carrier is not None:
            self.carrier.take(npdu, source, broadcast=broadcast)

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        if status.hub_vmac:
            self.connected.set()


@asynccontextmanager
async def secure_link(
    settings: dict[str, Any],
    on_change: Callable[[CovNotification], bool] = lambda _: False,
) -> AsyncIterator[Link]:
    """Return an open link as the engine has it."""
    folder = Path(settings["credentials"])
    texts = await asyncio.to_thread(_texts, folder)
    config = SecureNetworkConfig(
        network_id="bench", name="Bench", primary=settings["uri"], credentials="bench"
    )
    credentials = NodeCredentials(
        identity=lambda: Identity(**texts), listen=lambda _: lambda: None
    )
    node, user = SecureNode(config, None, credentials), _User()
    await node.open(user)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await user.connected.wait()
        user.carrier = SecureCarrier(node)
        link = Link(user.carrier, config, on_i_am=lambda _: None, on_change=on_change)
        await link.open()
        try:
            yield link
        finally:
            await link.close()
    finally:
        await node.close()


def _texts(folder: Path) -> dict[str, str]:
    names = ("certificate", "key", "authorities")
    return {name: (folder / f"{name}.pem").read_text() for name in names}

"""A server with a hub of its own, our node on it, and simulated devices as others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantroom_server.secure_connect.kept_certificates import KeptCertificates
from plantroom_server.secure_connect.node import SecureNode
from plantroom_server.secure_connect.tls import Identity
from plantroom_server.server import PlantroomServer

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.bacnet.local_objects.objects import LocalObjects
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.port import SecureLink
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    SiteConfig,
)
from custom_components.plantroom.mirror import Mirror
from tests.ports import free_port
from tests.simulators.building import Building

from ..running import running_server, wire_to
from .node_bench import FAST, KeptIdentity

NETWORK, HUB = "s", "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureSite:
    """The server, a client of it, its devices, and what others need to join."""

    server: PlantroomServer
    client: EngineClient
    building: Building
    uri: str
    others: Identity

    @property
    def seen(self) -> Mirror:
        """Return what the client knows."""
        return self.client.mirror

    @property
    def objects(self) -> LocalObjects:
        """Return the objects of our own device, as an event gateway fills them."""
        return self.objects_of(NETWORK)

    def objects_of(self, network_id: str) -> LocalObjects:
        """Return those of our own device on a network."""
        return self.server.engine._engine._gatekeeping.objects_of(network_id)


async def made_credentials(folder: Path) -> Identity:
    """Make a site authority and credentials: "ours" of the server, others' returned."""
    kept = KeptCertificates(folder)
    await kept.start()
    await kept.make_authority(AuthorityOrder(name="Site"))
    for name in ("ours", "others"):
        await kept.issue(
            CredentialsOrder(name=name, credentials_id=name, host_names=("127.0.0.1",))
        )
    others = kept.identity("others")
    await kept.stop()
    return others


@asynccontextmanager
async def nodes_of(
    uri: str, identity: Identity
) -> AsyncIterator[Callable[[int], SecureLink]]:
    """Return what makes a node of a device by its instance; all are closed after."""
    made: list[SecureNode] = []

    def node(instance: int) -> SecureLink:
        config = SecureNetworkConfig(
            network_id=str(instance), name="Simulated", primary=uri, credentials="o"
        )
        credentials = KeptIdentity(identity).credentials()
        made.append(SecureNode(config, None, credentials, FAST))
        return made[-1]

    try:
        yield node
    finally:
        await asyncio.gather(*(each.close() for each in made))


@asynccontextmanager
async def secure_site(
    folder: Path,
    *instances: int,
    objects_of: str = "",
    routed: tuple[RoutedNetworkConfig, ...] = (),
    **more: Any,
) -> AsyncIterator[SecureSite]:
    """Run devices of the office on BACnet/SC, and a server that serves them."""
    others = await made_credentials(folder)
    port = free_port()
    uri = f"wss://127.0.0.1:{port}"
    network = SecureNetworkConfig(
        network_id=NETWORK,
        name="Secure",
        primary=uri,
        credentials="ours",
        objects_of=objects_of,
    )
    hub = SecureHubConfig(
        hub_id=HUB, name="Hub", credentials="ours", host="127.0.0.1", port=port
    )
    devices = tuple(
        BacnetDeviceConfig(network_id=NETWORK, instance=each, notification_classes=None)
        for each in instances
    )
    connect = SecureConnectConfig(networks=(network,), hubs=(hub,), routed=routed)
    site = SiteConfig(devices=devices, secure_connect=connect, **more)
    async with (
        running_server(folder, site) as server,
        wire_to(server.port) as wire,
        nodes_of(uri, others) as node,
        Building(only=instances, speed=0, port=1, node=node) as building,
    ):
        client = EngineClient(wire)
        await client.start(None)
        try:
            yield SecureSite(
                server=server,
                client=client,
                building=building,
                uri=uri,
                others=others,
            )
        finally:
            await client.stop()

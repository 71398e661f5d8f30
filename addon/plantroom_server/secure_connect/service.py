"""BACnet/SC of a process: its certificates, its hubs, and nodes for its networks."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import override

from custom_components.plantroom.engine.errors import UnknownTargetError
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubNode,
    SecureHubStatus,
)
from custom_components.plantroom.engine.secure_connect.port import (
    SecureConnect,
    SecureConnectDoor,
    SecureLink,
)

from .kept_certificates import KeptCertificates
from .node_building import secure_node
from .running_hub import RunningHub


class SecureConnectService(SecureConnect):
    """Runs the hubs that are asked for; changed certificates reach hubs and nodes."""

    def __init__(
        self,
        folder: Path | None,
        certificates: KeptCertificates,
        door: SecureConnectDoor,
    ) -> None:
        """Take where device UUIDs are kept, None nowhere, and whom to tell of hubs."""
        self._folder = folder
        self._certificates = certificates
        self._door = door
        self._hubs: dict[str, RunningHub] = {}
        self._configuring = asyncio.Lock()
        self._unlisten: Callable[[], None] | None = None

    @property
    @override
    def certificates(self) -> KeptCertificates:
        return self._certificates

    @override
    async def start(self) -> None:
        await self._certificates.start()
        self._unlisten = self._certificates.listen_replaced(self._renew)

    @override
    async def stop(self) -> None:
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        await self.configure(SecureConnectConfig())
        await self._certificates.stop()

    @override
    async def configure(self, config: SecureConnectConfig) -> None:
        wanted = {each.hub_id: each for each in config.hubs}
        async with self._configuring:
            # A port that one hub leaves may be what another is to have
            gone = [
                hub_id
                for hub_id, hub in self._hubs.items()
                if wanted.get(hub_id) != hub.config
            ]
            await asyncio.gather(*(self._hubs.pop(each).stop() for each in gone))
            new = [each for each in config.hubs if each.hub_id not in self._hubs]
            await asyncio.gather(*map(self._run, new))

    @override
    def link(self, config: SecureNetworkConfig) -> SecureLink:
        return secure_node(config, self._folder, self._certificates)

    @override
    def hubs(self) -> tuple[SecureHubStatus, ...]:
        return tuple(hub.status for hub in self._hubs.values())

    @override
    def hub_nodes(self, hub_id: str) -> tuple[HubNode, ...]:
        if hub_id not in self._hubs:
            raise UnknownTargetError(f"There is no hub {hub_id}", target=hub_id)
        return self._hubs[hub_id].nodes

    async def _run(self, config: SecureHubConfig) -> None:
        hub = RunningHub(
            config, self._folder, self._certificates.identity, self._door.publish_hub
        )
        self._hubs[config.hub_id] = hub
        await hub.start()

    def _renew(self, credentials_id: str) -> None:
        for hub in self._hubs.values():
            if hub.config.credentials == credentials_id:
                hub.renew()


def secure_connect(folder: Path | None, door: SecureConnectDoor) -> SecureConnect:
    """Return BACnet/SC of a process; folder: of keys and device UUIDs."""
    return SecureConnectService(folder, KeptCertificates(folder), door)

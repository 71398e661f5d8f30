"""Direct connections with another maker's node, in both directions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bac_py.transport.sc.bvlc import SCMessage
from bac_py.transport.sc.node_switch import SCNodeSwitch, SCNodeSwitchConfig
from bac_py.transport.sc.tls import SCTLSConfig
from bac_py.transport.sc.types import BvlcSCFunction
from bac_py.transport.sc.vmac import SCVMAC, DeviceUUID
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from tests.ports import free_port
from tests.site import until

from .certificates import write_identity
from .node_bench import Heard, joined, network
from .raw_hub import RawHub

NPDU = bytes.fromhex("0104020c")
PEER = bytes.fromhex("0200000000aa")


class BacpyNode:
    """bac-py's direct connections, without a hub."""

    def __init__(self, identity: Identity, folder: Path) -> None:
        files = write_identity(identity, folder)
        self.port = free_port()
        self.heard: list[bytes] = []
        self.switch = SCNodeSwitch(
            SCVMAC(PEER),
            DeviceUUID.generate(),
            SCNodeSwitchConfig(
                enable=True,
                bind_address="127.0.0.1",
                bind_port=self.port,
                tls_config=SCTLSConfig(
                    private_key_path=files.key,
                    certificate_path=files.certificate,
                    ca_certificates_path=files.authorities,
                ),
            ),
        )
        self.switch.on_message = self._take

    async def send(self, vmac: bytes, npdu: bytes) -> bool:
        message = SCMessage(
            BvlcSCFunction.ENCAPSULATED_NPDU, message_id=1, payload=npdu
        )
        sent: bool = await self.switch.send_direct(SCVMAC(vmac), message)
        return sent

    async def _take(self, message: SCMessage, _raw: bytes | None = None) -> None:
        self.heard.append(message.payload)


@asynccontextmanager
async def bacpy_node(identity: Identity, folder: Path) -> AsyncIterator[BacpyNode]:
    peer = BacpyNode(identity, folder / "bacpy")
    await peer.switch.start()
    try:
        yield peer
    finally:
        await peer.switch.stop()


@pytest.fixture
async def hub(site) -> AsyncIterator[RawHub]:
    hub = RawHub(site.hub)
    await hub.start()
    yield hub
    await hub.stop()


async def test_another_makers_node_connects_to_ours(site, hub, tmp_path):
    port = free_port()
    config = network(hub.uri, direct_port=port)
    async with (
        joined(config, site.node) as (node, user),
        bacpy_node(site.second_node, tmp_path) as peer,
    ):
        await user.until_at(HubConnection.PRIMARY)
        async with asyncio.timeout(60):
            assert await peer.switch.establish_direct(
                SCVMAC(node.vmac), [f"wss://127.0.0.1:{port}"]
            )
        assert await peer.send(node.vmac, NPDU)
        await user.until(lambda: user.npdus)
        node.send(b"\x01\x00back", PEER)
        await until(lambda: peer.heard)

        assert user.npdus == [Heard(NPDU, PEER, False)]
        assert peer.heard == [b"\x01\x00back"]


async def test_ours_connects_to_another_makers_node(site, hub, tmp_path):
    config = network(hub.uri, dial_directly=True)
    async with (
        bacpy_node(site.second_node, tmp_path) as peer,
        joined(config, site.node) as (node, user),
    ):
        await user.until_at(HubConnection.PRIMARY)
        raw = await hub.node()
        node.send(NPDU, PEER)
        asked = [await raw.heard(), await raw.heard()][1]
        uri = f"wss://127.0.0.1:{peer.port}".encode().hex()
        await raw.send(f"0308 {asked[2:4].hex()} {PEER.hex()} {uri}")
        await user.until(lambda: node.status.direct_peers)
        node.send(b"\x01\x00there", PEER)
        await until(lambda: peer.heard)
        assert await peer.send(node.vmac, NPDU)
        await user.until(lambda: user.npdus)

        assert peer.heard == [b"\x01\x00there"]
        assert user.npdus == [Heard(NPDU, PEER, False)]

"""The demo's BACnet/SC side: a hub, two controllers on it, certificates made on the spot."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from rusty_bacnet import BACnetClient

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.secure_connect import (
    HOST,
    add_devices,
    add_hub,
    add_network,
    sign,
)
from tests.peers.rusty_client import RustyClient
from tests.simulators.client import SimulatorControl

from .event_building import ROOM
from .writing import SETPOINT, DisagreementError

NETWORK, HUB, AUTHORITY = "Riverside secure", "Riverside hub", "Riverside Office"
PLAIN_NETWORK = "Riverside Office"
OWN_INSTANCE = 4193999
CONTROLLERS = (2013, 2014)
CHECKED = CONTROLLERS[0]
PRIORITY, VALUE = 8, 23.5
WAIT_SECONDS, LOOK_SECONDS = 30.0, 0.1
VMAC, DEVICE_UUID = bytes.fromhex("02d000000001"), bytes(range(16, 32))


@dataclass(slots=True, kw_only=True)
class SecureSide:
    """Certificates in a folder, and the controllers that have them."""

    folder: Path
    port: int
    speed: float
    controllers: SimulatorControl | None = field(init=False, default=None)

    @property
    def uri(self) -> str:
        """Return where the hub is."""
        return f"wss://{HOST}:{self.port}"

    async def add(
        self, api: HomeAssistantApi, entry_id: str, answers: dict[str, Any]
    ) -> None:
        """Add hub, network and controllers in the dialogues that people use."""
        authorities = await add_hub(
            api, entry_id, name=HUB, port=self.port, authority=AUTHORITY
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate = await sign(api, entry_id, self._make_request())
        (self.folder / "own.pem").write_text(certificate)
        (self.folder / "authorities.pem").write_text(authorities)
        await self.start()
        await add_network(
            api,
            entry_id,
            name=NETWORK,
            port=self.port,
            instance=OWN_INSTANCE,
            objects_of=PLAIN_NETWORK,
        )
        await add_devices(api, entry_id, NETWORK, **answers)

    async def start(self) -> None:
        """Start the controllers, which join the hub when it is there."""
        self.controllers = await SimulatorControl.spawn(
            *("--uri", self.uri, "--folder", str(self.folder)),
            *("--speed", str(self.speed)),
            module="tests.demo.secure_building",
        )

    async def stop(self) -> None:
        """Stop the controllers; idempotent."""
        controllers, self.controllers = self.controllers, None
        if controllers is not None:
            await controllers.stop()

    @property
    def points(self) -> int:
        """Return how many objects the controllers have."""
        if self.controllers is None:
            return 0
        return sum(device["points"] for device in self.controllers.devices)

    def _make_request(self) -> str:
        """Make a key that stays in the folder, and a request for its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        (self.folder / "own.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "VAV controllers")])
        request = x509.CertificateSigningRequestBuilder().subject_name(name)
        return request.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


async def check_secure(
    api: HomeAssistantApi, entities: Entities, side: SecureSide
) -> dict[str, Any]:
    """Write through Home Assistant to a controller on the hub; another client judges."""
    assert side.controllers is not None
    await api.action(
        "number.set_value",
        {"entity_id": entities.of_point(CHECKED, SETPOINT), "value": VALUE},
    )
    addresses = {d["instance"]: str(d["address"]) for d in side.controllers.devices}
    client = BACnetClient(
        transport="sc",
        sc_hub=side.uri,
        sc_vmac=VMAC,
        sc_device_uuid=DEVICE_UUID,
        sc_ca_cert=str(side.folder / "authorities.pem"),
        sc_client_cert=str(side.folder / "own.pem"),
        sc_client_key=str(side.folder / "own.key"),
    )
    async with RustyClient.of(client) as peer:
        opinion = await peer.read_opinion(addresses[CHECKED], SETPOINT)
        shown = await _own_object(peer)
    slots = opinion.priority_array or ()
    if not slots or slots[PRIORITY - 1] != VALUE:
        raise DisagreementError(f"slot {PRIORITY} over BACnet/SC: {opinion}")
    states = await api.states()
    connection = _state(entities, states, "hub_connection")
    nodes = int(_state(entities, states, "hub_nodes"))
    if connection != "primary" or nodes < 1 + len(CONTROLLERS):
        raise DisagreementError(f"{nodes} nodes, connected: {connection}")
    return {
        "hub": side.uri,
        "nodes": nodes,
        "points": side.points,
        "present_value": opinion.present_value,
        "own_object": shown,
    }


async def _own_object(peer: RustyClient) -> str:
    """Return the name that our own device gives an object that events made."""
    await peer.raw.who_is(OWN_INSTANCE, OWN_INSTANCE)
    async with asyncio.timeout(WAIT_SECONDS):
        while (found := await peer.raw.get_device(OWN_INSTANCE)) is None:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    vmac = bytes(found.mac_address).hex(":")
    name: str = await peer.read(vmac, ROOM, "object-name")
    return name


def _state(entities: Entities, states: dict[str, Any], key: str) -> str:
    [found] = [e for e in entities.all if e.unique_id.endswith(f":{key}")]
    state: str = states[found.entity_id]["state"]
    return state

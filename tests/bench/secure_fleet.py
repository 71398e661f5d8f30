"""A hub of ours and devices on it: python -m tests.bench.secure_fleet JSON.

The first line of its output says where they are. Who subscribes to an object is told
of changes at a rate; each value is the time at which it was sent, see `sent_ms`.
"""

import asyncio
import json
import struct
import sys
import time
from pathlib import Path
from typing import Any, Final, override

from plantroom_server.secure_connect.kept_certificates import KeptCertificates
from plantroom_server.secure_connect.service import SecureConnectService

from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    SecureHubStatus,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.port import (
    BROADCAST_VMAC,
    SecureConnectDoor,
    SecureLink,
    SecureLinkUser,
)
from tests.bench.cores import pin
from tests.ports import free_port
from tests.simulators import fleet_codec as codec
from tests.simulators.fleet_device import (
    DEVICE,
    MAX_APDU,
    PRESENT_VALUE,
    STATUS_FLAGS,
    FleetDevice,
    ObjectKey,
)
from tests.simulators.fleet_services import Subscribe, answer_confirmed
from tests.simulators.small_apdu import apdu_offset

CREDENTIALS: Final = "bench"
HOST: Final = "127.0.0.1"
# A Real holds so many steps exactly
STEPS: Final = 10_000_000
STEP_SECONDS: Final = 0.00001
EMIT_SECONDS: Final = 0.005


def sent_ms(value: float) -> float:
    """Return how long ago a value was sent, in milliseconds."""
    return 1000 * STEP_SECONDS * ((_steps() - value) % STEPS)


def _steps() -> float:
    return time.time() / STEP_SECONDS % STEPS


class NewsDevice(FleetDevice):
    """A device of which every read finds other values."""

    asked = 0

    @override
    def value(self, key: ObjectKey) -> float:
        return float(self.asked % 2) if key[0] == 3 else key[1] + self.asked * 0.125


class FleetNode(SecureLinkUser):
    """A device of the fleet as a node."""

    def __init__(self, number: int, points: int, link: SecureLink, rate: float) -> None:
        self.link = link
        self.connected = asyncio.Event()
        self._device = NewsDevice(number, points)
        self._rate = rate
        self._subscriber: tuple[bytes, Subscribe] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """Return where it is."""
        return {"vmac": self.link.vmac.hex(":"), "instance": self._device.instance}

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        if status.hub_vmac:
            self.connected.set()

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        apdu = npdu[apdu_offset(npdu) :]
        if apdu[0] >> 4 == 1 and apdu[1] == 8:
            self._send(self._i_am(), BROADCAST_VMAC)
        elif apdu[0] >> 4 == 0 and len(apdu) > 4:
            self._device.asked += 1
            answer = answer_confirmed(
                self._device, apdu, lambda wanted: self._subscribe(source, wanted)
            )[1]
            self._send(answer, source)

    def _i_am(self) -> bytes:
        body = codec.object_id(DEVICE, self._device.instance) + codec.unsigned(MAX_APDU)
        return b"\x10\x00" + body + codec.enumerated(3) + codec.unsigned(999)

    def _send(self, apdu: bytes, vmac: bytes) -> None:
        self.link.send(b"\x01\x00" + apdu, vmac)

    def _subscribe(self, source: bytes, wanted: Subscribe) -> None:
        """Tell whoever came last; a measurement before is over."""
        if wanted.lifetime_seconds is not None:
            self._subscriber = source, wanted

    async def emit(self) -> None:
        """Tell subscribers of changes at the rate, for ever."""
        due = time.perf_counter()
        while True:
            await asyncio.sleep(EMIT_SECONDS)
            now = time.perf_counter()
            while self._subscriber is not None and due < now:
                due += 1 / self._rate
                self._notify(*self._subscriber)
            due = max(due, now - 1)

    def _notify(self, vmac: bytes, wanted: Subscribe) -> None:
        value = codec.real(float(int(_steps())))
        content = codec.context(0, bytes((PRESENT_VALUE,))) + b"\x2e" + value + b"\x2f"
        flags = codec.context(0, bytes((STATUS_FLAGS,)))
        content += flags + b"\x2e" + codec.RELIABLE + b"\x2f"
        own = struct.pack(">I", DEVICE << 22 | self._device.instance)
        monitored = struct.pack(">I", wanted.key[0] << 22 | wanted.key[1])
        apdu = (
            b"\x10\x02"
            + codec.context(0, codec.unsigned_octets(wanted.process_id))
            + codec.context(1, own)
            + codec.context(2, monitored)
            + codec.context(3, b"\x00")
            + b"\x4e"
            + content
            + b"\x4f"
        )
        self._send(apdu, vmac)


class _Door(SecureConnectDoor):
    @override
    def publish_hub(self, status: SecureHubStatus) -> None:
        if not status.listening:
            raise SystemExit(f"the hub does not listen: {status}")


async def main(settings: dict[str, Any]) -> None:
    """Run until the output is read no more."""
    folder = Path(settings["folder"])
    certificates = KeptCertificates(folder)
    service = SecureConnectService(folder, certificates, _Door())
    await service.start()
    await certificates.make_authority(AuthorityOrder(name="Bench"))
    await certificates.issue(
        CredentialsOrder(name="Bench", credentials_id=CREDENTIALS, host_names=(HOST,))
    )
    identity = certificates.identity(CREDENTIALS)
    for name in ("certificate", "key", "authorities"):
        (folder / f"{name}.pem").write_text(getattr(identity, name))
    port = free_port()
    hub = SecureHubConfig(
        hub_id="bench", name="Bench", credentials=CREDENTIALS, host=HOST, port=port
    )
    await service.configure(SecureConnectConfig(hubs=(hub,)))
    uri = f"wss://{HOST}:{port}"
    nodes = [
        _node(service, number, uri, settings) for number in range(settings["devices"])
    ]
    emitting = []
    for node in nodes:
        await node.link.open(node)
        await node.connected.wait()
        emitting.append(asyncio.create_task(node.emit()))
    facts = {"uri": uri, "devices": [node.facts for node in nodes]}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in emitting:
        task.cancel()
    await asyncio.gather(*emitting, return_exceptions=True)
    await asyncio.gather(*(node.link.close() for node in nodes))
    await service.stop()


def _node(
    service: SecureConnectService, number: int, uri: str, settings: dict[str, Any]
) -> FleetNode:
    config = SecureNetworkConfig(
        network_id=f"node{number}", name="Node", primary=uri, credentials=CREDENTIALS
    )
    return FleetNode(number, settings["points"], service.link(config), settings["rate"])


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    pin(given["core"])
    asyncio.run(main(given))

"""BACnet/SC without its wire: nodes of one hub that hand NPDUs to each other in memory.

What a real node and hub do with sockets, certificates and frames, their own tests show.
"""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, override

from bacpypes3.pdu import PDU, LocalBroadcast, LocalStation

from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.port import (
    BROADCAST_VMAC,
    SecureLink,
    SecureLinkUser,
)

from .link import Link

HUB_VMAC = "02:00:00:00:00:fe"


class SecureSwitch:
    """A hub; while it is down, nobody is connected."""

    def __init__(self) -> None:
        self.nodes: list[SwitchNode] = []
        self.is_up = True
        self._numbers = itertools.count(1)

    def node(self, network_id: str = "") -> SwitchNode:
        """Return a node of its own VMAC, which may end in zeros."""
        number = next(self._numbers)
        vmac = b"\x02\x1a" + number.to_bytes(2) + bytes(2)
        found = SwitchNode(self, network_id, vmac)
        self.nodes.append(found)
        return found

    def go_down(self) -> None:
        """Lose every connection."""
        self.is_up = False
        for node in self.nodes:
            node.stand(HubConnection.NONE, "hub_silent")

    def come_up(self, connection: HubConnection = HubConnection.PRIMARY) -> None:
        """Take everybody again, as the primary or as a failover hub."""
        self.is_up = True
        for node in self.nodes:
            node.stand(connection)


class SwitchNode(SecureLink):
    """One node; NPDUs reach the others in the loop's next turn."""

    def __init__(self, switch: SecureSwitch, network_id: str, vmac: bytes) -> None:
        self._switch = switch
        self._vmac = vmac
        self._user: SecureLinkUser | None = None
        self._status = SecureNetworkStatus(
            network_id=network_id, since=datetime.now(UTC), vmac=vmac.hex(":")
        )
        self.sent: list[tuple[bytes, bytes]] = []

    @property
    @override
    def vmac(self) -> bytes:
        return self._vmac

    @property
    @override
    def status(self) -> SecureNetworkStatus:
        return self._status

    @override
    async def open(self, user: SecureLinkUser) -> None:
        self._user = user
        if self._switch.is_up:
            asyncio.get_running_loop().call_soon(self.stand, HubConnection.PRIMARY)

    @override
    def send(self, npdu: bytes, destination: bytes) -> None:
        self.sent.append((npdu, destination))
        if self._status.connection is HubConnection.NONE:
            return
        loop = asyncio.get_running_loop()
        for node in self._switch.nodes:
            if node is not self and destination in (BROADCAST_VMAC, node.vmac):
                loop.call_soon(node.take, npdu, self._vmac, destination)

    @override
    async def close(self) -> None:
        self._user = None
        self._status = replace(self._status, connection=HubConnection.NONE)

    def take(self, npdu: bytes, source: bytes, destination: bytes) -> None:
        if self._user is not None and self._status.connection is not HubConnection.NONE:
            self._user.received(npdu, source, broadcast=destination == BROADCAST_VMAC)

    def stand(self, connection: HubConnection, reason: str = "") -> None:
        """Be connected, or not, from now on."""
        if self._user is None:
            return
        lost = connection is HubConnection.NONE
        self._status = replace(
            self._status,
            connection=connection,
            since=datetime.now(UTC),
            reason=reason,
            vmac=self._vmac.hex(":"),
            hub_vmac="" if lost else HUB_VMAC,
            drops=self._status.drops + lost,
        )
        self._user.stands(self._status)

    def move(self, vmac: bytes) -> None:
        """Take another VMAC, as after a collision."""
        self.stand(HubConnection.NONE, "vmac_in_use")
        self._vmac = vmac
        self.stand(HubConnection.PRIMARY)


class SecureWire(Link, SecureLinkUser):
    """The wire of a simulated device that is a node on BACnet/SC."""

    def __init__(self, node: SecureLink, seed: int = 1) -> None:
        super().__init__(("", 0), None, seed)
        self.node = node

    @property
    @override
    def text(self) -> str:
        return self.node.vmac.hex(":")

    @property
    @override
    def station(self) -> Any:
        return LocalStation(self.node.vmac)

    @override
    async def start(self) -> None:
        self._is_open = True
        await self.node.open(self)

    @override
    def stop(self) -> None:
        super().stop()
        self._is_open = False

    @override
    async def indication(self, pdu: PDU) -> None:
        destination = pdu.pduDestination
        if not self.plugged:
            return
        if isinstance(destination, LocalBroadcast):
            self.node.send(bytes(pdu.pduData), BROADCAST_VMAC)
        else:
            self.node.send(bytes(pdu.pduData), destination.addrAddr)

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        """Go on: a simulated device waits for whoever asks."""

    @override
    def received(self, npdu: bytes, source: Any, *, broadcast: bool) -> None:
        if self.plugged and self._is_open and not self._lost():
            self.spawn(self._take(npdu, source, broadcast=broadcast))

    async def _take(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        edited = npdu if self.edit is None else self.edit(npdu)
        if edited is None:
            return
        destination = LocalBroadcast() if broadcast else self.station
        await self.response(
            PDU(edited, source=LocalStation(source), destination=destination)
        )

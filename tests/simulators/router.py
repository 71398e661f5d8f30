"""A router to a network of its own, with a device behind it (SNET and SADR on the wire, clause 6)."""

from typing import Any, override

from bacpypes3.pdu import IPv4Address, LocalBroadcast, LocalStation
from bacpypes3.vlan import Network, Node

from .device import SimulatedDevice
from .link import Link
from .points import DeviceTable
from .tables.office import ROUTED_DEVICE, ROUTED_MAC, ROUTED_NETWORK

ROUTER_MAC = 1


class RoutedDevice(SimulatedDevice):
    """A device on the network behind the router; its wire is the router's."""

    def join(self, network: Any) -> None:
        """Build the objects and take a place on the network."""
        self.build()
        self._network = network
        self._node = Node(LocalStation(ROUTED_MAC), network)
        self.network_address = f"{ROUTED_NETWORK}:{ROUTED_MAC}"
        self.app.nsap.bind(self._node, address=LocalStation(ROUTED_MAC))

    @override
    def stop(self) -> None:
        """Forget subscriptions; the router closes the socket."""
        if self.app is not None:
            self.app.stop()

    @override
    def unplug(self) -> None:
        """Leave the network behind the router; the router stays."""
        if self._node in self._network.nodes:
            self._network.remove_node(self._node)

    @override
    def plug(self) -> None:
        """Come back to the network."""
        if self._node not in self._network.nodes:
            self._network.add_node(self._node)


async def start_router(table: DeviceTable, link: Link) -> list[SimulatedDevice]:
    """Start the router and the device behind it; return both."""
    router = SimulatedDevice(table, link)
    router.build()
    router.app.nsap.bind(
        link, net=ROUTED_NETWORK - 1, address=IPv4Address(link.address)
    )
    network: Any = Network("behind", broadcast_address=LocalBroadcast())
    node = Node(LocalStation(ROUTER_MAC), network, spoofing=True)
    router.app.nsap.bind(node, net=ROUTED_NETWORK, address=LocalStation(ROUTER_MAC))
    behind = RoutedDevice(ROUTED_DEVICE, link)
    behind.join(network)
    await link.start()
    return [router, behind]

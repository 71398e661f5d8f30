"""A router to a network of its own, with a device behind it (SNET and SADR on the wire, clause 6)."""

from typing import override

from bacpypes3.pdu import IPv4Address, LocalBroadcast, LocalStation
from bacpypes3.vlan import Network, Node

from .device import SimulatedDevice
from .link import Link
from .points import DeviceTable
from .tables.office import ROUTED_DEVICE, ROUTED_MAC, ROUTED_NETWORK

ROUTER_MAC = 1


class RoutedDevice(SimulatedDevice):
    """A device on the network behind the router; its wire is the router's."""

    @override
    async def start(self) -> None:
        """Do nothing: the router binds it."""

    @override
    def stop(self) -> None:
        """Forget subscriptions; the router closes the socket."""
        if self.app is not None:
            self.app.drop_subscriptions()


class PluggedNode(Node[LocalStation]):  # type: ignore[misc]  # bacpypes3 is untyped
    """A station that hears and says nothing while its device is unplugged."""

    device: RoutedDevice | None = None


async def start_router(table: DeviceTable, link: Link) -> list[SimulatedDevice]:
    """Start the router and the device behind it; return both."""
    router = SimulatedDevice(table, link)
    behind = RoutedDevice(ROUTED_DEVICE, link)
    network: Network[LocalStation] = Network("behind", broadcast_address=LocalBroadcast())
    router.build()
    router.app.nsap.bind(link, net=ROUTED_NETWORK - 1, address=IPv4Address(link.address))
    router_node = Node(LocalStation(ROUTER_MAC), network, spoofing=True)
    router.app.nsap.bind(router_node, net=ROUTED_NETWORK, address=LocalStation(ROUTER_MAC))
    behind.build()
    behind.network_address = f"{ROUTED_NETWORK}:{ROUTED_MAC}"
    behind.app.nsap.bind(Node(LocalStation(ROUTED_MAC), network), address=LocalStation(ROUTED_MAC))
    await link.start()
    return [router, behind]

"""Devices on BACnet/IP as a client on BACnet/SC sees them, and the other way round."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import Address, GlobalBroadcast, RemoteStation
from bacpypes3.primitivedata import ObjectIdentifier

from custom_components.plantroom.engine.bacnet.ip_access import IpAccess
from custom_components.plantroom.engine.bacnet.network import BacnetNetwork
from custom_components.plantroom.engine.bacnet.routing.router import Router
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
)
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.simulators.building import Building
from tests.simulators.secure import SecureSwitch, SecureWire
from tests.simulators.station import StationApplication, station

from ..field_bench import NETWORK, field_bench
from ..secure_bench import SecureSide
from ..waiting import until

ROOM, AHU, US = 2001, 1001, 4194303 - 9
PLAIN, SECURE = 10, 20
CLIENT_SECONDS = 20


@asynccontextmanager
async def secure_client(switch: SecureSwitch) -> AsyncIterator[Any]:
    """Run a bacpypes3 client that is a node."""
    device = DeviceObject(
        objectIdentifier=("device", 598), objectName="Client", vendorIdentifier=999,
        maxApduLengthAccepted=1476, maxSegmentsAccepted=64,
    )  # fmt: skip
    app = StationApplication.from_object_list([device])
    wire = SecureWire(switch.node())
    app.nsap.bind(wire, address=wire.station)
    await wire.start()
    try:
        yield app
    finally:
        wire.stop()
        app.close()


@asynccontextmanager
async def routed() -> AsyncIterator[tuple[Building, Building, SecureSwitch]]:
    """Run a device on each kind of network, and our engine's router between them."""
    side = SecureSide()
    router = Router()
    router.configure(
        [
            RoutedNetworkConfig(network_id="ip", number=PLAIN),
            RoutedNetworkConfig(network_id=NETWORK, number=SECURE),
        ]
    )

    def secure(records: Any, poller: Any) -> BacnetNetwork:
        return side.network(records, poller, router)

    async with (
        Building(only=(ROOM,), speed=0) as building,
        Building(
            only=(AHU,), speed=0, port=1, node=lambda _: side.switch.node()
        ) as far,
        field_bench(0, build=secure),
    ):
        config = BacnetNetworkConfig(
            network_id="ip",
            name="Plain",
            address="127.0.0.1/8",
            port=building.port,
            instance=US,
        )

        def plain(records: Any, poller: Any) -> BacnetNetwork:
            access = IpAccess(config, records)
            return BacnetNetwork(config, access, records, poller, router=router)

        async with field_bench(building.port, build=plain):
            await until(lambda: len(router._ports) == 2)
            yield building, far, side.switch


async def found(client: Any, instance: int) -> Address:
    """Ask all networks for a device and return where it is."""
    client.who_is(instance, instance, GlobalBroadcast(), timeout=0.1)
    (i_am,) = await until(
        lambda: [
            each
            for each in client.announcements
            if each.iAmDeviceIdentifier[1] == instance
        ][:1],
        CLIENT_SECONDS,
    )
    return i_am.pduSource


async def read_name(client: Any, address: Address, instance: int) -> str:
    device = ObjectIdentifier(("device", instance))
    return str(await client.read_property(address, device, "objectName"))


@pytest.mark.parametrize("client_is_secure", [True, False], ids=["sc", "ip"])
async def test_a_device_of_the_other_kind_is_found_and_read(client_is_secure):
    async with routed() as (building, far, switch):
        device = (building if client_is_secure else far).devices[0]
        instance = device.table.instance
        client_of = (
            secure_client(switch)
            if client_is_secure
            else station(building.port, host="127.0.0.9")
        )
        async with client_of as client:
            address = await found(client, instance)
            assert isinstance(address, RemoteStation)
            assert address.addrNet == (PLAIN if client_is_secure else SECURE)
            assert await read_name(client, address, instance) == device.table.name

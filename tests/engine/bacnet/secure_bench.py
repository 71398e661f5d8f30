"""A BACnet/SC network of the engine, and a building whose devices are nodes beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.plantroom.engine.bacnet.local_objects.objects import LocalObjects
from custom_components.plantroom.engine.bacnet.network import BacnetNetwork
from custom_components.plantroom.engine.bacnet.routing.router import Router
from custom_components.plantroom.engine.bacnet.secure_access import SecureAccess
from custom_components.plantroom.engine.bacnet.serving_network import ServingNetwork
from custom_components.plantroom.engine.polling import Poller
from custom_components.plantroom.engine.records import Records
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import SecureNetworkStatus
from tests.simulators.building import Building
from tests.simulators.secure import SecureSwitch, SwitchNode

from .field_bench import NETWORK, FieldBench, field_bench

CONFIG = SecureNetworkConfig(
    network_id=NETWORK,
    name="Secure",
    primary="wss://127.0.0.1:4443",
    credentials="site",
)


class SecureSide:
    """The hub, our node, and what was told of it."""

    def __init__(self) -> None:
        self.switch = SecureSwitch()
        self.node: SwitchNode = self.switch.node(NETWORK)
        self.told: list[SecureNetworkStatus] = []
        self.objects = LocalObjects()

    def network(
        self, records: Records, poller: Poller, router: Router | None = None
    ) -> BacnetNetwork:
        access = SecureAccess(CONFIG, self.node, self.told.append, records)
        return ServingNetwork(CONFIG, access, records, poller, self.objects, router)


@asynccontextmanager
async def secure_bench(
    *only: int | str, **options: Any
) -> AsyncIterator[tuple[Building, FieldBench, SecureSide]]:
    """Run part of the building on BACnet/SC, its physics at rest."""
    side = SecureSide()
    async with (
        Building(
            profile="all",
            only=only,
            speed=0,
            port=1,
            node=lambda _: side.switch.node(),
        ) as building,
        field_bench(0, build=side.network, **options) as bench,
    ):
        yield building, bench, side

"""Part of the building, and a bacpypes3 client next to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from bacpypes3.apdu import SubscribeCOVRequest
from bacpypes3.pdu import Address

from tests.simulators.building import Building
from tests.simulators.station import station


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A building and a client."""

    building: Building
    client: Any

    def at(self, device: int | str) -> Address:
        """Return a device's address."""
        return Address(self.building.device(device).address)

    async def read(self, device: int | str, object_id: str, name: str) -> Any:
        """Read one property over the wire."""
        return await self.client.read_property(self.at(device), object_id, name)

    async def write(
        self, device: int | str, object_id: str, value: Any, priority: int | None = None
    ) -> None:
        """Write a present value over the wire."""
        await self.client.write_property(
            self.at(device), object_id, "presentValue", value, priority=priority
        )

    async def subscribe(
        self, device: int | str, object_id: str, *, confirmed: bool = False
    ) -> Any:
        """Subscribe to changes of value; return the answer."""
        return await self.client.request(
            SubscribeCOVRequest(
                subscriberProcessIdentifier=1,
                monitoredObjectIdentifier=object_id,
                issueConfirmedNotifications=confirmed,
                lifetime=60,
                destination=self.at(device),
            )
        )


type MakeBench = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench() -> MakeBench:
    """Return what makes a building of the named devices, with a client."""

    @asynccontextmanager
    async def make(*only: int | str, profile: str = "all") -> AsyncIterator[Bench]:
        async with (
            Building(profile=profile, only=only, speed=0) as building,
            station(building.port) as client,
        ):
            yield Bench(building=building, client=client)

    return make

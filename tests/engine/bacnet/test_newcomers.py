"""Strangers on the network, introduced once and by name."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from custom_components.plantroom.engine.bacnet.names.property_ids import PropertyId
from custom_components.plantroom.engine.bacnet.newcomers import (
    MOST_SEEN,
    MOST_WAITING,
    Newcomers,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import Primitive
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    PropertyRef,
    PropertyResult,
)
from custom_components.plantroom.engine.bacnet.who_is import IAm
from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.models import FoundDevice


def i_am(instance: int) -> IAm:
    return IAm(
        instance=instance,
        address="127.0.0.9",
        max_apdu=1476,
        segmentation=3,
        vendor_id=999,
    )


class Named:
    """A device that gives its name and refuses the rest."""

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        return [
            PropertyResult(ref, ("Chiller",))
            if ref.property_id == PropertyId.OBJECT_NAME
            else PropertyResult(ref, (), "unknown-property")
            for ref in refs
        ]

    async def read_array(
        self, object_type: int, instance: int, property_id: int
    ) -> list[Primitive]:
        raise AssertionError(object_type, instance, property_id)


def nobody(asked: IAm) -> Named:
    raise DeviceOfflineError("The network is down", device=asked.address)


@asynccontextmanager
async def running(newcomers: Newcomers) -> AsyncGenerator[None]:
    task = asyncio.create_task(newcomers.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_stranger_is_introduced_once_with_its_name() -> None:
    told: asyncio.Queue[FoundDevice] = asyncio.Queue()
    newcomers = Newcomers("n1", lambda _: Named(), told.put_nowait)
    async with running(newcomers):
        newcomers.heard(i_am(7))
        newcomers.heard(i_am(7))
        newcomers.heard(i_am(8))
        first, second = await told.get(), await told.get()
    assert (first.device_id, first.name) == ("n1:7", "Chiller")
    assert second.device_id == "n1:8"
    assert told.empty()


async def test_a_stranger_that_cannot_be_asked_is_introduced_by_its_number() -> None:
    told: asyncio.Queue[FoundDevice] = asyncio.Queue()
    newcomers = Newcomers("n1", nobody, told.put_nowait)
    async with running(newcomers):
        newcomers.heard(i_am(7))
        found = await told.get()
        newcomers.heard(i_am(8))
        assert (await told.get()).instance == 8
    assert (found.instance, found.name, found.vendor_id) == (7, "", 999)


async def test_a_flood_of_strangers_is_bounded() -> None:
    told: list[FoundDevice] = []
    newcomers = Newcomers("n1", nobody, told.append)
    for instance in range(2 * MOST_WAITING):
        newcomers.heard(i_am(instance))
    async with running(newcomers):
        for instance in range(2 * MOST_WAITING, 3 * MOST_SEEN):
            newcomers.heard(i_am(instance))
            await asyncio.sleep(0)
    assert len(told) <= MOST_SEEN
    assert len({found.instance for found in told}) == len(told)

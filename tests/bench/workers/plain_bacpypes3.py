"""Reading with bacpypes3 alone, as its own documentation does it."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from bacpypes3.app import Application
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier
from bacpypes3.vendor import get_vendor_info

from tests.bench.concurrency import run_each
from tests.bench.reading import IN_FLIGHT, ChangeCheck, ReadingTask, time_rounds

PROPERTIES = ["present-value", "status-flags"]


def open_application(own: str) -> Any:
    """Return an application with a device and a network port."""
    device = DeviceObject(
        objectIdentifier=("device", 4194001),
        objectName="plain",
        vendorIdentifier=999,
        maxApduLengthAccepted=1476,
    )
    host, number = own.split(":")
    port = NetworkPortObject(
        f"{host}/32:{number}", objectIdentifier=("network-port", 1), objectName="port"
    )
    return Application.from_object_list([device, port])


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return points read and the CPU seconds that took."""
    task = ReadingTask.of(settings)
    app = open_application(task.own)
    vendor = get_vendor_info(0)
    check = ChangeCheck()
    addresses = [Address(f"{host}:{port}") for host, port in task.devices]
    numbers = count()

    async def read_batch(work: tuple[Any, list[Any]]) -> int:
        address, parameters = work
        # The call takes its list apart
        results = await app.read_property_multiple(address, parameters, vendor)
        if address is addresses[0] and next(numbers) == 0:
            check.take([float(results[0][3])])
        return len(results) // 2

    async def read_single(work: tuple[Any, ObjectIdentifier]) -> int:
        address, object_id = work
        value = await app.read_property(address, object_id, "present-value")
        if address is addresses[0] and next(numbers) == 0:
            check.take([float(value)])
        return 1

    def batches() -> Iterator[tuple[Any, list[Any]]]:
        for address in addresses:
            for batch in prepared:
                yield address, list(batch)

    prepared = [
        [part for key in batch for part in (ObjectIdentifier(key), PROPERTIES)]
        for batch in task.batches
    ]
    objects = [ObjectIdentifier(key) for key in task.objects]

    async def one_round() -> int:
        nonlocal numbers
        numbers = count()
        if task.single:
            singles = ((a, o) for a in addresses for o in objects)
            return await run_each(read_single, singles, IN_FLIGHT)
        return await run_each(read_batch, batches(), IN_FLIGHT)

    try:
        return await time_rounds(one_round, task.seconds)
    finally:
        app.close()

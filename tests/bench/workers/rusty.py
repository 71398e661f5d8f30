"""Reading with rusty-bacnet: a client in Rust, called from Python."""

from typing import Any

from rusty_bacnet import BACnetClient, ObjectIdentifier, ObjectType, PropertyIdentifier

from tests.bench.concurrency import run_each
from tests.bench.reading import IN_FLIGHT, ChangeCheck, ReadingTask, time_rounds

TYPES = {
    0: ObjectType.ANALOG_INPUT,
    2: ObjectType.ANALOG_VALUE,
    3: ObjectType.BINARY_INPUT,
}
PROPERTIES: list[tuple[PropertyIdentifier, int | None]] = [
    (PropertyIdentifier.PRESENT_VALUE, None),
    (PropertyIdentifier.STATUS_FLAGS, None),
]


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return points read and the CPU seconds that took."""
    task = ReadingTask.of(settings)
    host, port = task.own.split(":")
    addresses = [f"{host}:{port}" for host, port in task.devices]
    async with BACnetClient(
        interface=host,
        port=int(port),
        broadcast_address="127.255.255.255",
        share_port_by_address=True,
    ) as client:
        return await read_with(client, addresses, task)


async def read_with(
    client: BACnetClient, addresses: list[str], task: ReadingTask
) -> dict[str, Any]:
    """Return points read with a client and the CPU seconds that took."""
    check = ChangeCheck()
    objects = [ObjectIdentifier(TYPES[t], i) for t, i in task.objects]
    specs = [
        [(ObjectIdentifier(TYPES[t], i), PROPERTIES) for t, i in batch]
        for batch in task.batches
    ]
    first = addresses[0], 0

    async def read_batch(work: tuple[str, int]) -> int:
        address, number = work
        results: Any = await client.read_property_multiple(address, specs[number])
        values = [[p["value"].value for p in r["results"]] for r in results]
        if work == first:
            check.take(values)
        return len(values)

    async def read_single(work: tuple[str, int]) -> int:
        address, number = work
        value = await client.read_property(
            address, objects[number], PropertyIdentifier.PRESENT_VALUE
        )
        if work == first:
            check.take(value.value)
        return 1

    async def one_round() -> int:
        length = len(objects) if task.single else len(specs)
        work = ((a, n) for a in addresses for n in range(length))
        return await run_each(
            read_single if task.single else read_batch, work, IN_FLIGHT
        )

    return await time_rounds(one_round, task.seconds)

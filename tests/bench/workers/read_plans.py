"""Reading with our read plans, on the link that the engine opens."""

from contextlib import aclosing
from typing import Any

from custom_components.plantroom.engine.bacnet.octets.network_layer import Target
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    READ_PROPERTY,
    PropertyRef,
    decode_read_property_ack,
    encode_read_property,
)
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits
from custom_components.plantroom.engine.bacnet.reading.plan_batch import PRESENT_VALUE
from custom_components.plantroom.engine.bacnet.reading.read_plan import ReadPlan
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.ip_carrier import IpCarrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.bench.concurrency import run_each
from tests.bench.reading import IN_FLIGHT, ChangeCheck, ReadingTask, time_rounds

MAX_APDU = 1476


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return points read and the CPU seconds that took."""
    task = ReadingTask.of(settings)
    link = open_link(task.own)
    await link.open()
    try:
        return await read_over(link, task)
    finally:
        await link.close()


async def read_over(link: Link, task: ReadingTask) -> dict[str, Any]:
    """Return points read over a link and the CPU seconds that took."""
    check = ChangeCheck()
    plans = [
        (
            BacnetAddress(host, port).target(MAX_APDU),
            ReadPlan(
                [(f"{host}:{t},{i}", t, i) for t, i in task.objects],
                DeviceLimits(MAX_APDU),
            ),
        )
        for host, port in task.devices
    ]
    first = plans[0][1]
    singles = [
        (target, PropertyRef(*key, PRESENT_VALUE))
        for target, _ in plans
        for key in task.objects
    ]

    async def read(work: tuple[Target, ReadPlan]) -> int:
        target, plan = work
        points = 0
        async with aclosing(plan.run(link.requests, target)) as batches:
            async for batch in batches:
                if plan is first and not points:
                    check.take(batch.values)
                points += len(batch.values)
        return points

    async def read_single(work: tuple[Target, PropertyRef]) -> int:
        target, ref = work
        data = await link.requests.request(
            target, READ_PROPERTY, encode_read_property(ref)
        )
        values = decode_read_property_ack(data).values
        if work == singles[0]:
            check.take(values)
        return len(values)

    async def one_round() -> int:
        if task.single:
            return await run_each(read_single, singles, IN_FLIGHT)
        return await run_each(read, plans, IN_FLIGHT)

    return await time_rounds(one_round, task.seconds)


def open_link(own: str) -> Link:
    """Return a link at our own address, not opened."""
    host, port = own.split(":")
    config = BacnetNetworkConfig(
        network_id="bench", name="bench", address=f"{host}/32", port=int(port)
    )
    return Link(
        IpCarrier(config, lambda _: None),
        config,
        on_i_am=lambda _: None,
        on_change=lambda _: False,
    )

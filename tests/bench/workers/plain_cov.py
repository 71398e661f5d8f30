"""Notifications as bacpypes3's own change_of_value() brings them."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier

from tests.bench.notified import Arrivals, listen_for
from tests.bench.reading import ReadingTask
from tests.bench.workers.plain_bacpypes3 import open_application
from tests.simulators.client import SimulatorControl
from tests.simulators.fleet_device import FIRST_INSTANCE

LIFETIME_SECONDS = 600
PRESENT_VALUE = 85


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what notifications cost and how long each was on its way."""
    task = ReadingTask.of(settings)
    app = open_application(task.own)
    arrivals = Arrivals()
    try:
        async with (
            SimulatorControl(settings["control_port"]) as control,
            AsyncExitStack() as stack,
        ):
            followers = await _follow_all(app, task, arrivals, stack)
            try:
                return await listen_for(arrivals, control, settings)
            finally:
                for follower in followers:
                    follower.cancel()
                await asyncio.gather(*followers, return_exceptions=True)
    finally:
        app.close()


async def _follow_all(
    app: Any, task: ReadingTask, arrivals: Arrivals, stack: AsyncExitStack
) -> list[asyncio.Task[None]]:
    """Subscribe to every point, one after the other, and begin to listen."""
    followers = []
    for number, (host, port) in enumerate(task.devices):
        for key in task.objects:
            subscription = app.change_of_value(
                Address(f"{host}:{port}"),
                ObjectIdentifier(key),
                lifetime=LIFETIME_SECONDS,
            )
            await stack.enter_async_context(subscription)
            name = FIRST_INSTANCE + number, f"{key[0]},{key[1]}"
            followers.append(
                asyncio.create_task(_follow(subscription, *name, arrivals))
            )
    return followers


async def _follow(
    subscription: Any, instance: int, name: str, arrivals: Arrivals
) -> None:
    while True:
        property_id, value = await subscription.get_value()
        if int(property_id) == PRESENT_VALUE:
            arrivals.take(instance, name, float(value), time.time())

"""Notifications through a hub as rusty-bacnet brings them."""

import asyncio
from typing import Any

from rusty_bacnet import ObjectIdentifier, ObjectType

from tests.bench.secure_delays import delays_of
from tests.bench.secure_fleet import sent_ms
from tests.bench.workers.secure_rusty import secure_client

PROCESS_ID = 1
LIFETIME_SECONDS = 600


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return how long notifications were on their way, and what they cost."""
    delays: list[float] = []
    async with secure_client(settings) as client:
        notifications = await client.cov_notifications()

        async def follow() -> None:
            async for each in notifications:
                delays.append(sent_ms(each.values[0]["value"].value))  # noqa: PERF401

        following = asyncio.create_task(follow())
        point = ObjectIdentifier(ObjectType.ANALOG_INPUT, 1)
        for vmac, _ in settings["devices"]:
            await client.subscribe_cov(
                vmac, PROCESS_ID, point, confirmed=False, lifetime=LIFETIME_SECONDS
            )
        result = await delays_of(delays, settings)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        return result

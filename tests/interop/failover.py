"""A node whose primary hub dies and returns."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.peers.secure_hub import SecureHubProcess

from .peer import Client, Place

OVER_SECONDS = 60.0
BACK_SECONDS = 60.0
_LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """How long each way took, in seconds; None: never, within a minute."""

    over: float | None
    back: float | None


async def measure_failover(
    client: Client, place: Place, primary: SecureHubProcess
) -> Failover:
    """Kill a client's primary hub, start it again, and say how long it took.

    back counts from the moment when the primary hub listens.
    """
    await client.open(place)
    try:
        if await _until(client, "primary", OVER_SECONDS) is None:
            return Failover(over=None, back=None)
        await primary.kill()
        over = await _until(client, "failover", OVER_SECONDS)
        if over is None or not await _started(primary):
            return Failover(over=over, back=None)
        back = await _until(client, "primary", BACK_SECONDS)
        return Failover(over=over, back=back)
    finally:
        await client.close()


async def _started(primary: SecureHubProcess) -> bool:
    """Start a hub; return False when a node leaves no time for that in this process."""
    try:
        await primary.start()
    except TimeoutError:
        return False
    return True


async def _until(client: Client, hub: str, seconds: float) -> float | None:
    return await seconds_until(client.hub, hub, seconds)


async def seconds_until(
    look: Callable[[], Awaitable[str]], wanted: str, seconds: float
) -> float | None:
    """Return after how long something is as wanted, None when that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if await look() == wanted:
            return time.monotonic() - began
        await asyncio.sleep(_LOOK_SECONDS)
    return None

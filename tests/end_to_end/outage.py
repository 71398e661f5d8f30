"""A device without its network cable, for as long as a test wants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.simulators.client import SimulatorControl


@asynccontextmanager
async def unplugged(building: SimulatorControl, instance: int) -> AsyncIterator[None]:
    """Let a device be silent; it answers again afterwards, whatever happens."""
    await building.unplug(instance)
    try:
        yield
    finally:
        await building.plug(instance)

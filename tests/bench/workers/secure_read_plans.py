"""Reading with our read plans through a hub."""

from typing import Any

from tests.bench.reading import ReadingTask
from tests.bench.secure_link import secure_link
from tests.bench.workers.read_plans import read_over


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return points read and the CPU seconds that took."""
    async with secure_link(settings) as link:
        return await read_over(link, ReadingTask.of(settings))

"""What every reading client is given, and how its CPU time is taken: the same for all.

A client reads each point's present value and status flags. One round reads every device
once; rounds go on until the time is up, the first is for warming up.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.simulators.fleet_device import KINDS

IN_FLIGHT = 8
BATCH = 25

type Round = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTask:
    """Where to read: endpoints, and how many points each has; own is our address."""

    own: str
    devices: tuple[tuple[str, int], ...]
    points: int
    seconds: float
    single: bool = False

    @classmethod
    def of(cls, settings: dict[str, Any]) -> ReadingTask:
        """Return the task in a worker's settings."""
        return cls(
            own=settings["own"],
            devices=tuple((host, port) for host, port in settings["devices"]),
            points=settings["points"],
            seconds=settings["seconds"],
            single=settings.get("single", False),
        )

    @property
    def objects(self) -> list[tuple[int, int]]:
        """Return type and instance of each device's points."""
        return [(KINDS[index % len(KINDS)], index + 1) for index in range(self.points)]

    @property
    def batches(self) -> list[list[tuple[int, int]]]:
        """Return the objects in batches as the plain clients read them."""
        objects = self.objects
        return [objects[n : n + BATCH] for n in range(0, len(objects), BATCH)]


async def time_rounds(read: Round, seconds: float) -> dict[str, Any]:
    """Run rounds for so long; return points, seconds and CPU seconds."""
    expected = await read()
    points = rounds = 0
    cpu, began = time.process_time(), time.perf_counter()
    while not rounds or time.perf_counter() - began < seconds:
        points += await read()
        rounds += 1
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    if points != expected * rounds:
        raise RuntimeError(f"read {points} points in {rounds} rounds of {expected}")
    return {"points": points, "rounds": rounds, "seconds": wall, "cpu": cpu}


class ChangeCheck:
    """Proves that a client sees other values at each round."""

    def __init__(self) -> None:
        self._last: Any = None

    def take(self, values: Any) -> None:
        """Take one device's values of this round; raise when nothing moved."""
        if values == self._last:
            raise RuntimeError(f"values do not change: {values}")
        self._last = values

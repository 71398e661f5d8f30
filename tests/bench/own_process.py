"""What this process costs: CPU time, memory, and how late its event loop is."""

import asyncio
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TICK_SECONDS = 0.02
PAGE_OCTETS = 4096


def resident_mib() -> float:
    """Return the memory this process has in RAM, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE_OCTETS / 2**20


def percentile(values: list[float], part: float) -> float:
    """Return the value that part (0 to 1) of the values do not exceed, NaN of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Window:
    """A span of time in which this process is watched.

    The watch itself costs about 0.1 % of a core, which is counted too.
    """

    def __init__(self) -> None:
        self._lags: list[float] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._began = self._cpu = 0.0
        self.result: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._began, self._cpu = time.perf_counter(), time.process_time()
        self._due = asyncio.get_running_loop().time()
        self._tick()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        seconds = time.perf_counter() - self._began
        cpu = time.process_time() - self._cpu
        self.result = {
            "seconds": seconds,
            "cpu": cpu,
            "cpu_percent": 100 * cpu / seconds,
            "lag_p99_ms": 1000 * percentile(self._lags, 0.99),
            "lag_worst_ms": 1000 * max(self._lags, default=float("nan")),
            "resident_mib": resident_mib(),
        }

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._lags.append(max(0.0, now - self._due))
        self._due = now + TICK_SECONDS
        self._timer = loop.call_at(self._due, self._tick)

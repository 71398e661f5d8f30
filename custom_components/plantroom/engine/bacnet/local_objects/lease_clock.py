"""The clock of leases: it goes on while a process is stopped or the machine sleeps."""

import time
from typing import Final

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def lease_now() -> float:
    """Return seconds since some moment of the past."""
    return time.clock_gettime(_CLOCK)

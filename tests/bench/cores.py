"""Which core a process stays on, so that server and client do not take turns."""

import os


def pin(core: int | None) -> None:
    """Keep this process, and the threads it will start, on one core."""
    if core is not None and core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})

"""How long to wait before trying again; pure but for the dice."""

import random

JITTER = 0.2


def backoff_seconds(failures: int, first: float = 5.0, longest: float = 60.0) -> float:
    """Return the wait after so many failures in a row: doubling, ±20 %, ≤ longest."""
    exponent = min(max(failures, 1) - 1, 16)
    wait: float = min(first * 2**exponent, longest / (1 + JITTER))
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311

"""A moment on both clocks."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """steady: seconds on the loop's clock, which never jumps. at: what time it is."""

    steady: float
    at: datetime


def now() -> Moment:
    """Return this moment."""
    return Moment(steady=asyncio.get_running_loop().time(), at=datetime.now(UTC))

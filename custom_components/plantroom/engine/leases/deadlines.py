"""What is left of leases, by a clock that nobody sets."""

import asyncio
from collections.abc import Collection
from datetime import datetime

from .models import Lease


class Deadlines:
    """When leases end, counted from when we first saw each of them."""

    def __init__(self) -> None:
        """Start with none."""
        self._ends: dict[str, tuple[datetime, float]] = {}

    def left_seconds(self, lease: Lease, now: datetime) -> float | None:
        """Return what is left of a lease, never more than it was meant to last.

        None: it has no end.
        """
        if lease.until is None:
            return None
        moment = asyncio.get_running_loop().time()
        known = self._ends.get(lease.lease_id)
        if known is None or known[0] != lease.since:
            left = max((lease.until - now).total_seconds(), 0.0)
            known = (lease.since, moment + min(left, lease.seconds or 0.0))
            self._ends[lease.lease_id] = known
        return known[1] - moment

    def keep_only(self, lease_ids: Collection[str]) -> None:
        """Forget every lease but these."""
        for lease_id in [*self._ends]:
            if lease_id not in lease_ids:
                del self._ends[lease_id]

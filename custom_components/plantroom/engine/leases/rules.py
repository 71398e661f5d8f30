"""When a lease is over, and what may be taken back then; pure."""

from datetime import datetime

from ..models import Access, Point
from ..write_rules import ReadBack, same_value
from .models import Lease


def is_expired(lease: Lease, now: datetime, left_seconds: float | None) -> bool:
    """Return whether a lease's time is over, by its end or by what is left of it.

    left_seconds: by a clock that nobody sets. Of two that differ the earlier counts:
    what is given back too early is the controller's own program.
    """
    if lease.until is None:
        return False
    return lease.until <= now or (left_seconds is not None and left_seconds <= 0)


def is_still_ours(lease: Lease, point: Point, found: ReadBack) -> bool:
    """Return whether a point holds what the lease wrote.

    Whoever wrote another value there since, or emptied the place, meant it. A
    commandable point that does not tell its priorities is taken to be ours.
    """
    if lease.priority is None or point.access is not Access.COMMANDABLE:
        return same_value(lease.value, found.present_value)
    if not found.priority_array:
        return True
    return same_value(lease.value, found.priority_array[lease.priority - 1])

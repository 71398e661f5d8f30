"""What changed between two surveys of a device; pure."""

from collections.abc import Iterable
from dataclasses import replace

from .models import Point, PointsDifference


def compare_points(
    device_id: str, old: Iterable[Point], new: Iterable[Point]
) -> PointsDifference:
    """Return which points came, went, changed their name or what they say of themselves.

    References come in the order of new, those removed in the order of old. A point
    with a new name and a new unit is both renamed and changed.
    """
    before = {point.reference: point for point in old}
    after = {point.reference: point for point in new}
    both = [(before[key], point) for key, point in after.items() if key in before]
    return PointsDifference(
        device_id=device_id,
        added=tuple(key for key in after if key not in before),
        removed=tuple(key for key in before if key not in after),
        renamed=tuple(b.reference for a, b in both if a.name != b.name),
        changed=tuple(b.reference for a, b in both if replace(a, name=b.name) != b),
    )

"""Which points somebody stronger than us commands."""

from .change_router import ChangeRouter


def overrides_subject(device_id: str) -> str:
    """Return the subject that is told when a device's overridden points change."""
    return f"{device_id}/overrides"


class OverrideBook:
    """The overridden points of each device, as their entities report them.

    Only watched points are known: keeping others fresh for the count alone would
    cost every device traffic that nobody asked for.
    """

    def __init__(self, changes: ChangeRouter) -> None:
        """Take the router that tells of changes."""
        self._changes = changes
        self._overridden: dict[str, set[str]] = {}

    def report(self, device_id: str, point_id: str, *, overridden: bool) -> None:
        """Note whether a point is overridden."""
        points = self._overridden.setdefault(device_id, set())
        if (point_id in points) == overridden:
            return
        if overridden:
            points.add(point_id)
        else:
            points.remove(point_id)
        self._changes.tell(overrides_subject(device_id))

    def of_device(self, device_id: str) -> tuple[str, ...]:
        """Return the ids of a device's overridden points, sorted."""
        return tuple(sorted(self._overridden.get(device_id, ())))

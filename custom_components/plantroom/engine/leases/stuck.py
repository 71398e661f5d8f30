"""The repairs of devices that do not let go of what was written for a while."""

from collections.abc import Callable, Iterable
from typing import Final

from ..models import ProblemCode
from ..points import Points
from ..problems import Problems
from .models import Lease

MOST_NAMED: Final = 10


class StuckLeases:
    """One problem a device, for as long as it has such a lease."""

    def __init__(
        self, points: Points, problems: Problems, name_of: Callable[[str], str]
    ) -> None:
        """Take the records, and what tells a device's name."""
        self._points = points
        self._problems = problems
        self._name_of = name_of
        self._told: frozenset[str] = frozenset()

    def tell(self, stuck: Iterable[tuple[Lease, str]]) -> None:
        """State exactly these leases, each with why it cannot be ended."""
        by_device: dict[str, list[tuple[Lease, str]]] = {}
        for lease, reason in stuck:
            by_device.setdefault(lease.device_id, []).append((lease, reason))
        for device_id, leases in by_device.items():
            names = sorted(self._name_of_point(lease) for lease, _ in leases)
            self._problems.report(
                ProblemCode.LEASE_STUCK,
                device_id,
                name=self._name_of(device_id),
                points=", ".join(names[:MOST_NAMED]),
                count=str(len(names)),
                reason=leases[0][1],
            )
        for device_id in self._told - by_device.keys():
            self._problems.solve(device_id, ProblemCode.LEASE_STUCK)
        self._told = frozenset(by_device)

    def _name_of_point(self, lease: Lease) -> str:
        point = self._points.get(lease.point_id)
        return lease.point_id if point is None else point.name or point.reference

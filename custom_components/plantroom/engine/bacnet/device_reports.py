"""What people hear of one BACnet device: its status and the problems it has."""

from typing import override

from ..errors import PlantroomError
from ..models import PointsDifference, ProblemCode
from ..online_reports import OnlineReports, now
from ..records import Records
from .wire.addresses import BacnetAddress

VANISHED_SECONDS = 3600.0
# Two searches for everybody without hearing the second claim
DOUBLE_SECONDS = 4000.0
MOST_NAMED = 20


class DeviceReports(OnlineReports):
    """Tells the records how a device is doing, until it is closed."""

    def __init__(self, device_id: str, instance: int, records: Records) -> None:
        """Start with a device of which nothing is known; online is None until it is."""
        super().__init__(device_id, records)
        self._instance = str(instance)
        self._double_at = float("-inf")

    def answered(
        self, *, cov_points: int, polled_points: int, batch_octets: int
    ) -> None:
        """State that the device was read, and how."""
        if self.closed:
            return
        self._problems.solve(self._device_id, ProblemCode.DEVICE_VANISHED)
        if now() - self._double_at > DOUBLE_SECONDS:
            self._problems.solve(self._device_id, ProblemCode.DUPLICATE_INSTANCE)
        self._answered(
            cov_points=cov_points,
            polled_points=polled_points,
            batch_octets=batch_octets,
        )

    @override
    def _take_silence(
        self, err: PlantroomError, seconds: float, name: str, address: str
    ) -> None:
        if seconds >= VANISHED_SECONDS:
            self._problems.report(
                ProblemCode.DEVICE_VANISHED,
                self._device_id,
                name=name,
                instance=self._instance,
                address=address,
            )

    def doubled(self, name: str, known: BacnetAddress, other: BacnetAddress) -> None:
        """State that another address claims the instance."""
        self._double_at = now()
        self._problems.report(
            ProblemCode.DUPLICATE_INSTANCE,
            self._device_id,
            instance=self._instance,
            name=name,
            first=str(known),
            second=str(other),
        )

    def surveyed(self, name: str, difference: PointsDifference) -> None:
        """State which points are gone since the survey before, if any."""
        if not difference.removed:
            self._problems.solve(self._device_id, ProblemCode.POINTS_GONE)
            return
        self._problems.report(
            ProblemCode.POINTS_GONE,
            self._device_id,
            name=name,
            count=str(len(difference.removed)),
            points=", ".join(difference.removed[:MOST_NAMED]),
        )

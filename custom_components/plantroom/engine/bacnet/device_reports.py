"""What people hear of one device: its status and the problems it has."""

import asyncio
import logging
from datetime import UTC, datetime

from ..errors import PlantroomError
from ..models import DeviceStatus, PointsDifference, ProblemCode
from ..records import Records
from .wire.addresses import BacnetAddress

_LOGGER = logging.getLogger(__name__)

VANISHED_SECONDS = 3600.0
# Two searches for everybody without hearing the second claim
DOUBLE_SECONDS = 4000.0
MOST_NAMED = 20


class DeviceReports:
    """Tells the records how a device is doing, until it is closed."""

    def __init__(self, device_id: str, instance: int, records: Records) -> None:
        """Start with a device of which nothing is known; online is None until it is."""
        self._device_id = device_id
        self._instance = str(instance)
        self._health = records.health
        self._problems = records.problems
        self._failures = 0
        self._offline_since = 0.0
        self._double_at = float("-inf")
        self.online: bool | None = None
        self.closed = False

    def answered(
        self, *, cov_points: int, polled_points: int, batch_octets: int
    ) -> None:
        """State that the device was read, and how."""
        if self.closed:
            return
        if self.online is False:
            _LOGGER.warning("Device %s answers again", self._device_id)
        self.online = True
        self._failures = 0
        self._problems.solve(self._device_id, ProblemCode.DEVICE_VANISHED)
        if _now() - self._double_at > DOUBLE_SECONDS:
            self._problems.solve(self._device_id, ProblemCode.DUPLICATE_INSTANCE)
        self._health.device(
            DeviceStatus(
                device_id=self._device_id,
                online=True,
                since=datetime.now(UTC),
                cov_points=cov_points,
                polled_points=polled_points,
                batch_octets=batch_octets,
            )
        )

    def failed(self, err: PlantroomError, name: str, address: str) -> None:
        """State that the device could not be read, and after an hour that it is gone."""
        if self.closed:
            return
        self._failures += 1
        if self.online is not False:
            self.online = False
            self._offline_since = _now()
            _LOGGER.warning(
                "Device %s does not answer (%s at %s): %s",
                self._device_id,
                name,
                address or "an unknown address",
                err,
            )
        self._health.device(
            DeviceStatus(
                device_id=self._device_id,
                online=False,
                since=datetime.now(UTC),
                reason=err.code,
                failures=self._failures,
            )
        )
        if _now() - self._offline_since >= VANISHED_SECONDS:
            self._problems.report(
                ProblemCode.DEVICE_VANISHED,
                self._device_id,
                name=name,
                instance=self._instance,
                address=address,
            )

    def doubled(self, name: str, known: BacnetAddress, other: BacnetAddress) -> None:
        """State that another address claims the instance."""
        self._double_at = _now()
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


def _now() -> float:
    return asyncio.get_running_loop().time()

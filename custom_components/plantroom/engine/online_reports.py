"""What people hear of a device's answering, protocol aside."""

import asyncio
import logging
from abc import ABC, abstractmethod
from datetime import UTC, datetime

from .errors import DeviceError, PlantroomError
from .models import DeviceStatus
from .records import Records

_LOGGER = logging.getLogger(__name__)


class OnlineReports(ABC):
    """Tells the records whether a device answers, until it is closed.

    A device that goes is logged once, and once when it is back; nothing is logged for
    one that cannot be reached for its network's sake, which the network says.
    """

    def __init__(self, device_id: str, records: Records) -> None:
        """Start with a device of which nothing is known; online is None until it is."""
        self._device_id = device_id
        self._health = records.health
        self._problems = records.problems
        self._failures = 0
        self._offline_since = 0.0
        self._missed = False
        self.online: bool | None = None
        self.closed = False

    def _answered(
        self, *, cov_points: int = 0, polled_points: int = 0, batch_octets: int = 0
    ) -> None:
        """State that the device was read, and how."""
        if self._missed:
            self._missed = False
            _LOGGER.warning("Device %s answers again", self._device_id)
        self.online = True
        self._failures = 0
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
        """State that the device could not be read."""
        if self.closed:
            return
        self._failures += 1
        if self.online is not False:
            self.online = False
            self._offline_since = now()
        if not self._missed and self._is_its_own(err):
            self._missed = True
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
        self._take_silence(err, now() - self._offline_since, name, address)

    @abstractmethod
    def _take_silence(
        self, err: PlantroomError, seconds: float, name: str, address: str
    ) -> None:
        """Report what a silence of so many seconds is a sign of."""

    @staticmethod
    def _is_its_own(err: PlantroomError) -> bool:
        return isinstance(err, DeviceError)


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()

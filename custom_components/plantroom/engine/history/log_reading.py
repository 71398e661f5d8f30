"""What devices logged themselves, asked of all that a request is about."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from ..energy.local_time import LocalTime
from ..errors import DeviceRefusedError, PlantroomError, UnknownTargetError
from ..event_bus import EventBus
from ..events import Progress
from .hour_trace import PointHour
from .log_source import LoggedHours, LogProgress, LogQuery, LogSource, reason_of
from .models import HoursRequest, TrendLogSummary

_LOGGER = logging.getLogger(__name__)

DEVICES_AT_ONCE: Final = 4
DEVICE_SECONDS: Final = 900.0
TOO_SLOW: Final = "too-slow"

type NetworkOf = Callable[[str], object]
type ShiftOf = Callable[[str], tuple[float, float]]


class LogReading:
    """Reads logs of several devices at once; one that fails costs nothing but its own."""

    def __init__(
        self,
        events: EventBus,
        network_of: NetworkOf,
        shift_of: ShiftOf,
        local_time: LocalTime,
    ) -> None:
        """Take the networks, LogSources among them, and the building's time.

        network_of: the network of a device; raises UnknownTargetError. shift_of:
        factor and offset from what the field shows of a point to what people see.
        """
        self._events = events
        self._network_of = network_of
        self._shift_of = shift_of
        self._local_time = local_time

    async def logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        """Return a device's logs, none of one that is no BACnet device.

        Raises UnknownTargetError, NetworkError, DeviceError.
        """
        source = self._source_of(device_id)
        return () if source is None else await source.trend_logs(device_id)

    async def hours(
        self, request: HoursRequest
    ) -> tuple[list[PointHour], list[tuple[str, str]]]:
        """Return what logs say, and the devices that could not be read, with why."""
        await self._local_time.refresh()
        by_device: dict[str, list[str]] = {}
        for point_id in request.point_ids:
            by_device.setdefault(point_id.rpartition(":")[0], []).append(point_id)
        places = asyncio.Semaphore(DEVICES_AT_ONCE)
        unread: list[tuple[str, str]] = []
        fractions = dict.fromkeys(by_device, 0.0)

        def told(device_id: str, fraction: float) -> None:
            fractions[device_id] = fraction
            self._tell(request.task_id, sum(fractions.values()) / len(fractions))

        async def read(device_id: str, point_ids: Sequence[str]) -> list[PointHour]:
            async with places:
                query = self._query(request, point_ids)
                try:
                    hours, reason = await self._read(
                        device_id, query, lambda fraction: told(device_id, fraction)
                    )
                except PlantroomError as err:
                    hours, reason = [], reason_of(err)
                if reason:
                    unread.append((device_id, reason))
                told(device_id, 1.0)
                return hours

        found = await asyncio.gather(
            *(read(device_id, points) for device_id, points in by_device.items())
        )
        return [hour for hours in found for hour in hours], unread

    async def _read(
        self, device_id: str, query: LogQuery, progress: LogProgress
    ) -> LoggedHours:
        try:
            source = self._source_of(device_id)
        except UnknownTargetError:
            return LoggedHours([])
        if source is None:
            return LoggedHours([])
        try:
            async with asyncio.timeout(DEVICE_SECONDS):
                return await source.logged_hours(device_id, query, progress)
        except TimeoutError as err:
            raise DeviceRefusedError(
                f"The logs of {device_id} take too long",
                device=device_id,
                reason=TOO_SLOW,
            ) from err

    def _source_of(self, device_id: str) -> LogSource | None:
        """Return who can read a device's logs, None of a protocol that has none."""
        network = self._network_of(device_id)
        return network if isinstance(network, LogSource) else None

    def _query(self, request: HoursRequest, point_ids: Sequence[str]) -> LogQuery:
        return LogQuery(
            point_ids=tuple(point_ids),
            start=request.start.timestamp(),
            end=request.end.timestamp(),
            zone=self._local_time.zone,
            shown={point_id: self._shift_of(point_id) for point_id in point_ids},
        )

    def _tell(self, task_id: str, fraction: float) -> None:
        if task_id:
            self._events.publish(Progress(task_id=task_id, fraction=fraction))

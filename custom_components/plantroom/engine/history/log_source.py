"""What the engine asks of a network whose devices keep logs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NamedTuple

from ..errors import DeviceRefusedError, PlantroomError
from .hour_trace import PointHour
from .models import TrendLogSummary

type LogProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Hours that begin in [start, end), in seconds since 1970, of a device's points.

    zone: the building's. shown: factor and offset that lead from what a device shows
    to what people see, by point, where that differs.
    """

    point_ids: tuple[str, ...]
    start: float
    end: float
    zone: tzinfo
    shown: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class LoggedHours(NamedTuple):
    """What logs say; unread: why some of them could not be read, "" when all were."""

    hours: list[PointHour]
    unread: str = ""


class LogSource(ABC):
    """A network that can read what its devices logged."""

    @abstractmethod
    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        """Return a device's logs; raises UnknownTargetError, NetworkError, DeviceError."""

    @abstractmethod
    async def logged_hours(
        self, device_id: str, query: LogQuery, progress: LogProgress
    ) -> LoggedHours:
        """Return what a device's logs say; raises as trend_logs() does.

        progress: called with a fraction, 0 to 1.
        """


def reason_of(err: PlantroomError) -> str:
    """Return why something could not be read, as the standard names it or by our code."""
    return err.reason if isinstance(err, DeviceRefusedError) else err.code

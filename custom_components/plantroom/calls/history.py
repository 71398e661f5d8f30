"""What a client asks an engine about the past of points."""

from ..connection.base import Connection
from ..engine.history.models import HoursAnswer, HoursRequest, TrendLogSummary


class HistoryCalls:
    """The commands about history, typed."""

    _connection: Connection

    async def hours(self, request: HoursRequest) -> HoursAnswer:
        """Return what points showed hour by hour, oldest first."""
        answer: HoursAnswer = await self._connection.call("hours", request)
        return answer

    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        """Return the logs that a device keeps of its points."""
        logs: tuple[TrendLogSummary, ...] = await self._connection.call(
            "trend_logs", device_id
        )
        return logs

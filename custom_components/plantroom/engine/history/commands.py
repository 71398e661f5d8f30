"""The commands about the past; the engine is made of these among others."""

from ..commands import command
from .history import History, HistoryState
from .models import HoursAnswer, HoursRequest, TrendLogSummary


class HistoryCommands:
    """What a client may ask about a point's past."""

    _history: History

    @property
    def history(self) -> HistoryState:
        """Return how much of the past is kept."""
        return self._history.state

    @command("hours")
    async def hours(self, request: HoursRequest) -> HoursAnswer:
        """Return the hours of points that are known, oldest first."""
        return await self._history.hours(request)

    @command("trend_logs")
    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        """Return the logs that a device keeps of its points."""
        return await self._history.logs.logs(device_id)

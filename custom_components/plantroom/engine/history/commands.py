"""The commands about the past; the engine is made of these among others."""

from ..commands import command
from .history import History
from .models import HoursAnswer, HoursRequest


class HistoryCommands:
    """What a client may ask about a point's past."""

    _history: History

    @command("hours")
    async def hours(self, request: HoursRequest) -> HoursAnswer:
        """Return the hours of points that are known, oldest first."""
        return await self._history.hours(request)

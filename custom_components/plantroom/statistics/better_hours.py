"""Which hours the engine knows at least as well as the recorder."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from ..engine.history.models import HourSummary
from .engine_hours import EngineHours
from .hours import HOUR, without
from .ledger import Outage
from .recorder_states import seconds_recorded
from .subjects import Subject

# Readings reach the recorder a moment after they reach the engine
_SLACK_SECONDS: Final = 5.0
# An engine that is killed forgets this much of what it saw last
_FORGOTTEN_SECONDS: Final = 65.0
_AT_ONCE: Final = 500


class BetterHours:
    """Weighs what the engine saw of an hour against what the recorder saw of it.

    The recorder can have seen no more than there is between the outages, and no more
    than its states say: a device that was silent showed nothing to it either.
    """

    def __init__(
        self, hass: HomeAssistant, outages: Iterable[Outage], known: EngineHours
    ) -> None:
        """Take the outages that touch the hours, and what the engine knows."""
        self._hass = hass
        self._away = [(outage.start, outage.end) for outage in outages]
        self._known = known
        self._recorded: dict[tuple[str, datetime], float] = {}

    async def look(
        self, subjects: Iterable[Subject], hours: Iterable[datetime]
    ) -> None:
        """Look into the recorder's states, where the clock alone does not say it."""
        subjects = [*subjects]
        for hour in hours:
            unsure = [s.statistic_id for s in subjects if self._is_unsure(s, hour)]
            for some in batched(unsure, _AT_ONCE, strict=False):
                found = await get_instance(self._hass).async_add_executor_job(
                    partial(seconds_recorded, self._hass, [*some], hour, [*self._away])
                )
                for statistic_id, seconds in found.items():
                    self._recorded[statistic_id, hour] = seconds

    def of(self, subject: Subject, start: datetime) -> HourSummary | None:
        """Return an hour of which the engine saw at least as much as the recorder."""
        return self._within(subject, start, _SLACK_SECONDS)

    def nearly_of(self, subject: Subject, start: datetime) -> HourSummary | None:
        """Return one of which it may have forgotten the last minute."""
        return self._within(subject, start, _FORGOTTEN_SECONDS)

    def _within(
        self, subject: Subject, start: datetime, slack: float
    ) -> HourSummary | None:
        hour = self._known.of(subject.point_id, start)
        if hour is None or hour.covered_seconds <= 0:
            return None
        seen = self._recorded.get((subject.statistic_id, start), self._between(start))
        return hour if hour.covered_seconds >= seen - slack else None

    def _is_unsure(self, subject: Subject, start: datetime) -> bool:
        hour = self._known.of(subject.point_id, start)
        return (
            hour is not None
            and hour.covered_seconds > 0
            and self.of(subject, start) is None
        )

    def _between(self, start: datetime) -> float:
        """Return how much of an hour lies between outages."""
        left = without(start, start + HOUR, self._away)
        return sum((end - begin).total_seconds() for begin, end in left)

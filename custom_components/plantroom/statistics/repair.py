"""Writes what the statistics of hours with an outage ought to be."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.components.recorder.models import StatisticData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from ..client import EngineClient
from ..engine.history.models import HourSummary
from .counters import CounterRow
from .engine_hours import EngineHours, ask_engine
from .hours import HOUR
from .importing import import_rows
from .ledger import Outage
from .recorder_rows import counter_rows
from .recorder_turn import recorder_is_through
from .subjects import Subject
from .sums import HourFacts, SumPlan, plan_sums

# Readings reach the recorder a moment after they reach the engine
_SLACK_SECONDS: Final = 5.0
# The engine may need this long to make up its mind about an hour that is over
_RIPE_AFTER: Final = timedelta(minutes=30)


@dataclass(slots=True, kw_only=True)
class Repaired:
    """How many statistics of each hour were filled in; hours that must be asked again."""

    filled: dict[datetime, int] = field(default_factory=dict)
    unripe: frozenset[datetime] = frozenset()

    def count(self, rows: Iterable[StatisticData]) -> None:
        """Add the rows of one statistic."""
        for row in rows:
            self.filled[row["start"]] = self.filled.get(row["start"], 0) + 1


class HourRepair:
    """Repairs one run of hours, all of which the recorder has compiled."""

    def __init__(
        self,
        hass: HomeAssistant,
        outages: Iterable[Outage],
        hours: tuple[datetime, ...],
        now: datetime,
    ) -> None:
        """Take the outages that touch the hours; oldest hour first, no gap between."""
        self._hass = hass
        self._outages = tuple(outages)
        self._hours = hours
        self._now = now

    async def run(self, client: EngineClient, subjects: list[Subject]) -> Repaired:
        """Write what the engine knows better; raises PlantroomError.

        May be done any number of times: what it writes does not depend on what it
        wrote before. Returns when the recorder has committed.
        """
        known = await ask_engine(client, subjects, self._hours)
        recorder = get_instance(self._hass)
        counters = [subject.metadata_id for subject in subjects if subject.has_sum]
        recorded = await recorder.async_add_executor_job(
            partial(counter_rows, self._hass, counters, self._hours)
        )
        repaired = Repaired(unripe=self._unripe(known))
        for subject in subjects:
            if subject.has_sum:
                rows = self._write_sums(
                    subject, known, recorded.get(subject.metadata_id, {})
                )
            else:
                rows = self._means(subject, known)
            if import_rows(self._hass, subject, rows):
                repaired.count(rows)
        await recorder_is_through(self._hass)
        return repaired

    def _unripe(self, known: EngineHours) -> frozenset[datetime]:
        """Return the hours of which the engine says that more may come, for a while."""
        return frozenset(
            hour.start
            for hour in known.hours.values()
            if not hour.complete and hour.start + HOUR + _RIPE_AFTER > self._now
        )

    def _better(
        self, subject: Subject, known: EngineHours, start: datetime
    ) -> HourSummary | None:
        """Return an hour of which the engine saw at least as much as the recorder."""
        hour = known.of(subject.point_id, start)
        if hour is None or hour.covered_seconds <= 0:
            return None
        unseen = sum(outage.seconds_of(start) for outage in self._outages)
        seen = HOUR.total_seconds() - unseen - _SLACK_SECONDS
        return hour if hour.covered_seconds >= seen else None

    def _means(self, subject: Subject, known: EngineHours) -> list[StatisticData]:
        found = [self._better(subject, known, start) for start in self._hours]
        return [subject.mean_row(hour) for hour in found if hour is not None]

    def _write_sums(
        self, subject: Subject, known: EngineHours, recorded: dict[datetime, CounterRow]
    ) -> list[StatisticData]:
        """Return the rows; queue first what else is lost, so that a crash loses nothing."""
        before = [start for start in recorded if start < self._hours[0]]
        plan = plan_sums(
            recorded[max(before)] if before else None,
            [self._facts(subject, known, recorded, start) for start in self._hours],
            increasing=subject.increasing,
        )
        self._add_lost(subject, plan)
        return [
            StatisticData(start=start, state=row.state, sum=row.sum)
            for start, row in plan.rows
        ]

    def _facts(
        self,
        subject: Subject,
        known: EngineHours,
        recorded: dict[datetime, CounterRow],
        start: datetime,
    ) -> HourFacts:
        hour = self._better(subject, known, start)
        return HourFacts(
            start=start,
            end_unseen=self._unseen(start + HOUR),
            begin_unseen=self._unseen(start),
            known=None if hour is None else subject.counter_hour(hour),
            recorded=recorded.get(start),
        )

    def _unseen(self, at: datetime) -> bool:
        return any(outage.start <= at <= outage.end for outage in self._outages)

    def _add_lost(self, subject: Subject, plan: SumPlan) -> None:
        unit = subject.metadata["unit_of_measurement"] or ""
        for start, lost in plan.lost:
            get_instance(self._hass).async_adjust_statistics(
                subject.statistic_id, self._seen_from(start), lost, unit
            )

    def _seen_from(self, hour: datetime) -> datetime:
        """Return the first five minutes of an hour that have something of a return."""
        ends = [o.end for o in self._outages if hour <= o.end < hour + HOUR]
        at = max(ends, default=hour)
        return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)

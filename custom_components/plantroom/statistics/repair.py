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
from .better_hours import BetterHours
from .counters import CounterRow
from .engine_hours import EngineHours, ask_engine
from .hours import HOUR
from .importing import import_rows
from .ledger import Outage
from .recorder_rows import Recorded, recorded_rows
from .recorder_turn import recorder_is_through
from .row_plans import RowPlan, plan_means, sums_as_rows
from .subjects import Subject
from .sums import HourFacts, plan_sums

# What nobody could tell us of, or the recorder did not write, for so long is given up
GIVEN_UP_AFTER: Final = timedelta(days=10)
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
        wrote before. Returns when the recorder has committed, or failed to: hours
        whose rows are not there then are unripe.
        """
        known = await ask_engine(client, subjects, self._hours)
        better = BetterHours(self._hass, self._outages, known)
        await better.look(subjects, self._hours)
        before = await self._recorded(subjects)
        repaired = Repaired(unripe=self._unripe(known))
        written = [
            subject
            for subject in subjects
            if self._write(subject, self._plan(subject, better, before), repaired)
        ]
        await recorder_is_through(self._hass)
        after = await self._recorded(written)
        for subject in written:
            lacking = self._plan(subject, better, after).lacking
            repaired.unripe |= {hour for hour in lacking if self._is_tried_again(hour)}
        return repaired

    async def _recorded(self, subjects: list[Subject]) -> Recorded:
        return await get_instance(self._hass).async_add_executor_job(
            partial(recorded_rows, self._hass, subjects, self._hours)
        )

    def _plan(
        self, subject: Subject, better: BetterHours, recorded: Recorded
    ) -> RowPlan:
        """Return what is to be written of a statistic, given what there is."""
        if subject.has_sum:
            return self._plan_sums(
                subject, better, recorded.counters.get(subject.metadata_id, {})
            )
        return plan_means(
            subject,
            better,
            self._hours,
            recorded.measured.get(subject.metadata_id, {}),
        )

    def _write(self, subject: Subject, plan: RowPlan, repaired: Repaired) -> bool:
        """Queue it, what else is lost first: so a crash loses nothing."""
        self._add_lost(subject, plan.lost)
        written = import_rows(self._hass, subject, plan.rows)
        if written:
            repaired.count(plan.rows)
        return written or bool(plan.lost)

    def _is_tried_again(self, hour: datetime) -> bool:
        return hour > self._now - GIVEN_UP_AFTER

    def _unripe(self, known: EngineHours) -> frozenset[datetime]:
        """Return the hours of which the engine says that more may come, for a while."""
        return frozenset(
            hour.start
            for hour in known.hours.values()
            if not hour.complete and hour.start + HOUR + _RIPE_AFTER > self._now
        )

    def _plan_sums(
        self,
        subject: Subject,
        better: BetterHours,
        recorded: dict[datetime, CounterRow],
    ) -> RowPlan:
        before = [start for start in recorded if start < self._hours[0]]
        plan = plan_sums(
            recorded[max(before)] if before else None,
            [self._facts(subject, better, recorded, start) for start in self._hours],
            increasing=subject.increasing,
        )
        return sums_as_rows(plan, recorded)

    def _facts(
        self,
        subject: Subject,
        better: BetterHours,
        recorded: dict[datetime, CounterRow],
        start: datetime,
    ) -> HourFacts:
        hour = better.of(subject, start)
        return HourFacts(
            start=start,
            end_unseen=self._unseen(start + HOUR),
            begin_unseen=self._unseen(start),
            known=None if hour is None else subject.counter_hour(hour),
            recorded=recorded.get(start),
        )

    def _unseen(self, at: datetime) -> bool:
        return any(outage.start <= at <= outage.end for outage in self._outages)

    def _add_lost(
        self, subject: Subject, amounts: Iterable[tuple[datetime, float]]
    ) -> None:
        unit = subject.metadata["unit_of_measurement"] or ""
        for start, lost in amounts:
            get_instance(self._hass).async_adjust_statistics(
                subject.statistic_id, self._seen_from(start), lost, unit
            )

    def _seen_from(self, hour: datetime) -> datetime:
        """Return the first five minutes of an hour that have something of a return."""
        ends = [o.end for o in self._outages if hour <= o.end < hour + HOUR]
        at = max(ends, default=hour)
        return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)

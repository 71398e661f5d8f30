"""One power as it is served: integrated to energy, and its demand."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from ..models import Reading, ReadingSource
from .demand_follower import DemandFollower
from .integration import PowerTrace, Stretch
from .kept import KeptForm
from .moment import Moment
from .plan import PowerPlan

DECIMALS: Final = 3
DETECTION_SECONDS: Final = 10.0
"""How long it may take to notice that a device is silent, beyond a poll's interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """Kilowatt-hours so far."""

    imported: float = 0.0
    exported: float = 0.0


_FORM = KeptForm(_Record)


class PowerFollower:
    """Follows a power; what is unknown is neither counted nor guessed."""

    def __init__(
        self,
        plan: PowerPlan,
        interval: float,
        kept: Mapping[str, str],
        moment: Moment,
    ) -> None:
        """Take the power, the seconds between polls, and what was kept, by point id."""
        self.plan = plan
        self.demand = _demand_follower(plan, kept, moment)
        self._interval = interval
        self._trace = PowerTrace()
        energy = plan.energy
        record = _FORM.decode(kept.get(energy.imported.point_id)) if energy else None
        self._imported = record.imported if record else 0.0
        self._exported = record.exported if record else 0.0

    @property
    def lag(self) -> float:
        """Return the seconds after which it is certain that nothing changed."""
        return self._interval + DETECTION_SECONDS

    def take(self, reading: Reading, moment: Moment) -> None:
        """Take a reading of the power."""
        value = _number(reading)
        if value is None:
            self.lose()
            return
        self._add(
            self._trace.take(
                value * self.plan.kilowatts,
                moment.steady,
                self._interval,
                notified=reading.source is ReadingSource.COV,
            )
        )

    def lose(self) -> None:
        """Know no more what the power is."""
        self._trace.lose()

    def advance(self, moment: Moment, zone: tzinfo) -> None:
        """Count what is known by now."""
        self._add(self._trace.advance(moment.steady - self.lag))
        if self.demand is not None:
            self.demand.advance(moment, self.lag, zone)

    def readings(self, moment: Moment) -> Iterator[tuple[str, Reading]]:
        """Return what people see of energy and demand."""
        for point_id, total in self.energies().items():
            yield point_id, _total(total, moment)
        if self.demand is not None:
            yield from self.demand.readings(moment)

    def energies(self) -> dict[str, float]:
        """Return kilowatt-hours by point id."""
        energy = self.plan.energy
        if energy is None:
            return {}
        totals = {energy.imported.point_id: self._imported}
        if energy.exported is not None:
            totals[energy.exported.point_id] = self._exported
        return totals

    def set_total(self, point_id: str, total: float) -> None:
        """Show an energy, if it is one of this power, from now on."""
        energy = self.plan.energy
        if energy is None:
            return
        if point_id == energy.imported.point_id:
            self._imported = total
        elif energy.exported is not None and point_id == energy.exported.point_id:
            self._exported = total

    def records(self, moment: Moment) -> Iterator[tuple[str, str]]:
        """Return what has to be kept, by point id."""
        energy = self.plan.energy
        if energy is not None:
            record = _Record(imported=self._imported, exported=self._exported)
            yield energy.imported.point_id, _FORM.encode(record)
        if self.demand is not None:
            yield self.demand.points.demand.point_id, self.demand.record(moment)

    def _add(self, stretches: Sequence[Stretch]) -> None:
        for stretch in stretches:
            self._imported += stretch.imported
            self._exported += stretch.exported
            if self.demand is not None:
                self.demand.integrated.add(stretch)


def _demand_follower(
    plan: PowerPlan, kept: Mapping[str, str], moment: Moment
) -> DemandFollower | None:
    if plan.demand is None:
        return None
    return DemandFollower(
        plan.demand,
        plan.demand_minutes,
        kept.get(plan.demand.demand.point_id),
        moment,
    )


def _number(reading: Reading) -> float | None:
    """Return a power to rely on, or None."""
    value, flags = reading.value, reading.flags
    if reading.error or flags.fault or flags.out_of_service:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _total(kilowatt_hours: float, moment: Moment) -> Reading:
    return Reading(
        value=round(kilowatt_hours, DECIMALS),
        at=moment.at,
        source=ReadingSource.DERIVED,
    )

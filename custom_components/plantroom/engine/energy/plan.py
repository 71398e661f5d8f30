"""Which points of a device are counters, and what is derived from which; pure.

A counter is a point of kind COUNTER (a BACnet accumulator or pulse converter, a Modbus
register that says so), or one that the configuration names. Energy on any other
read-only point may be a day's, which begins again by itself: it is guarded against
a moment of 0 and keeps its own resets.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..models import Access, Point, PointKind, Quantity
from .configuration import CounterConfig, MeteringConfig
from .derived_points import (
    DemandPoints,
    EnergyPoints,
    demand_points,
    energy_points,
)
from .meter_state import Traits
from .units import (
    KILOWATT_HOURS,
    KILOWATTS,
    REACTIVE_AND_APPARENT_ENERGY,
    bold_step,
)

_NUMBERS: Final = frozenset({PointKind.ANALOG, PointKind.INTEGER, PointKind.COUNTER})
_OWN_ENERGY: Final = {
    Quantity.POWER: Quantity.ENERGY_IMPORT,
    Quantity.POWER_PRODUCTION: Quantity.ENERGY_PRODUCTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPlan:
    """A counter as people see it; factor: of the field point's value.

    quantum: one count in the unit shown, None when nobody says.
    """

    shown: Point
    factor: float
    traits: Traits
    quantum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPlan:
    """A power and what is derived from it; kilowatts: in one of its unit.

    counter: point id of the counter of the same energy, "" without one.
    counter_kilowatt_hours: in one of that counter's unit.
    """

    source: Point
    kilowatts: float
    energy: EnergyPoints | None = None
    demand: DemandPoints | None = None
    demand_minutes: int = 15
    counter: str = ""
    counter_kilowatt_hours: float = 1.0

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points that are derived."""
        energy = () if self.energy is None else self.energy.all()
        return energy if self.demand is None else (*energy, *self.demand.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """A device's points as people see them, and how they come about; by point id."""

    points: tuple[Point, ...]
    counters: dict[str, CounterPlan]
    powers: dict[str, PowerPlan]


def plan_device(field: Sequence[Point], config: MeteringConfig) -> DevicePlan:
    """Return what a device's points become; references nobody has are ignored."""
    configured = {counter.reference: counter for counter in config.counters}
    counters = {
        point.point_id: plan
        for point in field
        if (plan := _counter_plan(point, configured.get(point.reference)))
    }
    shown = [
        counters[point.point_id].shown if point.point_id in counters else point
        for point in field
    ]
    powers = {
        point.point_id: power
        for point in shown
        if (power := _power_plan(point, shown, config))
    }
    derived = [point for power in powers.values() for point in power.points]
    return DevicePlan(points=(*shown, *derived), counters=counters, powers=powers)


def _counter_plan(point: Point, config: CounterConfig | None) -> CounterPlan | None:
    if point.kind not in _NUMBERS:
        return None
    if config is not None:
        return _configured_plan(point, config)
    quantum = _quantum(point)
    traits = Traits(
        bold=bold_step(point.unit, quantum or 1.0),
        modulus=_modulus(point, quantum or 1.0),
        keeps_face=point.kind is not PointKind.COUNTER,
    )
    if traits.keeps_face and not _is_guarded(point):
        return None
    return CounterPlan(shown=point, factor=1.0, traits=traits, quantum=quantum)


def _configured_plan(point: Point, config: CounterConfig) -> CounterPlan:
    count = abs(point.scale) * config.factor
    modulus = _modulus(point, abs(point.scale))
    if config.rollover is not None:
        modulus = config.rollover * count
    elif modulus is not None:
        modulus *= config.factor
    quantum = None if point.kind is PointKind.ANALOG else count
    shown = replace(
        point,
        kind=PointKind.COUNTER,
        access=Access.READ_ONLY,
        unit=config.unit,
        quantity=config.quantity,
        minimum=None,
        maximum=None,
        resolution=quantum,
        rollover=modulus,
    )
    return CounterPlan(
        shown=shown,
        factor=config.factor,
        traits=Traits(bold=bold_step(config.unit, count), modulus=modulus),
        quantum=quantum,
    )


def _quantum(point: Point) -> float | None:
    if point.resolution is not None:
        return point.resolution
    return abs(point.scale) if point.scale != 1.0 else None


def _modulus(point: Point, quantum: float) -> float | None:
    """Return the value that is followed by 0: one count above a counter's maximum."""
    if point.rollover is not None:
        return point.rollover
    if point.kind is not PointKind.COUNTER or not point.maximum or point.maximum < 0:
        return None
    return point.maximum + quantum


def _is_guarded(point: Point) -> bool:
    """Return whether energy is on a point that is no counter, and not commanded."""
    return point.access is not Access.COMMANDABLE and (
        point.unit in KILOWATT_HOURS or point.unit in REACTIVE_AND_APPARENT_ENERGY
    )


def _power_plan(
    point: Point, points: Sequence[Point], config: MeteringConfig
) -> PowerPlan | None:
    kilowatts = KILOWATTS.get(point.unit)
    if kilowatts is None or point.kind not in _NUMBERS:
        return None
    counter = _counter_of(point, points)
    wants_energy = _is_wanted(
        point, config.energy_from, own=point.quantity in _OWN_ENERGY and not counter
    )
    wants_demand = _is_wanted(
        point, config.demand_from, own=point.quantity is Quantity.POWER
    )
    if not wants_energy and not wants_demand:
        return None
    return PowerPlan(
        source=point,
        kilowatts=kilowatts,
        energy=energy_points(point) if wants_energy else None,
        demand=demand_points(point, config.demand_minutes) if wants_demand else None,
        demand_minutes=config.demand_minutes,
        counter=counter.point_id if counter else "",
        counter_kilowatt_hours=KILOWATT_HOURS.get(counter.unit, 1.0)
        if counter
        else 1.0,
    )


def _is_wanted(point: Point, references: Sequence[str] | None, *, own: bool) -> bool:
    return own if references is None else point.reference in references


def _counter_of(power: Point, points: Sequence[Point]) -> Point | None:
    """Return the first counter of the energy that a device's main power is of."""
    quantity = _OWN_ENERGY.get(power.quantity)
    if quantity is None:
        return None
    found = (
        point
        for point in points
        if point.quantity is quantity
        and point.unit in KILOWATT_HOURS
        and point.kind in _NUMBERS
    )
    return next(found, None)

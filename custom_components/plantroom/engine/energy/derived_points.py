"""The points that a power becomes: energy, demand and its peaks."""

import re
from dataclasses import dataclass
from typing import Any, Final

from ..models import Access, Point, PointKind, PointRole, Quantity

MARK: Final = "~"
"""Parts a derived point's reference from what it is derived from."""

_POWER: Final = re.compile(r"\bpower$", re.IGNORECASE)
_ENERGY: Final = {
    Quantity.POWER_PRODUCTION: Quantity.ENERGY_PRODUCTION,
    Quantity.HEAT: Quantity.HEAT,
    Quantity.COOLING: Quantity.COOLING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyPoints:
    """What power is integrated to; exported: None where nothing is given back."""

    imported: Point
    exported: Point | None = None

    def all(self) -> tuple[Point, ...]:
        """Return the points there are."""
        return (
            (self.imported,)
            if self.exported is None
            else (
                self.imported,
                self.exported,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPoints:
    """Demand, and the highest of the day and of the month."""

    demand: Point
    day: Point
    month: Point

    def all(self) -> tuple[Point, ...]:
        """Return the points."""
        return (self.demand, self.day, self.month)


def energy_points(power: Point) -> EnergyPoints:
    """Return the energy points of a power, in kilowatt-hours."""
    quantity = _ENERGY.get(power.quantity, Quantity.ENERGY_IMPORT)
    name = _POWER.sub("", power.name).rstrip()
    imported = _energy_point(power, "energy", f"{name} energy".strip(), quantity)
    if quantity is not Quantity.ENERGY_IMPORT:
        return EnergyPoints(imported=imported)
    exported = _energy_point(
        power,
        "energy_export",
        f"{name} energy export".strip(),
        Quantity.ENERGY_EXPORT,
        enabled=False,
    )
    return EnergyPoints(imported=imported, exported=exported)


def demand_points(power: Point, minutes: int) -> DemandPoints:
    """Return the demand points of a power, in kilowatts, over an interval."""
    return DemandPoints(
        demand=_demand_point(power, "demand", f"{power.name} demand, {minutes} min"),
        day=_demand_point(power, "demand_day", f"{power.name} demand peak today"),
        month=_demand_point(
            power, "demand_month", f"{power.name} demand peak this month"
        ),
    )


def source_id(point_id: str) -> str:
    """Return the id of what a point is derived from: of a field point its own."""
    return point_id.partition(MARK)[0]


def _energy_point(
    power: Point,
    what: str,
    name: str,
    quantity: Quantity,
    *,
    enabled: bool | None = None,
) -> Point:
    return _derived(
        power,
        what,
        kind=PointKind.COUNTER,
        name=name[:1].upper() + name[1:],
        unit="kilowatt-hours",
        quantity=quantity,
        enabled=enabled,
    )


def _demand_point(power: Point, what: str, name: str) -> Point:
    return _derived(power, what, kind=PointKind.ANALOG, name=name, unit="kilowatts")


def _derived(power: Point, what: str, **facts: Any) -> Point:
    reference = f"{power.reference}{MARK}{what}"
    return Point(
        point_id=f"{power.device_id}:{reference}",
        device_id=power.device_id,
        reference=reference,
        role=PointRole.INPUT,
        access=Access.READ_ONLY,
        derived_from=power.reference,
        **facts,
    )

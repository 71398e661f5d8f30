"""What is asked of a device's meters."""

from dataclasses import dataclass

from ..checks import require
from ..models import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterConfig:
    """A bare counter that counts something: pulses of a water meter, say.

    reference: of the point. factor: units a count. unit: as BACnet names it.
    rollover: the count (not scaled) that is followed by 0, None when not known.
    """

    reference: str
    factor: float
    unit: str
    quantity: Quantity = Quantity.NONE
    rollover: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.reference), "reference", "must not be empty")
        require(self.factor > 0, "factor", "must be above 0")
        require(
            self.rollover is None or self.rollover > 0, "rollover", "must be above 0"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringConfig:
    """Which points of a device are meters, and what is derived from them.

    energy_from: references of power points to integrate to energy; None: the main
    power of a device that has no energy of its own. demand_from: references of power
    points with demand and its peaks; None: the main power of a meter.
    demand_minutes: the utility's interval.
    """

    energy_from: tuple[str, ...] | None = None
    demand_from: tuple[str, ...] | None = None
    demand_minutes: int = 15
    counters: tuple[CounterConfig, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(
            self.demand_minutes in (5, 10, 15, 20, 30, 60),
            "demand_minutes",
            "must be 5, 10, 15, 20, 30 or 60",
        )
        references = [counter.reference for counter in self.counters]
        require(
            len(set(references)) == len(references), "counters", "name a point twice"
        )

"""Where the building's energy goes: loads by the hour, the sun, and meters that count both. No clock, no network."""

import math
import random
from dataclasses import dataclass, field
from typing import Protocol

from ..physics import Surroundings, Values, approach, clamp

HOUR = 3600.0
DAY = 24 * HOUR
SUNRISE, SUNSET = 6 * HOUR, 19 * HOUR
LOSSES = 0.02
"""Of every load, lost in cables and transformer: what the main meter has above the sub-meters."""
PHASE_SHARES = (0.36, 0.33, 0.31)


class Model(Protocol):
    """What stands behind a unit's registers, by names of its own."""

    def values(self) -> Values:
        """Return every value now."""

    def write(self, name: str, value: float) -> None:
        """Take what a client wrote."""


class ReadOnlyModel:
    """A model that nothing can be written to."""

    def write(self, name: str, value: float) -> None:
        """Refuse; no register of such a unit is writable."""
        raise LookupError(f"{name} = {value}: nothing here is writable")


@dataclass(slots=True)
class Energies:
    """What flowed since the simulation began, in kWh; only ever counts up."""

    imported_kwh: float = 0.0
    exported_kwh: float = 0.0

    def count(self, power_kw: float, dt_seconds: float) -> None:
        """Add a power that lasted; negative powers are exports."""
        energy = power_kw * dt_seconds / HOUR
        if energy >= 0:
            self.imported_kwh += energy
        else:
            self.exported_kwh -= energy


@dataclass(slots=True)
class ElectricityMeter(ReadOnlyModel):
    """A three-phase meter: what flows through it is told, what it counted stays."""

    random: random.Random
    import_kwh: float = 0.0
    export_kwh: float = 0.0
    serial_number: int = 1
    power_factor: float = 0.94
    power_kw: float = 0.0
    demand_kw: float = 0.0
    volts: list[float] = field(default_factory=lambda: [231.0, 230.0, 229.0])
    hertz: float = 50.0
    truth: Energies = field(default_factory=Energies)

    def step(self, power_kw: float, dt_seconds: float) -> None:
        """Let a power flow for dt_seconds."""
        before = self.truth.imported_kwh, self.truth.exported_kwh
        self.truth.count(power_kw, dt_seconds)
        self.import_kwh += self.truth.imported_kwh - before[0]
        self.export_kwh += self.truth.exported_kwh - before[1]
        self.power_kw = power_kw
        self.demand_kw = approach(self.demand_kw, power_kw, dt_seconds, 300)
        self.volts = [
            approach(volt, 230 + self.random.uniform(-3, 3), dt_seconds, 60)
            for volt in self.volts
        ]
        self.hertz = approach(
            self.hertz, 50 + self.random.uniform(-0.03, 0.03), dt_seconds, 20
        )

    def replace(self, import_kwh: float = 0.0) -> None:
        """Put another meter in its place: it has counted nothing, or import_kwh elsewhere."""
        self.import_kwh, self.export_kwh = import_kwh, 0.0
        self.serial_number += 1

    def values(self) -> Values:
        """Return power in W, VA and var, energy in kWh, per phase where a meter has it."""
        watts = self.power_kw * 1000
        apparent = abs(watts) / self.power_factor
        reactive = math.sqrt(max(0.0, apparent**2 - watts**2))
        return {
            "power": watts,
            "power_kw": self.power_kw,
            "apparent_power": apparent,
            "reactive_power": reactive,
            "power_factor": self.power_factor,
            "frequency": self.hertz,
            "voltage": sum(self.volts) / 3,
            "line_voltage": sum(self.volts) / math.sqrt(3),
            "current": self._amperes(apparent),
            "demand": self.demand_kw * 1000,
            "import_energy": round(self.import_kwh, 2),
            "export_energy": round(self.export_kwh, 2),
            "total_energy": round(self.import_kwh + self.export_kwh, 2),
            "serial_number": self.serial_number,
        } | self._phases(watts, apparent, reactive)

    def _amperes(self, apparent: float) -> float:
        shares = zip(PHASE_SHARES, self.volts, strict=True)
        return sum(apparent * share / volt for share, volt in shares)

    def _phases(self, watts: float, apparent: float, reactive: float) -> Values:
        values: Values = {}
        for number, (share, volt) in enumerate(
            zip(PHASE_SHARES, self.volts, strict=True), 1
        ):
            values[f"voltage_{number}"] = volt
            values[f"current_{number}"] = apparent * share / volt
            values[f"power_{number}"] = watts * share
            values[f"apparent_power_{number}"] = apparent * share
            values[f"reactive_power_{number}"] = reactive * share
            values[f"power_factor_{number}"] = self.power_factor
        return values


@dataclass(slots=True)
class Loads:
    """What the building takes in kW, by the hour and by what its plants do."""

    random: random.Random
    lighting_kw: float = 6.0
    ventilation_kw: float = 9.0
    cooling_kw: float = 20.0

    def step(self, seconds: float, shared: Surroundings, dt_seconds: float) -> None:
        """Move towards what a time of day and the plants ask for."""
        people = occupancy(seconds)
        daylight = sun(seconds)
        lit = 0.8 + people * (14 - 7 * daylight) + self.random.uniform(-0.4, 0.4)
        fans = 6.5 * people if shared.supply_fan_kw is None else shared.supply_fan_kw
        warm = 8 + 16 * people + 10 * daylight
        chiller = warm if shared.chiller_kw is None else shared.chiller_kw
        wanted = max(0.3, lit), 1.2 + fans * 1.6, 0.9 + chiller * 1.12
        now = self.lighting_kw, self.ventilation_kw, self.cooling_kw
        self.lighting_kw, self.ventilation_kw, self.cooling_kw = (
            approach(value, target, dt_seconds, 120)
            for value, target in zip(now, wanted, strict=True)
        )

    @property
    def sum_kw(self) -> float:
        """Return all loads together, without losses."""
        return self.lighting_kw + self.ventilation_kw + self.cooling_kw


def sun(seconds: float) -> float:
    """Return how high the sun is at a second of the day, 0 to 1."""
    time = seconds % DAY
    return max(0.0, math.sin((time - SUNRISE) / (SUNSET - SUNRISE) * math.pi))


def occupancy(seconds: float) -> float:
    """Return how much of the building is used at a second of the day, 0.05 to 1."""
    hour = seconds % DAY / HOUR
    return clamp(min((hour - 6) / 2, (20 - hour) / 3), 0.05, 1.0)

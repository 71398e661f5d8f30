"""A heat meter. No clock, no network."""

import random
from dataclasses import dataclass, field

from ..physics import Surroundings, Values, clamp
from .energy import HOUR, Energies, ReadOnlyModel

WATER_KWH = 1.163
"""kWh that a cubic metre of water carries a kelvin."""


@dataclass(slots=True)
class HeatMeter(ReadOnlyModel):
    """Counts heat and water; flow follows from power and temperature difference."""

    random: random.Random
    energy_kwh: float = 96_310.4
    volume_m3: float = 4_127.55
    serial_number: int = 71_430_022
    power_kw: float = 30.0
    supply: float = 60.0
    back: float = 48.0
    hours: float = 20_444.0
    truth: Energies = field(default_factory=Energies)

    def step(self, power_kw: float, shared: Surroundings, dt_seconds: float) -> None:
        """Let heat flow for dt_seconds."""
        self.power_kw = max(0.0, power_kw)
        self.supply = shared.hot_water_temp + self.random.uniform(-0.1, 0.1)
        self.back = self.supply - clamp(6 + self.power_kw * 0.2, 6, 20)
        self.truth.count(self.power_kw, dt_seconds)
        self.energy_kwh += self.power_kw * dt_seconds / HOUR
        self.volume_m3 += self.flow_m3h * dt_seconds / HOUR
        self.hours += dt_seconds / HOUR

    def replace(self, energy_kwh: float = 0.0) -> None:
        """Put another meter in its place."""
        self.energy_kwh, self.volume_m3, self.hours = energy_kwh, 0.0, 0.0
        self.serial_number += 1

    @property
    def flow_m3h(self) -> float:
        """Return the water flow."""
        return self.power_kw / (WATER_KWH * (self.supply - self.back))

    def values(self) -> Values:
        """Return energy in kWh, volume in m³, flow in m³/h, power in kW, °C."""
        return {
            "energy": self.energy_kwh,
            "volume": self.volume_m3,
            "power": self.power_kw,
            "flow": self.flow_m3h,
            "supply_temperature": self.supply,
            "return_temperature": self.back,
            "temperature_difference": self.supply - self.back,
            "operating_hours": self.hours,
            "serial_number": self.serial_number,
        }

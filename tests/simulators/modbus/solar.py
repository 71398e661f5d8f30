"""Modules on a roof and their inverter. No clock, no network."""

import random
from dataclasses import dataclass, field

from ..physics import Values, approach
from .energy import HOUR, Energies, sun

MPPT, SLEEPING, THROTTLED = 4, 2, 5
"""Operating states of SunSpec's inverter models."""
DC_VOLTS = 640.0
EFFICIENCY = 0.972


@dataclass(slots=True)
class SolarPlant:
    """Nothing at night, most at half past twelve, less under clouds, never above its limit."""

    random: random.Random
    rated_kw: float = 90.0
    clouds: float = 0.2
    power_kw: float = 0.0
    lifetime_kwh: float = 184_203.7
    cabinet: float = 31.0
    limit_percent: float = 100.0
    is_limited: bool = False
    truth: Energies = field(default_factory=Energies)
    _available_kw: float = 0.0

    def step(self, seconds: float, outdoor_temp: float, dt_seconds: float) -> None:
        """Let the sun shine as it does at a time of day, for dt_seconds."""
        self.clouds = approach(
            self.clouds, self.random.uniform(0.0, 0.5), dt_seconds, 900
        )
        self._available_kw = self.rated_kw * 0.92 * sun(seconds) * (1 - self.clouds)
        self.power_kw = min(self._available_kw, self._limit_kw)
        self.truth.count(self.power_kw, dt_seconds)
        self.lifetime_kwh += self.power_kw * dt_seconds / HOUR
        warm = outdoor_temp + 8 + self.power_kw / self.rated_kw * 25
        self.cabinet = approach(self.cabinet, warm, dt_seconds, 1200)

    def write(self, name: str, value: float) -> None:
        """Take a limit in percent of the rated power, or whether it holds."""
        if name == "limit":
            if not 0 <= value <= 100:
                raise ValueError(f"{value} is not 0 to 100")
            self.limit_percent = value
        elif name == "is_limited":
            self.is_limited = bool(value)
        else:
            raise LookupError(f"{name} is not writable")

    def values(self) -> Values:
        """Return AC and DC powers in W, energy in Wh; module strings are 1 and 2."""
        watts = self.power_kw * 1000
        dc_watts = watts / EFFICIENCY
        energy = int(self.lifetime_kwh * 1000)
        return {
            "power": watts,
            "apparent_power": watts,
            "reactive_power": 0.0,
            "power_factor": 100.0,
            "voltage": 230.0,
            "line_voltage": 398.4,
            "current": watts / 230,
            "phase_current": watts / 230 / 3,
            "frequency": 50.0,
            "energy": energy,
            "dc_power": dc_watts,
            "dc_voltage": DC_VOLTS if watts else 0.0,
            "dc_current": dc_watts / DC_VOLTS,
            "string_1_power": dc_watts * 0.6,
            "string_1_current": dc_watts * 0.6 / DC_VOLTS,
            "string_1_energy": int(energy * 0.6),
            "string_2_power": dc_watts * 0.4,
            "string_2_current": dc_watts * 0.4 / DC_VOLTS,
            "string_2_energy": int(energy * 0.4),
            "cabinet_temperature": self.cabinet,
            "state": self._state(),
            "limit": self.limit_percent,
            "is_limited": self.is_limited,
        }

    @property
    def _limit_kw(self) -> float:
        percent = self.limit_percent if self.is_limited else 100.0
        return self.rated_kw * percent / 100

    def _state(self) -> int:
        if self.power_kw <= 0:
            return SLEEPING
        return THROTTLED if self.power_kw < self._available_kw else MPPT

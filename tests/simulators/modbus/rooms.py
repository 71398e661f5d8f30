"""Rooms with a thermostat on the wall: what is set there moves the valve, the valve the room. No clock, no network."""

import random
from dataclasses import dataclass
from enum import IntEnum

from ..physics import Surroundings, Values, approach, clamp

FROST = 8.0
OFF = 4.0
"""What the thermostat shows as its setpoint while it only protects the room."""
ECONOMY_KELVIN = 3.0
WRITABLE = ("comfort_setpoint", "mode", "heats", "window", "fan_command")


class Mode(IntEnum):
    """What a thermostat does, as Siemens' RDF thermostats number it."""

    COMFORT = 1
    ECONOMY = 3
    PROTECTION = 4


@dataclass(slots=True)
class ThermostatRoom:
    """A room with a radiator and a cooled ceiling; heats says which of them has water."""

    random: random.Random
    room: float = 20.5
    comfort_setpoint: float = 21.0
    mode: Mode = Mode.COMFORT
    heats: bool = True
    window: bool = False
    fan_command: int = 0
    valve: float = 20.0
    gain_kelvin: float = 1.0

    def step(self, shared: Surroundings, people: float, dt_seconds: float) -> None:
        """Let the room and the thermostat's own controller run for dt_seconds."""
        self.valve = self._wanted_valve()
        outside = 0.8 if self.window else 0.3
        still = shared.outdoor_temp * outside + 19.0 * (1 - outside)
        still += self.gain_kelvin + 2 * people
        self.room = approach(self.room, still + self._effect(shared), dt_seconds, 1200)

    @property
    def heat_kw(self) -> float:
        """Return what the radiator takes."""
        return self.valve / 100 * 3.0 if self.heats else 0.0

    @property
    def setpoint(self) -> float:
        """Return the setpoint in force, OFF when there is none."""
        if self.mode is Mode.PROTECTION or self.window:
            return OFF
        saved = ECONOMY_KELVIN if self.mode is Mode.ECONOMY else 0.0
        return self.comfort_setpoint + (-saved if self.heats else saved)

    def write(self, name: str, value: float) -> None:
        """Take a setpoint in °C, a mode or a switch; raises ValueError for no mode."""
        if name not in WRITABLE:
            raise LookupError(f"{name} is not writable")
        kind = {"comfort_setpoint": float, "mode": Mode, "fan_command": int}
        setattr(self, name, kind.get(name, bool)(value))

    def values(self) -> Values:
        """Return °C, percent and the mode's number."""
        return {
            "room_temperature": self.room,
            "setpoint": self.setpoint,
            "comfort_setpoint": self.comfort_setpoint,
            "mode": int(self.mode),
            "heats": self.heats,
            "window": self.window,
            "fan_command": self.fan_command,
            "fan": self.fan_command or (33 if self.valve > 5 else 0),
            "heating": self.valve if self.heats else 0.0,
            "cooling": 0.0 if self.heats else self.valve,
        }

    def _wanted_valve(self) -> float:
        if self.setpoint == OFF:
            return clamp((FROST - self.room) * 60, 0, 100) if self.heats else 0.0
        error = self.setpoint - self.room
        return clamp((error if self.heats else -error) * 60 + 20, 0, 100)

    def _effect(self, shared: Surroundings) -> float:
        share = self.valve / 100
        if self.heats:
            return share * (shared.hot_water_temp - self.room) * 0.35
        return share * (shared.chilled_water_temp - self.room) * 0.5

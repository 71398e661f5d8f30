"""All that the Modbus devices measure and move, in the order in which one depends on the other."""

import random

from ..physics import Surroundings
from .energy import LOSSES, ElectricityMeter, Loads, Model, occupancy
from .heat import HeatMeter
from .relays import Relays
from .rooms import ThermostatRoom
from .solar import SolarPlant

FIRST_SECOND = 9 * 3600.0
ROLLS_OVER_AT_KWH = 10_000.0
LONGEST_STEP_SECONDS = 30.0


class Installation:
    """The models by name; main = (lighting + ventilation + cooling) with losses - sun.

    The same seed makes the same building.
    """

    def __init__(self, seed: int = 1) -> None:
        self.seconds = FIRST_SECOND
        self._seed = seed
        self.loads = Loads(self._random(0))
        self.main = self._meter(1, 412_664.02, 21_305.5, 2_104_477)
        self.lighting = self._meter(2, 61_002.25, 0.42, 2_104_478)
        self.ventilation = self._meter(3, 118_440.75, 0.31, 2_104_479)
        self.cooling = self._meter(4, 92_118.5, 0.08, 2_104_480)
        self.solar = SolarPlant(self._random(5))
        self.heat = HeatMeter(self._random(6))
        self.rooms = [
            ThermostatRoom(self._random(7), room=20.2),
            ThermostatRoom(
                self._random(8), room=21.4, comfort_setpoint=22.0, gain_kelvin=2.0
            ),
        ]
        self.relays = Relays()
        self.rolling = self._meter(9, ROLLS_OVER_AT_KWH - 1, 0.0, 880_001)
        self.replaceable = self._meter(10, 54_321.0, 0.0, 880_002)
        self.step(Surroundings(), 0.0)

    def step(self, shared: Surroundings, dt_seconds: float) -> None:
        """Let time pass for everything; long times pass in short steps."""
        while dt_seconds > LONGEST_STEP_SECONDS:
            self._step(shared, LONGEST_STEP_SECONDS)
            dt_seconds -= LONGEST_STEP_SECONDS
        self._step(shared, dt_seconds)

    def model(self, name: str) -> Model:
        """Return a model by the name the tables call it: "main", "room 1"; raises LookupError."""
        kind, _, number = name.partition(" ")
        if kind == "room" and number:
            return self.rooms[int(number) - 1]
        models: dict[str, Model] = {
            "main": self.main,
            "lighting": self.lighting,
            "ventilation": self.ventilation,
            "cooling": self.cooling,
            "solar": self.solar,
            "heat": self.heat,
            "relays": self.relays,
            "rolling": self.rolling,
            "replaceable": self.replaceable,
        }
        return models[name]

    def _step(self, shared: Surroundings, dt: float) -> None:
        self.seconds += dt
        self.loads.step(self.seconds, shared, dt)
        self.solar.step(self.seconds, shared.outdoor_temp, dt)
        self.lighting.step(self.loads.lighting_kw, dt)
        self.ventilation.step(self.loads.ventilation_kw, dt)
        self.cooling.step(self.loads.cooling_kw, dt)
        self.main.step(self.loads.sum_kw * (1 + LOSSES) - self.solar.power_kw, dt)
        self.rolling.step(self.loads.lighting_kw, dt)
        self.replaceable.step(self.loads.ventilation_kw, dt)
        self.relays.step(dt)
        for room in self.rooms:
            room.step(shared, occupancy(self.seconds), dt)
        self.heat.step(self._heat_kw(shared), shared, dt)

    def _heat_kw(self, shared: Surroundings) -> float:
        if shared.boiler_heat_kw is not None:
            return shared.boiler_heat_kw
        radiators = sum(room.heat_kw for room in self.rooms)
        return max(0.0, 20 - shared.outdoor_temp) * 1.8 + radiators

    def _meter(
        self, number: int, import_kwh: float, export_kwh: float, serial: int
    ) -> ElectricityMeter:
        return ElectricityMeter(
            self._random(number),
            import_kwh=import_kwh,
            export_kwh=export_kwh,
            serial_number=serial,
        )

    def _random(self, number: int) -> random.Random:
        return random.Random(self._seed * 100 + number)

"""Physics of the office: commands and elapsed seconds in, measured values out. No clock, no network.

Every room, coil and plant is first order: it moves towards a target with its time constant, exactly, so a long
step is as stable as a short one.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

type Commands = Mapping[str, float | int | str | bool]
type Values = dict[str, float | int | str | bool]


def approach(
    value: float, target: float, dt_seconds: float, time_constant_seconds: float
) -> float:
    """Return where a first-order value is after dt_seconds."""
    return target + (value - target) * math.exp(-dt_seconds / time_constant_seconds)


def clamp(value: float, low: float, high: float) -> float:
    """Return the value held within the limits."""
    return max(low, min(high, value))


@dataclass(slots=True)
class Surroundings:
    """What devices share: weather, supply air and water temperatures, powers.

    A power is None while nothing in the building says what it is.
    """

    outdoor_temp: float = 8.0
    supply_air_temp: float = 16.0
    hot_water_temp: float = 60.0
    chilled_water_temp: float = 7.0
    mean_room_temp: float = 21.5
    supply_fan_kw: float | None = None
    chiller_kw: float | None = None
    boiler_heat_kw: float | None = None


@dataclass(slots=True)
class WeatherStation:
    """Outdoor conditions over a day; starts at 09:00."""

    random: random.Random
    seconds: float = 9 * 3600.0
    wind: float = 3.5

    def step(
        self, _commands: Commands, shared: Surroundings, dt_seconds: float
    ) -> Values:
        """Return the measured weather after dt_seconds."""
        self.seconds += dt_seconds
        day = math.sin((self.seconds - 9 * 3600) / 86400 * 2 * math.pi)
        self.wind = approach(self.wind, self.random.uniform(0, 8), dt_seconds, 600)
        shared.outdoor_temp = 8 + 5 * day
        return {
            "OutdoorTemp": shared.outdoor_temp,
            "OutdoorHumidity": 70 - 12 * day,
            "WindSpeed": self.wind,
            "WindDirection": (220 + 30 * day) % 360,
            "SolarRadiation": max(0.0, 180 + 320 * day),
            "AirPressure": 1013 + 2 * day,
            "Rain": self.wind > 7,
            "Condition": "Clear" if day > 0.3 else "Cloudy",
        }


@dataclass(slots=True)
class AirHandler:
    """Mixes, heats and cools the supply air; its own controller drives valves and fans."""

    random: random.Random
    supply: float = 16.0
    fan: float = 60.0
    heating: float = 0.0
    cooling: float = 20.0

    def step(
        self, commands: Commands, shared: Surroundings, dt_seconds: float
    ) -> Values:
        """Return measured values and the controller's own commands after dt_seconds."""
        running = (
            bool(commands["Enable"])
            and bool(commands["SupplyFanCommand"])
            and commands["Mode"] != 1
        )
        self.fan = approach(
            self.fan,
            float(commands["SupplyFanSpeed"]) if running else 0.0,
            dt_seconds,
            10,
        )
        fresh = clamp(float(commands["OutdoorDamper"]), 0, 100) / 100
        mixed = fresh * shared.outdoor_temp + (1 - fresh) * shared.mean_room_temp
        heat = (
            float(commands["HeatingValve"])
            / 100
            * max(0.0, shared.hot_water_temp - mixed)
            * 0.5
        )
        cool = (
            float(commands["CoolingValve"])
            / 100
            * max(0.0, mixed - shared.chilled_water_temp)
            * 0.9
        )
        self.supply = approach(
            self.supply, mixed + heat - cool if running else mixed, dt_seconds, 60
        )
        self._control(float(commands["SupplyTempSetpoint"]), dt_seconds)
        shared.supply_air_temp = self.supply
        shared.supply_fan_kw = (self.fan / 60) ** 3 * 7.5
        pressure = (self.fan / 60) ** 2 * 250
        return {
            "SupplyAirTemp": self.supply,
            "ReturnAirTemp": shared.mean_room_temp,
            "MixedAirTemp": mixed,
            "OutdoorAirTemp": shared.outdoor_temp,
            "SupplyPressure": pressure
            + (self.random.uniform(-2, 2) if running else 0.0),
            "SupplyFlow": self.fan / 60 * 3200,
            "FilterPressure": pressure * 0.38,
            "SupplyFanFeedback": self.fan,
            "ReturnFanFeedback": self.fan * 0.92,
            "CoilTemp": mixed - cool,
            "SupplyFanStatus": self.fan > 5,
            "ReturnFanStatus": self.fan > 5,
            "FreezeStat": self.supply < 4,
            "HeatingValve": self.heating,
            "CoolingValve": self.cooling,
            "SupplyTempLoop": self.heating - self.cooling,
            "State": 1
            if not running
            else 2
            if self.heating > 1
            else 4
            if self.cooling > 1
            else 3,
        }

    def _control(self, setpoint: float, dt_seconds: float) -> None:
        demand = clamp(
            (self.heating - self.cooling)
            + (setpoint - self.supply) * min(dt_seconds, 60) * 0.05,
            -100,
            100,
        )
        self.heating, self.cooling = max(0.0, demand), max(0.0, -demand)


@dataclass(slots=True)
class VavBox:
    """A room with its damper and reheat valve: the setpoint moves the valve, the valve moves the temperature."""

    random: random.Random
    room: float = 21.0
    co2: float = 600.0
    flow: float = 90.0
    gain_kelvin: float = field(default=4.0)

    def __post_init__(self) -> None:
        """Make every room a little different: people, sun and screens are."""
        self.room += self.random.uniform(-0.8, 0.8)
        self.gain_kelvin += self.random.uniform(-1.5, 1.5)

    def step(
        self, commands: Commands, shared: Surroundings, dt_seconds: float
    ) -> Values:
        """Return measured values and the controller's own commands after dt_seconds."""
        error = float(commands["Setpoint"]) - self.room
        if not commands["Enable"]:
            damper, reheat = 0.0, 0.0
        else:
            damper, reheat = clamp(30 - error * 60, 15, 100), clamp(error * 50, 0, 100)
        opening = float(commands["Damper"]) / 100
        heat = float(commands["ReheatValve"]) / 100
        wanted = opening * float(commands["MaxFlow"])
        self.flow = approach(self.flow, wanted, dt_seconds, 15)
        discharge = (
            shared.supply_air_temp
            + heat * max(0.0, shared.hot_water_temp - shared.supply_air_temp) * 0.45
        )
        mixing = self.flow / (self.flow + 60)
        still = shared.outdoor_temp * 0.15 + 22.5 * 0.85 + self.gain_kelvin
        self.room = approach(
            self.room, mixing * discharge + (1 - mixing) * still, dt_seconds, 900
        )
        people = 700 if commands["Occupancy"] else 0
        self.co2 = approach(self.co2, 420 + people * (1 - mixing), dt_seconds, 1200)
        return {
            "RoomTemp": self.room,
            "DischargeTemp": discharge,
            "AirFlow": self.flow,
            "RoomCO2": self.co2,
            "Damper": damper,
            "ReheatValve": reheat,
            "TempLoop": reheat if reheat > 0 else -damper,
        }


@dataclass(slots=True)
class BoilerPlant:
    """Burner, pumps and meters; energy only ever counts up."""

    random: random.Random
    supply: float = 60.0
    gas_kwh: float = 18_422.0
    heat_kwh: float = 158_431.25

    def step(
        self, commands: Commands, shared: Surroundings, dt_seconds: float
    ) -> Values:
        """Return measured values and the controller's own commands after dt_seconds."""
        firing = bool(commands["Enable"]) and bool(commands["BoilerCommand"])
        pump = bool(commands["Pump1Command"]) or bool(commands["Pump2Command"])
        modulation = (
            clamp(float(commands["BurnerModulation"]), 0, 100) if firing else 0.0
        )
        self.supply = approach(self.supply, 20 + modulation, dt_seconds, 300)
        power_kw = modulation * 1.2
        self.gas_kwh += power_kw * dt_seconds / 3600
        self.heat_kwh += power_kw * 0.93 * dt_seconds / 3600
        shared.hot_water_temp = self.supply
        shared.boiler_heat_kw = power_kw * 0.93
        wanted = clamp(
            float(commands["SupplySetpoint"])
            - 20
            + (float(commands["SupplySetpoint"]) - self.supply),
            0,
            100,
        )
        return {
            "SupplyTemp": self.supply,
            "ReturnTemp": self.supply - (10 if pump else 0),
            "Flow": 18.0 if pump else 0.0,
            "FlueTemp": 40 + modulation * 1.1,
            "BurnerStatus": modulation > 5,
            "Pump1Status": bool(commands["Pump1Command"]),
            "Pump2Status": bool(commands["Pump2Command"]),
            "BurnerModulation": wanted,
            "SupplyLoop": wanted,
            "State": 3 if modulation > 5 else 1,
            "GasMeter": int(self.gas_kwh * 10),
            "GasPulses": int(self.gas_kwh * 100),
            "HeatEnergy": self.heat_kwh,
            "Message": "Running" if modulation > 5 else "Stopped",
        }


@dataclass(slots=True)
class ChillerPlant:
    """Compressor, pump and meters; capacity follows the setpoint up to the demand limit."""

    random: random.Random
    supply: float = 7.0
    electric_kwh: float = 92_118.0
    cooling_kwh: float = 301_877.5
    hours: float = 8_120.0

    def step(
        self, commands: Commands, shared: Surroundings, dt_seconds: float
    ) -> Values:
        """Return measured values and the controller's own commands after dt_seconds."""
        running = bool(commands["Enable"]) and bool(commands["CompressorCommand"])
        pump = bool(commands["PumpCommand"])
        capacity = (
            clamp(float(commands["CapacityCommand"]), 0, float(commands["DemandLimit"]))
            if running
            else 0.0
        )
        self.supply = approach(self.supply, 18 - capacity * 0.245, dt_seconds, 240)
        power_kw = capacity * 0.85
        self.electric_kwh += power_kw * dt_seconds / 3600
        self.cooling_kwh += power_kw * 3.4 * dt_seconds / 3600
        self.hours += dt_seconds / 3600 if capacity > 5 else 0
        shared.chilled_water_temp = self.supply
        shared.chiller_kw = power_kw
        wanted = clamp((18 - float(commands["SupplySetpoint"])) / 0.245, 0, 100)
        return {
            "SupplyTemp": self.supply,
            "ReturnTemp": self.supply + (5 if pump else 0),
            "Flow": 24.0 if pump else 0.0,
            "CondenserTemp": max(18.0, shared.outdoor_temp + 8 + capacity * 0.2),
            "Power": power_kw,
            "Current": power_kw * 1.6,
            "CompressorStatus": capacity > 5,
            "PumpStatus": pump,
            "FlowSwitch": pump,
            "CapacityCommand": wanted,
            "SupplyLoop": wanted,
            "State": 2 if capacity > 5 else 1,
            "ElectricMeter": int(self.electric_kwh),
            "RunHours": int(self.hours),
            "CoolingEnergy": self.cooling_kwh,
        }


type Model = WeatherStation | AirHandler | VavBox | BoilerPlant | ChillerPlant

MODELS: dict[str, type[Model]] = {
    "weather_station": WeatherStation,
    "air_handler": AirHandler,
    "vav_box": VavBox,
    "boiler_plant": BoilerPlant,
    "chiller_plant": ChillerPlant,
}

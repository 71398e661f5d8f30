"""The Energy dashboard's preferences with a meter added; pure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from .roles import DashboardRole

if TYPE_CHECKING:
    # It imports the recorder, which not everybody has
    from homeassistant.components.energy.data import (
        DeviceConsumption,
        EnergyPreferences,
        GasSourceType,
        GridSourceType,
        SolarSourceType,
        SourceType,
        WaterSourceType,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter by its statistics, entity ids all: what it counts, and its rate.

    returned: energy given back. rate: power or flow.
    """

    name: str
    counted: str | None
    returned: str | None = None
    rate: str | None = None

    @property
    def statistic(self) -> str:
        """Return what it counts, or what it gives back where that is all."""
        return self.counted or self.returned or ""


def with_meter(
    preferences: EnergyPreferences, meter: Meter, role: DashboardRole
) -> EnergyPreferences:
    """Return the preferences with the meter in its role; what is there stays.

    A meter that is there already, in that role, changes nothing.
    """
    match role:
        case DashboardRole.CONSUMER:
            return _with_consumer(preferences, meter, "device_consumption")
        case DashboardRole.WATER_CONSUMER:
            return _with_consumer(preferences, meter, "device_consumption_water")
    if _is_there(preferences["energy_sources"], meter, role):
        return preferences
    changed = preferences.copy()
    changed["energy_sources"] = [
        *preferences["energy_sources"],
        _source(preferences["energy_sources"], meter, role),
    ]
    return changed


def _with_consumer(
    preferences: EnergyPreferences, meter: Meter, key: str
) -> EnergyPreferences:
    before = cast("list[DeviceConsumption]", preferences.get(key) or [])
    if any(item["stat_consumption"] == meter.statistic for item in before):
        return preferences
    consumer: DeviceConsumption = {
        "stat_consumption": meter.statistic,
        "name": meter.name,
    }
    if meter.rate:
        consumer["stat_rate"] = meter.rate
    changed = preferences.copy()
    changed[key] = [*before, consumer]  # type: ignore[literal-required]
    return changed


def _is_there(sources: list[SourceType], meter: Meter, role: DashboardRole) -> bool:
    mine = {meter.counted, meter.returned} - {None}
    return any(
        source["type"] == role
        and mine & {source.get("stat_energy_from"), source.get("stat_energy_to")}
        for source in sources
    )


def _source(sources: list[SourceType], meter: Meter, role: DashboardRole) -> SourceType:
    source: SourceType
    match role:
        case DashboardRole.SOLAR:
            source = _solar(meter)
        case DashboardRole.GAS:
            source = _gas(meter)
        case DashboardRole.WATER:
            source = _water(meter)
        case _:
            source = _grid(meter)
    source["name"] = meter.name
    if meter.rate and not any(item.get("stat_rate") == meter.rate for item in sources):
        source["stat_rate"] = meter.rate
    return source


def _solar(meter: Meter) -> SolarSourceType:
    return {
        "type": "solar",
        "stat_energy_from": meter.statistic,
        "config_entry_solar_forecast": None,
    }


def _gas(meter: Meter) -> GasSourceType:
    return {
        "type": "gas",
        "stat_energy_from": meter.statistic,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
    }


def _water(meter: Meter) -> WaterSourceType:
    return {
        "type": "water",
        "stat_energy_from": meter.statistic,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
    }


def _grid(meter: Meter) -> GridSourceType:
    return {
        "type": "grid",
        "stat_energy_from": meter.counted,
        "stat_energy_to": meter.returned,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0.0,
    }

"""What a meter adds to the Energy dashboard's preferences."""

import pytest
from homeassistant.components.energy.data import (
    DEVICE_CONSUMPTION_SCHEMA,
    ENERGY_SOURCE_SCHEMA,
    EnergyManager,
)

from custom_components.plantroom.energy_dashboard.preferences import Meter, with_meter
from custom_components.plantroom.energy_dashboard.roles import DashboardRole

MAIN = Meter(
    name="Main meter",
    counted="sensor.main_import",
    returned="sensor.main_export",
    rate="sensor.main_power",
)
EMPTY = EnergyManager.default_preferences()


@pytest.mark.parametrize("role", DashboardRole)
def test_every_role_is_as_home_assistant_wants_it(role):
    after = with_meter(EMPTY, MAIN, role)
    assert after != EMPTY
    ENERGY_SOURCE_SCHEMA(after["energy_sources"])
    for key in ("device_consumption", "device_consumption_water"):
        for item in after[key]:
            DEVICE_CONSUMPTION_SCHEMA(item)


@pytest.mark.parametrize("role", DashboardRole)
def test_adding_a_meter_twice_changes_nothing(role):
    once = with_meter(EMPTY, MAIN, role)
    assert with_meter(once, MAIN, role) is once


def test_a_grid_meter_brings_what_it_gives_back_and_its_power():
    (source,) = with_meter(EMPTY, MAIN, DashboardRole.GRID)["energy_sources"]
    assert source["stat_energy_from"] == "sensor.main_import"
    assert source["stat_energy_to"] == "sensor.main_export"
    assert source["stat_rate"] == "sensor.main_power"
    assert source["name"] == "Main meter"


def test_what_is_there_stays():
    before = with_meter(EMPTY, MAIN, DashboardRole.GRID)
    other = Meter(name="Roof", counted="sensor.roof", rate="sensor.main_power")
    after = with_meter(before, other, DashboardRole.SOLAR)
    assert after["energy_sources"][0] == before["energy_sources"][0]
    assert "stat_rate" not in after["energy_sources"][1]
    assert EnergyManager.default_preferences() == EMPTY

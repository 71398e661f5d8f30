"""Units are what Home Assistant accepts, or the device's own in print."""

import pytest
from homeassistant.components.number import DEVICE_CLASS_UNITS as NUMBER_UNITS
from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.sensor import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
)
from homeassistant.const import Platform

from custom_components.plantroom.engine.bacnet.names.units import UNITS
from custom_components.plantroom.entity_table import entity_row
from custom_components.plantroom.unit_table import UNIT_TABLE, unit_row

from .office import point

NAMES = [UNITS.name(number) for number in (*range(255), *range(47808, 47990))]


@pytest.mark.parametrize("name", sorted(UNIT_TABLE))
def test_mapped_unit_is_a_name_of_the_standard(name):
    assert name in NAMES


@pytest.mark.parametrize(
    ("name", "row"), [(n, r) for n, r in UNIT_TABLE.items() if r.device_class]
)
def test_mapped_unit_is_accepted_by_sensor_and_number(name, row):
    assert row.unit in DEVICE_CLASS_UNITS[row.device_class]
    assert row.unit in NUMBER_UNITS[NumberDeviceClass(row.device_class)]


@pytest.mark.parametrize("kind", ["analog-input", "accumulator", "analog-value"])
def test_state_class_is_one_that_the_device_class_allows(kind):
    for name in NAMES:
        row = entity_row(point(f"{kind},1", unit=name))
        if row.platform is not Platform.SENSOR or row.device_class is None:
            continue
        assert row.state_class in DEVICE_CLASS_STATE_CLASSES[row.device_class], name


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_of_the_standard_is_shown(name):
    assert bool(unit_row(name).unit) is (name not in {"no-units", "power-factor", "ph"})


def test_unknown_unit_is_shown_as_it_is():
    assert unit_row("unit-300").unit == "unit-300"
    assert unit_row("").unit is None

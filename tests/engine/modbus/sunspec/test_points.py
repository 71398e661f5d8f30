"""What SunSpec's points are called, what they measure, and which people look at."""

from typing import Any

from custom_components.plantroom.engine.bacnet.names.units import UNITS
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.modbus.sunspec import SunSpecDevice, discover
from custom_components.plantroom.engine.models import Quantity
from tests.engine.modbus.memory_reader import MemoryReader

from . import images


async def found(*models: dict[str, Any], space: Space = Space.HOLDING) -> SunSpecDevice:
    words = images.image_of(images.common(), *models)
    device = await discover(MemoryReader({(space, images.BASE): words}))
    assert device is not None
    return device


async def points(*models: dict[str, Any]) -> dict[str, RegisterPoint]:
    return {point.key: point for point in (await found(*models)).points}


def values(model_id: int, **changes: Any) -> dict[str, Any]:
    """Return a model in which everything is implemented but what changes say."""
    model = images.invented(model_id)
    full = {name: 3 if value is None else value for name, value in model.items()}
    return {**full, **changes}


def measuring(points: dict[str, RegisterPoint]) -> dict[Quantity, str]:
    return {p.quantity: p.key for p in points.values() if p.quantity}


async def test_device_says_who_it_is():
    facts = (await found(values(103))).facts
    assert (facts.vendor, facts.model) == ("Acme", "Sun 10")
    assert (facts.firmware, facts.serial_number) == ("1.2.3", "A-0815")


async def test_inverter_produces():
    inverter = await points(values(103))
    assert measuring(inverter) == {
        Quantity.POWER_PRODUCTION: "m103_w",
        Quantity.ENERGY_PRODUCTION: "m103_wh",
    }
    energy = inverter["m103_wh"]
    assert (energy.unit, energy.counter, energy.enabled) == ("watt-hours", True, True)
    assert energy.unavailable == (0,)


async def test_meter_takes_in_and_gives_back():
    meter = await points(values(203))
    assert measuring(meter) == {
        Quantity.POWER: "m203_w",
        Quantity.ENERGY_EXPORT: "m203_totwhexp",
        Quantity.ENERGY_IMPORT: "m203_totwhimp",
    }


async def test_same_inverter_as_floats_counts_no_second_time():
    twins = await points(values(103), values(113), values(701))
    assert measuring(twins) == {
        Quantity.POWER_PRODUCTION: "m103_w",
        Quantity.ENERGY_PRODUCTION: "m103_wh",
    }
    assert twins["m103_w"].enabled
    assert not twins["m113_w"].enabled
    assert not twins["m701_w"].enabled


async def test_names_are_as_a_person_says_them():
    device = await points(values(103), values(203), images.invented(160))
    names = {key: point.name for key, point in device.items()}
    assert names["m103_w"] == "Power"
    assert names["m103_phvpha"] == "Voltage L1"
    assert names["m103_ppvphab"] == "Voltage L1-L2"
    assert names["m103_tmpcab"] == "Cabinet temperature"
    assert names["m103_evt1_dc_over_volt"] == "DC over volt"
    assert names["m203_w"] == "Meter power"
    assert names["m203_totwhimp"] == "Meter energy imported"
    assert names["m160_module_2_dcw"] == "MPPT 2 DC power"


async def test_second_meter_is_told_from_the_first():
    device = await points(values(203), values(203))
    assert device["m203_w"].name == "Meter 1 power"
    assert device["m203_2_w"].name == "Meter 2 power"


async def test_names_and_keys_are_unique_whatever_the_device_has():
    everything = [images.invented(m) for m in images.model_ids() if m < 64000]
    device = await found(*everything)
    assert len({point.key for point in device.points}) == len(device.points)
    assert len({point.name for point in device.points}) == len(device.points)
    assert {point.unit for point in device.points} <= {"", *UNITS.known.values()}


async def test_states_read_as_words():
    state = (await points(values(103)))["m103_st"]
    assert state.states["6"] == "Shutting down"
    assert state.states["4"] == "MPPT"


async def test_events_are_one_bit_each_in_the_register_that_has_it():
    alarms = await points(values(701))
    bit_0, bit_16 = (
        alarms["m701_alrm_ground_fault"],
        alarms["m701_alrm_manufacturer_alrm"],
    )
    assert (bit_0.type, bit_0.bit, bit_16.bit) == (ValueType.BOOL, 0, 0)
    assert bit_0.address == bit_16.address + 1
    assert (bit_0.enabled, bit_0.category) == (False, "diagnostic")
    assert not any("reserved" in key for key in await points(images.invented(160)))


async def test_point_the_device_does_not_have_is_not_enabled():
    inverter = await points(values(103, AphB=None, TmpCab=None))
    assert inverter["m103_apha"].enabled
    assert not inverter["m103_aphb"].enabled
    assert not inverter["m103_tmpcab"].enabled


async def test_scale_factor_that_is_left_out_counts_one():
    inverter = await points(values(103, W=4200, W_SF=None))
    assert inverter["m103_w"].exponent_address is None


async def test_scale_factor_of_a_sleeping_device_is_awaited():
    inverter = await points(values(103, W=None, W_SF=None))
    assert inverter["m103_w"].exponent_address is not None


async def test_only_what_has_limits_is_written_and_only_the_power_limit_is_enabled():
    control = await points(values(123))
    writable = {key for key, point in control.items() if point.writable}
    assert {"m123_wmaxlimpct", "m123_wmaxlim_ena", "m123_conn"} <= writable
    for key in writable:
        point = control[key]
        assert point.states or (point.minimum is not None and point.maximum is not None)
    enabled = {key for key in writable if control[key].enabled}
    assert enabled == {"m123_wmaxlimpct", "m123_wmaxlim_ena"}
    limit = control["m123_wmaxlimpct"]
    assert (limit.name, limit.minimum, limit.maximum) == ("Power limit", 0, 100)


async def test_settings_in_watts_and_of_batteries_are_read_only():
    device = await points(values(121), values(802), values(124))
    assert not device["m121_wmax"].writable
    assert not device["m802_setop"].writable
    assert not device["m124_wchamax"].writable


async def test_nothing_is_writable_in_input_registers():
    device = await found(values(123), space=Space.INPUT)
    assert not any(point.writable for point in device.points)


async def test_read_only_points_are_no_configuration():
    everything = [images.invented(m) for m in images.model_ids() if m < 64000]
    for point in (await found(*everything)).points:
        assert point.writable or point.category != "configuration", point.key

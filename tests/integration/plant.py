"""A small plant on Modbus: a meter and a thermostat for the tests of entities."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
)
from custom_components.plantroom.engine.models import (
    Device,
    DeviceStatus,
    Point,
    Protocol,
)

from .entries import plantroom_entry
from .fake_engine import AT, FakeConnection, World
from .fake_units import (
    ENERGY,
    METER_POINTS,
    MODE,
    POWER,
    RELAY,
    SETPOINT,
    THERMOSTAT_POINTS,
    meter,
    plain_point,
    thermostat,
)
from .office import reading

LINE = ModbusLineConfig(network_id="line0001", name="Riser", host="meters.local")
METER = ModbusDeviceConfig(
    network_id="line0001", unit_id=5, name="Main meter", profile="acme_meter"
)
THERMOSTAT = ModbusDeviceConfig(
    network_id="line0001", unit_id=9, name="Hall", registers=THERMOSTAT_POINTS
)
METER_DEVICE = Device(
    device_id=METER.device_id,
    network_id="line0001",
    instance=5,
    name="Main meter",
    address="unit 5",
    vendor="Acme",
    model="M1",
    firmware="1.2",
    protocol=Protocol.MODBUS,
    profile="acme_meter",
)
THERMOSTAT_DEVICE = replace(
    METER_DEVICE,
    device_id=THERMOSTAT.device_id,
    instance=9,
    name="Hall",
    vendor="",
    model="",
    firmware="",
    profile="",
)
VALUES: dict[str, Any] = {
    POWER.key: 3.5,
    ENERGY.key: 1234.5,
    MODE.key: 2,
    SETPOINT.key: 21.5,
    RELAY.key: True,
}


def served(register: RegisterPoint, device: ModbusDeviceConfig = METER) -> Point:
    """Return a register as the engine serves it."""
    return plain_point(register, device.device_id)


def furnish(world: World, *more: Point) -> None:
    """Put meter and thermostat with their points and first readings into a world."""
    world.units = {5: meter(), 9: thermostat()}
    for device in (METER_DEVICE, THERMOSTAT_DEVICE):
        world.devices[device.device_id] = device
        world.statuses[device.device_id] = DeviceStatus(
            device_id=device.device_id, online=True, since=AT, polled_points=2
        )
    points = [served(register) for register in METER_POINTS]
    points += [served(register, THERMOSTAT) for register in THERMOSTAT_POINTS]
    for point in (*points, *more):
        world.points[point.point_id] = point
        if point.reference in VALUES:
            world.readings[point.point_id] = reading(VALUES[point.reference])


async def open_plant(
    hass: HomeAssistant, world: World, *, thermostat: ModbusDeviceConfig = THERMOSTAT
) -> tuple[ConfigEntry, FakeConnection]:
    """Set the plant up."""
    if METER.device_id not in world.devices:
        furnish(world)
    units = (METER, thermostat)
    entry = plantroom_entry(hass, networks=[], lines=[LINE], units=units)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry, world.running[0]

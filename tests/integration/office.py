"""A small office: devices and points for the tests of entities."""

import asyncio
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.engine.models import (
    Access,
    Device,
    DeviceStatus,
    Point,
    PointKind,
    PointRole,
    Reading,
    ReadingSource,
)

from .entries import AIR_HANDLER, BOILER, plantroom_entry
from .fake_engine import AT, FakeConnection, World

AHU = AIR_HANDLER.device_id
KINDS = {
    "analog": PointKind.ANALOG,
    "binary": PointKind.BINARY,
    "multi-state": PointKind.MULTI_STATE,
    "integer": PointKind.INTEGER,
    "characterstring": PointKind.TEXT,
    "accumulator": PointKind.COUNTER,
    "loop": PointKind.ANALOG,
}
ROLES = {
    "input": PointRole.INPUT,
    "output": PointRole.OUTPUT,
    "value": PointRole.VALUE,
    "loop": PointRole.LOOP,
    "accumulator": PointRole.INPUT,
}


def point(reference: str, name: str = "", /, **facts: Any) -> Point:
    """Return a point whose kind and role follow from its reference."""
    object_type = reference.partition(",")[0]
    kind, _, role = object_type.rpartition("-")
    access = {
        "input": Access.READ_ONLY,
        "output": Access.COMMANDABLE,
        "value": Access.COMMANDABLE,
    }.get(role, Access.READ_ONLY)
    device_id = facts.pop("device_id", AHU)
    plain = Point(
        point_id=f"{device_id}:{reference}",
        device_id=device_id,
        reference=reference,
        kind=KINDS[kind or object_type],
        role=ROLES[role],
        access=access,
        name=name or reference,
    )
    return replace(plain, **facts)


TEMPERATURE = point("analog-input,1", "AHU-1.SupplyTemp", unit="degrees-celsius")
SETPOINT = point(
    "analog-value,1",
    "AHU-1.SupplySetpoint",
    unit="degrees-celsius",
    minimum=16.0,
    maximum=30.0,
    resolution=0.5,
)
FAN = point("binary-output,1", "AHU-1.Fan", states=("Stopped", "Running"))
FILTER = point("binary-input,1", "AHU-1.Filter alarm", states=("Clean", "Dirty"))
MODE = point("multi-state-value,1", "AHU-1.Mode", states=("Off", "Heat", "Cool", "Off"))
STAGE = point("multi-state-input,1", "AHU-1.Stage", states=("Low", "High"))
METER = point("accumulator,1", "AHU-1.Energy", unit="kilowatt-hours")
LABEL = point("characterstring-value,1", "AHU-1.Label")
POINTS = (TEMPERATURE, SETPOINT, FAN, FILTER, MODE, STAGE, METER, LABEL)

DEVICE = Device(
    device_id=AHU,
    network_id=AIR_HANDLER.network_id,
    instance=AIR_HANDLER.instance,
    name="AHU-1",
    address=AIR_HANDLER.address,
    vendor="Vendor",
    model="Model",
    firmware="1.2",
    serial_number="S-1",
)
ONLINE = DeviceStatus(device_id=AHU, online=True, since=AT, cov_points=5)
OFFLINE = replace(ONLINE, online=False, reason="device_offline")


def reading(value: Any, **facts: Any) -> Reading:
    """Return a reading of a healthy point."""
    return Reading(value=value, **{"at": AT, "source": ReadingSource.POLL, **facts})


def furnish(world: World, *points: Point) -> None:
    """Put the air handler with its points and first readings into a world."""
    world.devices[AHU] = DEVICE
    world.statuses[AHU] = ONLINE
    for item in points or POINTS:
        world.points[item.point_id] = item
    values = {
        TEMPERATURE: 21.399999618530273,
        SETPOINT: 20.0,
        FAN: False,
        FILTER: True,
        MODE: 2,
        STAGE: 1,
        METER: 1234,
        LABEL: "North",
    }
    for item, value in values.items():
        if item.point_id in world.points:
            world.readings[item.point_id] = reading(value)


async def open_office(
    hass: HomeAssistant, world: World, **options: Any
) -> tuple[ConfigEntry, FakeConnection]:
    """Set the office up; options: those of the air handler's subentry."""
    if AHU not in world.devices:
        furnish(world)
    entry = plantroom_entry(hass, devices=(AIR_HANDLER, BOILER))
    for item in [*entry.subentries.values()]:
        if item.title == AIR_HANDLER.name and options:
            hass.config_entries.async_update_subentry(
                entry, item, data={**item.data, **options}
            )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry, world.running[0]


async def settle() -> None:
    """Let the client tell the engine what is watched, which is no task of hass's."""
    for _ in range(5):
        await asyncio.sleep(0)


def entity_id_of(hass: HomeAssistant, unique_id: str) -> str:
    """Return the id of the entity with a unique id, whatever its platform."""
    entities = er.async_get(hass).entities.values()
    return next(item.entity_id for item in entities if item.unique_id == unique_id)


def state_of(hass: HomeAssistant, subject: Point | str) -> Any:
    """Return the state of a point's entity, or of a unique id's."""
    unique_id = subject if isinstance(subject, str) else subject.point_id
    return hass.states.get(entity_id_of(hass, unique_id))

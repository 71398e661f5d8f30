"""Which of our entities are meters, and how a device's belong together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..client import EngineClient
from ..const import DOMAIN
from ..engine.energy.units import KILOWATT_HOURS
from ..engine.models import Point, PointKind, Quantity
from .preferences import Meter
from .roles import ROLE_OF_QUANTITY, DashboardRole

_POWER: Final = {
    Quantity.ENERGY_IMPORT: Quantity.POWER,
    Quantity.ENERGY_EXPORT: Quantity.POWER,
    Quantity.ENERGY_PRODUCTION: Quantity.POWER_PRODUCTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMeter:
    """A meter of a device, and the role it has unless a person says otherwise."""

    device_id: str
    role: DashboardRole
    meter: Meter


@callback
def meters_of_device(
    hass: HomeAssistant, client: EngineClient, device_id: str
) -> list[FoundMeter]:
    """Return the meters among a device's enabled entities."""
    entity_ids = _entity_ids(hass, client, device_id)
    points = [client.mirror.points[point_id] for point_id in entity_ids]
    meters = [
        (point, role)
        for point in points
        if (role := ROLE_OF_QUANTITY.get(_quantity(point))) is not None
        and not (
            point.quantity is Quantity.ENERGY_EXPORT
            and _first(points, Quantity.ENERGY_IMPORT)
        )
    ]
    roles = Counter(role for _, role in meters)
    return [
        FoundMeter(
            device_id=device_id,
            role=role,
            meter=_meter(
                point.name if roles[role] > 1 else _name(client, point),
                point,
                points,
                entity_ids,
            ),
        )
        for point, role in meters
    ]


@callback
def meter_of_entity(
    hass: HomeAssistant, client: EngineClient, entity_id: str
) -> FoundMeter | None:
    """Return the meter an entity belongs to, None when it counts nothing."""
    entity = er.async_get(hass).async_get(entity_id)
    point = client.mirror.points.get(entity.unique_id) if entity else None
    if point is None:
        return None
    return next(
        (
            found
            for found in meters_of_device(hass, client, point.device_id)
            if entity_id in {found.meter.counted, found.meter.returned}
        ),
        None,
    )


def _quantity(point: Point) -> Quantity:
    """Return what a point counts; BACnet does not say it, a counter's unit may."""
    is_energy = point.kind is PointKind.COUNTER and point.unit in KILOWATT_HOURS
    if point.quantity is Quantity.NONE and is_energy:
        return Quantity.ENERGY_IMPORT
    return point.quantity


def _meter(
    name: str, point: Point, points: Iterable[Point], entity_ids: Mapping[str, str]
) -> Meter:
    rate = _first(points, _POWER.get(point.quantity))
    if point.quantity is Quantity.ENERGY_EXPORT:
        counted, returned = None, entity_ids[point.point_id]
    else:
        counted, returned = entity_ids[point.point_id], None
    if point.quantity is Quantity.ENERGY_IMPORT:
        export = _first(points, Quantity.ENERGY_EXPORT)
        returned = entity_ids[export.point_id] if export else None
    return Meter(
        name=name,
        counted=counted,
        returned=returned,
        rate=entity_ids[rate.point_id] if rate else None,
    )


def _first(points: Iterable[Point], quantity: Quantity | None) -> Point | None:
    return next((p for p in points if quantity and p.quantity is quantity), None)


def _name(client: EngineClient, point: Point) -> str:
    device = client.mirror.devices.get(point.device_id)
    return device.name if device and device.name else point.name


def _entity_ids(
    hass: HomeAssistant, client: EngineClient, device_id: str
) -> dict[str, str]:
    """Return the enabled sensors of a device by point id, in the points' order."""
    registry = er.async_get(hass)
    found = {}
    for point in client.mirror.points.values():
        if point.device_id != device_id:
            continue
        entity_id = registry.async_get_entity_id(
            Platform.SENSOR, DOMAIN, point.point_id
        )
        entity = registry.async_get(entity_id) if entity_id else None
        if entity and not entity.disabled_by:
            found[point.point_id] = entity.entity_id
    return found

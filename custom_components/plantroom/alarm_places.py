"""Where an alarm is in Home Assistant: device, area, entity."""

from dataclasses import dataclass
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .alarm_entity import alarm_unique_id
from .const import DOMAIN
from .device_adapter import DeviceAdapter
from .engine.alarms.models import Alarm

EVENT_KEY: Final = "alarm_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPlace:
    """Names and ids, "" for what there is not.

    entity_id: of the point, or of the device's alarm events when it has none.
    """

    device: str = ""
    device_id: str = ""
    area: str = ""
    area_id: str = ""
    network: str = ""
    entity_id: str = ""


class AlarmPlaces:
    """Finds the place of alarms; people rename and move things at any time."""

    def __init__(self, hass: HomeAssistant, adapter: DeviceAdapter) -> None:
        """Take what made devices and entities."""
        self._hass = hass
        self._adapter = adapter

    @callback
    def of(self, alarm: Alarm) -> AlarmPlace:
        """Return where an alarm is."""
        link = self._adapter.devices.get(alarm.device_id)
        if link is None:
            return AlarmPlace(device=alarm.device_id)
        devices = dr.async_get(self._hass)
        device = devices.async_get(link.registry_device.id)
        entity = self._entity(alarm)
        area_id = (entity and entity.area_id) or (device and device.area_id) or ""
        area = ar.async_get(self._hass).async_get_area(area_id) if area_id else None
        return AlarmPlace(
            device=_name(device) or link.name,
            device_id=link.registry_device.id,
            area="" if area is None else area.name,
            area_id=area_id,
            network=self._network(alarm.device_id),
            entity_id="" if entity is None else entity.entity_id,
        )

    @callback
    def event_entity_id(self, device_id: str) -> str | None:
        """Return the entity of a device's alarm events, the one that rights are of."""
        return er.async_get(self._hass).async_get_entity_id(
            Platform.EVENT, DOMAIN, alarm_unique_id(device_id, EVENT_KEY)
        )

    def _entity(self, alarm: Alarm) -> er.RegistryEntry | None:
        registry = er.async_get(self._hass)
        row = self._adapter.planned(alarm.device_id).get(alarm.point_id)
        entity_id = None
        if row is not None:
            entity_id = registry.async_get_entity_id(
                row.platform, DOMAIN, alarm.point_id
            )
        entity_id = entity_id or self.event_entity_id(alarm.device_id)
        return None if entity_id is None else registry.async_get(entity_id)

    def _network(self, device_id: str) -> str:
        link = self._adapter.networks.get(device_id.rpartition(":")[0])
        if link is None:
            return ""
        device = dr.async_get(self._hass).async_get(link.registry_device.id)
        return _name(device)


def _name(device: dr.AnyDeviceEntry | None) -> str:
    if device is None:
        return ""
    return device.name_by_user or device.name or ""

"""Entities whose points their device no longer has."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .entity import is_own_key
from .mirror import Mirror


def is_point_id(unique_id: str, device_id: str) -> bool:
    """Return whether a unique id is that of one of a device's points."""
    reference = unique_id.removeprefix(f"{device_id}:")
    return reference != unique_id and not is_own_key(reference)


@callback
def point_entities(
    hass: HomeAssistant, registry_device_id: str, device_id: str
) -> dict[str, er.RegistryEntry]:
    """Return the registry's entities of a device's points by point id."""
    entities = er.async_entries_for_device(
        er.async_get(hass), registry_device_id, include_disabled_entities=True
    )
    return {
        item.unique_id: item
        for item in entities
        if item.platform == DOMAIN and is_point_id(item.unique_id, device_id)
    }


@callback
def gone_entities(
    hass: HomeAssistant, entry: ConfigEntry, mirror: Mirror, device_id: str
) -> list[er.RegistryEntry]:
    """Return the entities of points that a surveyed device no longer has."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
    if device is None or not mirror.points_of(device_id):
        return []
    entities = point_entities(hass, device.id, device_id)
    return [item for key, item in entities.items() if key not in mirror.points]

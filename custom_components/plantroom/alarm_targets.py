"""Which alarms an automation's target means."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_excluded_entity_ids,
    async_extract_referenced_entity_ids,
)

from .alarm_entity import is_alarm_unique_id
from .const import DOMAIN


class AlarmTarget:
    """The alarms of entities, devices, areas, floors and labels; without any, all.

    An alarm belongs to its point's entity and to its device. A network's device, the
    site's, and the alarm entities of each stand for all alarms below.
    """

    def __init__(self, hass: HomeAssistant, target: Mapping[str, Any] | None) -> None:
        """Take a target as it is written in an automation."""
        self._hass = hass
        self._selection = TargetSelection(dict(target)) if target else None

    @callback
    def resolve(self) -> ResolvedTarget:
        """Return what the target means now: people move and label things."""
        if self._selection is None:
            return ResolvedTarget(self._hass, everything=True)
        hass, selection = self._hass, self._selection
        found = async_extract_referenced_entity_ids(
            hass, selection, primary_entities_only=False
        )
        entity_ids = found.referenced | found.indirectly_referenced
        devices = dr.async_get(hass)
        by_place = {
            device_id
            for device_id in found.referenced_devices
            if (device := devices.async_get(device_id)) is not None
            and device.area_id in found.referenced_areas
        }
        spoken_for = _devices_of_alarm_entities(hass, found.referenced)
        return ResolvedTarget(
            hass,
            entity_ids=entity_ids,
            device_ids=found.referenced_devices | spoken_for,
            # A network is not in the room where its router hangs
            parent_ids=found.referenced_devices - by_place
            | selection.device_ids
            | spoken_for,
            excluded=async_extract_excluded_entity_ids(hass, selection),
        )


class ResolvedTarget:
    """What a target means at a moment."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        everything: bool = False,
        entity_ids: set[str] | frozenset[str] = frozenset(),
        device_ids: set[str] | frozenset[str] = frozenset(),
        parent_ids: set[str] | frozenset[str] = frozenset(),
        excluded: set[str] | frozenset[str] = frozenset(),
    ) -> None:
        """Take ids of Home Assistant's registries."""
        self._hass = hass
        self._everything = everything
        self._entity_ids = entity_ids
        self._device_ids = device_ids
        self._parent_ids = parent_ids
        self._excluded = excluded

    @callback
    def includes(self, entity_id: str, device_id: str) -> bool:
        """Return whether an alarm of an entity and a device is meant."""
        if self._everything:
            return True
        if entity_id in self._excluded:
            return False
        if entity_id in self._entity_ids or device_id in self._device_ids:
            return True
        return bool(self._parent_ids) and not self._parent_ids.isdisjoint(
            parents_of(self._hass, device_id)
        )

    @callback
    def includes_facts(self, facts: Mapping[str, Any]) -> bool:
        """Return whether the alarm that an event tells of is meant."""
        return self.includes(facts["entity_id"], facts["device_id"])


@callback
def parents_of(hass: HomeAssistant, device_id: str) -> set[str]:
    """Return the devices of a field device's network and site."""
    registry = dr.async_get(hass)
    device = registry.async_get(device_id)
    if device is None:
        return set()
    names = {name for domain, name in device.identifiers if domain == DOMAIN}
    found = set()
    for name in (*(each.rpartition(":")[0] for each in names), device.config_entry_id):
        parent = registry.async_get_device_by_identifier(
            (DOMAIN, name), device.config_entry_id
        )
        if parent is not None:
            found.add(parent.id)
    return found


def _devices_of_alarm_entities(hass: HomeAssistant, entity_ids: set[str]) -> set[str]:
    """Return the devices whose alarm entities were named."""
    registry = er.async_get(hass)
    entries = (registry.async_get(entity_id) for entity_id in entity_ids)
    return {
        entry.device_id
        for entry in entries
        if entry is not None
        and entry.platform == DOMAIN
        and entry.device_id is not None
        and is_alarm_unique_id(entry.unique_id)
    }

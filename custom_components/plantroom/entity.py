"""The entities of networks and devices: what all entities share."""

from collections.abc import Callable, Iterable
from typing import Final, override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity

from .engine.models import Protocol
from .links import DeviceLink, NetworkLink

# No register is called like this
_MODBUS_MARK: Final = "-"
_BACNET_KEYS: Final = frozenset(
    {"connectivity", "overridden_points", "release_commands"}
)


def is_own_key(key: str) -> bool:
    """Return whether the end of a unique id stands for a device itself, not a point."""
    return key.startswith(_MODBUS_MARK) or key in _BACNET_KEYS


class PlantroomEntity(Entity):
    """An entity that is told of changes and never asks for them."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def _follow(self) -> Iterable[Callable[[], None]]:
        """Subscribe to what the state is made of; return the unsubscribes."""
        return ()

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what the state is made of for as long as the entity is there."""
        for unsubscribe in self._follow():
            self.async_on_remove(unsubscribe)

    @callback
    @override
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Nothing here hangs on the entity's id, so it is renamed in place."""
        super().async_entity_id_changed(old_entity_id)


class NetworkEntity(PlantroomEntity):
    """An entity of a network itself; key is its translation key and id."""

    _key: str

    def __init__(self, link: NetworkLink) -> None:
        """Take the network."""
        self._link = link
        self._attr_translation_key = self._key
        self._attr_unique_id = f"{link.network_id}:{self._key}"
        self.device_entry = link.registry_device

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        changes, network_id = self._link.changes, self._link.network_id
        return (changes.listen(network_id, self.async_write_ha_state),)

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine says how the network is."""
        client = self._link.client
        return client.connected and self._link.network_id in client.mirror.networks


class DeviceEntity(PlantroomEntity):
    """An entity of a field device itself; key is its translation key and id."""

    _key: str

    def __init__(self, link: DeviceLink) -> None:
        """Take the device."""
        self._link = link
        self._attr_translation_key = self._key
        mark = _MODBUS_MARK if link.protocol is Protocol.MODBUS else ""
        self._attr_unique_id = f"{link.device_id}:{mark}{self._key}"
        self.device_entry = link.registry_device

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        changes, device_id = self._link.changes, self._link.device_id
        return (changes.listen(device_id, self.async_write_ha_state),)

    @property
    @override
    def available(self) -> bool:
        """Return whether the device answers."""
        return self._link.online

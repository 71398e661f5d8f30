"""Meters to be added to the Energy dashboard as soon as they have entities."""

import logging
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.debounce import Debouncer

from ..client import EngineClient
from ..const import CONF_DASHBOARD_ROLE, DOMAIN
from ..site import device_id_of_subentry
from .adding import add_meters
from .meters import meters_of_device
from .roles import DashboardRole, fits

_LOGGER = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 2.0


class DashboardWishes:
    """Grants each device's wish once, so that what a person removes stays removed."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._debouncer = Debouncer[Any](
            hass,
            _LOGGER,
            cooldown=SETTLE_SECONDS,
            immediate=False,
            function=self._grant,
        )

    @callback
    def start(self) -> Callable[[], None]:
        """Grant what can be granted now and later; return what ends it."""
        if "energy" not in self._hass.config.components:
            return lambda: None
        unlisten = self._hass.bus.async_listen(
            er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry
        )
        self._debouncer.async_schedule_call()

        def stop() -> None:
            unlisten()
            self._debouncer.async_shutdown()

        return stop

    @callback
    def _on_registry(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] != "create" or not self._wishing():
            return
        entity = er.async_get(self._hass).async_get(event.data["entity_id"])
        if entity is not None and entity.platform == DOMAIN:
            self._debouncer.async_schedule_call()

    def _wishing(self) -> list[ConfigSubentry]:
        return [
            item
            for item in self._entry.subentries.values()
            if item.data.get(CONF_DASHBOARD_ROLE)
        ]

    async def _grant(self) -> None:
        for subentry in self._wishing():
            role = DashboardRole(subentry.data[CONF_DASHBOARD_ROLE])
            found = meters_of_device(
                self._hass, self._client, device_id_of_subentry(subentry)
            )
            mine = [item.meter for item in found if fits(item.role, role)]
            if not mine:
                continue
            await add_meters(self._hass, [(meter, role) for meter in mine[:1]])
            self._forget(subentry)

    def _forget(self, subentry: ConfigSubentry) -> None:
        data = {k: v for k, v in subentry.data.items() if k != CONF_DASHBOARD_ROLE}
        self._hass.config_entries.async_update_subentry(
            self._entry, subentry, data=MappingProxyType(data)
        )

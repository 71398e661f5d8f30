"""Devices whose past is to be filled in as soon as their statistics begin."""

import logging
from types import MappingProxyType
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from ..client import EngineClient
from ..const import CONF_BACKFILL
from ..device_adapter import DeviceAdapter
from ..engine.errors import PlantroomError
from ..site import device_id_of_subentry
from .backfill import backfill
from .logbook_lines import tell_of_backfill

_LOGGER = logging.getLogger(__name__)

# Sensors that show nothing never get a statistic: for those nobody waits longer
_PATIENCE: Final = 12


class BackfillWishes:
    """Grants each device's wish once, so that nothing is read twice."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: EngineClient,
        adapter: DeviceAdapter,
    ) -> None:
        """Take a client that is started and an adapter whose platforms are set up."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._adapter = adapter
        self._waited: dict[str, int] = {}
        self._done: dict[str, set[str]] = {}

    async def grant(self) -> None:
        """Grant what can be granted, to be called when statistics were made."""
        for subentry in self._wishing():
            try:
                await self._grant(subentry)
            except PlantroomError as err:
                _LOGGER.debug("No past of %s yet: %s", subentry.title, err)

    def _wishing(self) -> list[ConfigSubentry]:
        return [
            item
            for item in self._entry.subentries.values()
            if item.data.get(CONF_BACKFILL)
        ]

    async def _grant(self, subentry: ConfigSubentry) -> None:
        device_id = device_id_of_subentry(subentry)
        link = self._adapter.devices.get(device_id)
        if link is None or not link.online or not self._adapter.planned(device_id):
            return
        before = self._done.setdefault(device_id, set())
        done = await backfill(
            self._hass, self._adapter, self._client, device_id, but=before
        )
        if not done.unread:
            before.update(done.asked)
        waited = self._waited[device_id] = self._waited.get(device_id, 0) + 1
        if done.begins is not None:
            await tell_of_backfill(
                self._hass, subentry.title, done.statistics, done.begins
            )
        if waited >= _PATIENCE or not (done.waiting or done.unread):
            self._forget(subentry)

    def _forget(self, subentry: ConfigSubentry) -> None:
        data = {k: v for k, v in subentry.data.items() if k != CONF_BACKFILL}
        self._hass.config_entries.async_update_subentry(
            self._entry, subentry, data=MappingProxyType(data)
        )

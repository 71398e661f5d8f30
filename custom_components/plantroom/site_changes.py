"""Bring changed subentries to the engine, with a reload only where entities change."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .actor import configuring_user
from .alarm_words import with_words
from .client import EngineClient
from .const import CONF_FOLLOWS
from .device_offers import withdraw_offers
from .engine.errors import PlantroomError, ReadOnlyError
from .server_issues import ServerIssue, report
from .site import device_id_of_subentry, entry_site, shape
from .subentries import device_subentries, remove_orphans

_LOGGER = logging.getLogger(__name__)


class SiteChanges:
    """Several changes in one turn of the loop are one change."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take the subentries as they are for what the engine is started with."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._shape = shape(entry.subentries.values())
        self._data = dict(entry.data)
        self._devices = _device_ids(entry)
        self._asked = _asked(entry)
        self._due: asyncio.Handle | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Follow the entry, whose subentries may have changed while it was set up.

        Returns what ends it.
        """
        unlisten = self._entry.add_update_listener(self._on_update)
        if _asked(self._entry) != self._asked:
            self._due = self._hass.loop.call_soon(self._apply)

        def stop() -> None:
            unlisten()
            if self._due is not None:
                self._due.cancel()

        return stop

    async def _on_update(self, hass: HomeAssistant, _entry: ConfigEntry) -> None:
        if self._due is None:
            self._due = hass.loop.call_soon(self._apply)

    @callback
    def _apply(self) -> None:
        self._due = None
        remove_orphans(self._hass, self._entry)
        withdraw_offers(self._hass, self._entry)
        engine_differs = dict(self._entry.data) != self._data
        if engine_differs or shape(self._entry.subentries.values()) != self._shape:
            self._run(self._reload())
        else:
            self._run(self._configure())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._entry.async_create_task(self._hass, work, "plantroom configure")

    async def _reload(self) -> None:
        """Start again, after the engine took leave of devices that are gone.

        An engine that starts without them would not know where it is entered.
        """
        if not self._devices <= _device_ids(self._entry):
            await self._configure()
        self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    async def _configure(self) -> None:
        if self._entry.data.get(CONF_FOLLOWS):
            return
        try:
            site = with_words(self._hass, self._entry, entry_site(self._entry))
            site = replace(site, changed_by=configuring_user())
            await self._client.configure(site)
        except PlantroomError as err:
            if isinstance(err, ReadOnlyError):
                report(self._hass, self._entry, ServerIssue.READ_ONLY)
            _LOGGER.warning("The engine refuses the changed configuration: %s", err)


def _asked(entry: ConfigEntry) -> tuple[dict[str, ConfigSubentry], dict[str, Any]]:
    """Return all that the engine is told."""
    return dict(entry.subentries), dict(entry.options)


def _device_ids(entry: ConfigEntry) -> set[str]:
    return {device_id_of_subentry(item) for item, _ in device_subentries(entry)}

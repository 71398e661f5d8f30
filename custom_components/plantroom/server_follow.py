"""Follow a server while Home Assistant runs: what it refuses, and what it serves."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .app import is_app_stopped
from .client import EngineClient
from .const import CONF_ADDON, CONF_FOLLOWS, CONNECTION, SERVER
from .engine.errors import AuthenticationError, PlantroomError, SchemaError
from .engine.events import (
    DeviceChanged,
    DeviceRemoved,
    EngineEvent,
    NetworkRemoved,
    NetworkStatusChanged,
)
from .server_issues import (
    ServerIssue,
    report,
    report_failure,
    solve,
    solve_failures,
)
from .site import device_id_of_subentry
from .site_mirror import mirror_site, names_of
from .subentries import device_subentries, network_subentries

_LOGGER = logging.getLogger(__name__)

# An app that is updated or restarted is back by then
RESTART_SECONDS: Final = 120.0


class ServerFollow:
    """Keeps repairs, and the networks and devices of a followed server, true."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._mirroring: asyncio.Task[None] | None = None
        self._looking: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Follow; return what ends it. An engine in this process needs none of it."""
        if self._entry.data[CONNECTION] != SERVER:
            return lambda: None
        self._tell_right()
        unlistens = [
            self._client.listen_failure(self._on_failure),
            self._client.listen_connected(self._on_connected),
            self._client.listen_changes(self._on_change),
        ]

        def stop() -> None:
            for unlisten in unlistens:
                unlisten()
            if self._looking is not None:
                self._looking()
            if self._mirroring is not None:
                self._mirroring.cancel()

        return stop

    @callback
    def _on_failure(self, err: PlantroomError) -> None:
        """Say what is wrong; a set-up anew asks for a token, and tries now and then."""
        report_failure(self._hass, self._entry, err)
        if isinstance(err, AuthenticationError | SchemaError):
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    @callback
    def _on_connected(self, connected: bool) -> None:
        if not connected:
            self._look_at_app()
            return
        solve_failures(self._hass, self._entry)
        self._tell_right()
        if self._entry.data[CONF_FOLLOWS]:
            self._mirror()

    def _look_at_app(self) -> None:
        """Look whether somebody stopped the app, once it had time to restart."""
        slug: str = self._entry.data[CONF_ADDON]

        async def look(_now: datetime) -> None:
            self._looking = None
            if not self._client.connected and await is_app_stopped(self._hass, slug):
                report(self._hass, self._entry, ServerIssue.APP_STOPPED)

        if slug and self._looking is None:
            self._looking = async_call_later(self._hass, RESTART_SECONDS, look)

    @callback
    def _tell_right(self) -> None:
        """Say it when somebody else decides what we believe to decide."""
        if self._client.may_configure or self._entry.data[CONF_FOLLOWS]:
            solve(self._hass, self._entry, ServerIssue.READ_ONLY)
        else:
            report(self._hass, self._entry, ServerIssue.READ_ONLY)

    @callback
    def _on_change(self, event: EngineEvent) -> None:
        if self._entry.data[CONF_FOLLOWS] and self._is_news(event):
            self._mirror()

    def _is_news(self, event: EngineEvent) -> bool:
        """Return whether an event tells of a network or device that came or went."""
        match event:
            case DeviceChanged(device=device):
                return device.device_id not in self._device_ids()
            case DeviceRemoved(device_id=device_id):
                return device_id in self._device_ids()
            case NetworkStatusChanged(status=status):
                return status.network_id not in self._network_ids()
            case NetworkRemoved(network_id=network_id):
                return network_id in self._network_ids()
        return False

    def _device_ids(self) -> set[str]:
        return {device_id_of_subentry(s) for s, _ in device_subentries(self._entry)}

    def _network_ids(self) -> set[str]:
        return {s.data["network_id"] for s, _ in network_subentries(self._entry)}

    def _mirror(self) -> None:
        if self._mirroring is None or self._mirroring.done():
            self._mirroring = self._hass.async_create_task(
                take_site(self._hass, self._entry, self._client),
                "plantroom take site",
                eager_start=False,
            )


async def take_site(
    hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
) -> None:
    """Make the entry's networks and devices those that the server serves."""
    try:
        site = await client.site()
    except PlantroomError as err:
        _LOGGER.warning("Cannot ask server what it serves: %s", err)
        return
    mirror_site(hass, entry, site, names_of(client))

"""A Modbus line over the connection that Home Assistant shares between integrations."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from homeassistant.components.modbus import async_get_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from modbus_connection import ModbusUnit

from .engine.errors import LineInUseError
from .engine.modbus.configuration import ModbusLineConfig
from .engine.modbus.lines.link_params import LinkParams, link_params

_SERIAL_SETTINGS: Final = re.compile(
    r"baudrate=(\d+), bytesize=(\d), parity='(\w)', stopbits=(\d)"
)


@dataclass(slots=True)
class _Hold:
    """What core asks of a config entry; this one lets go before the entry unloads."""

    entry_id: str | None
    releases: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def async_on_unload(self, release: Callable[[], Awaitable[None]]) -> None:
        """Keep what gives a unit back."""
        self.releases.append(release)


class SharedModbusLink:
    """A ModbusLink; the connection closes when its last user of all lets go."""

    def __init__(
        self, hass: HomeAssistant, config: ModbusLineConfig, entry_id: str | None
    ) -> None:
        """Take the line; nothing is held yet."""
        self._hass = hass
        self._config = config
        self._hold = _Hold(entry_id)

    def unit(self, unit_id: int) -> ModbusUnit:
        """Return a unit on the link; raises LineInUseError."""
        params = link_params(self._config)
        try:
            return async_get_unit(
                self._hass, cast("ConfigEntry[Any]", self._hold), params, unit_id
            )
        except HomeAssistantError as err:
            raise self._in_use(params, err) from err

    async def close(self) -> None:
        """Let go of all units; calling it twice does no harm."""
        releases, self._hold.releases = self._hold.releases, []
        for release in releases:
            await release()

    def _in_use(self, params: LinkParams, err: HomeAssistantError) -> LineInUseError:
        existing = (err.translation_placeholders or {}).get("existing_params", "")
        return LineInUseError(
            f"{self._config.name} is in use with other settings",
            line=self._config.name,
            reason=_settings(existing),
            owner=_owners(self._hass, params),
        )


def _settings(existing: str) -> str:
    """Return "19200 8E1" of a serial line, "TLS" or "TCP" of the others.

    What core says in full may hold a password.
    """
    if found := _SERIAL_SETTINGS.search(existing):
        return "{} {}{}{}".format(*found.groups())
    return "TLS" if "Tls" in existing else "TCP"


def _owners(hass: HomeAssistant, params: LinkParams) -> str:
    """Return the titles of the config entries on the same endpoint, "" for none."""
    titles = [
        entry.title
        for info in async_get_connection_info(hass)
        if info.endpoint == params.endpoint
        for entry_id in info.units
        if (entry := hass.config_entries.async_get_entry(entry_id)) is not None
    ]
    return ", ".join(titles)

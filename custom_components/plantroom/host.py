"""What Home Assistant lends the engine."""

from dataclasses import dataclass
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN
from .engine.modbus.configuration import ModbusLineConfig
from .modbus_link import SharedModbusLink


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantHost:
    """An EngineHost; data_folder None keeps nothing, as a config flow wants it.

    entry_id: the config entry that Home Assistant shows as using a Modbus connection.
    """

    hass: HomeAssistant
    data_folder: Path | None
    entry_id: str | None = None

    @property
    def time_zone(self) -> str:
        """Return the IANA name of the house's time zone."""
        return self.hass.config.time_zone

    def modbus_link(self, config: ModbusLineConfig) -> SharedModbusLink:
        """Return a hold on the connection that all integrations share."""
        return SharedModbusLink(self.hass, config, self.entry_id)


def data_folder(hass: HomeAssistant) -> Path:
    """Return the folder of the engine's files; backups contain it."""
    return Path(hass.config.path(STORAGE_DIR, DOMAIN))


def lasting_host(hass: HomeAssistant, entry_id: str) -> HomeAssistantHost:
    """Return the host of the config entry's engine."""
    return HomeAssistantHost(
        hass=hass, data_folder=data_folder(hass), entry_id=entry_id
    )


def passing_host(hass: HomeAssistant) -> HomeAssistantHost:
    """Return the host of an engine that leaves no trace."""
    return HomeAssistantHost(hass=hass, data_folder=None)

"""What Home Assistant lends the engine."""

from dataclasses import dataclass
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistantHost:
    """An EngineHost; data_folder None keeps nothing, as a config flow wants it."""

    data_folder: Path | None
    time_zone: str


def data_folder(hass: HomeAssistant) -> Path:
    """Return the folder of the engine's files; backups contain it."""
    return Path(hass.config.path(STORAGE_DIR, DOMAIN))


def lasting_host(hass: HomeAssistant) -> HomeAssistantHost:
    """Return the host of the config entry's engine."""
    return HomeAssistantHost(
        data_folder=data_folder(hass), time_zone=hass.config.time_zone
    )


def passing_host(hass: HomeAssistant) -> HomeAssistantHost:
    """Return the host of an engine that leaves no trace."""
    return HomeAssistantHost(data_folder=None, time_zone=hass.config.time_zone)

"""The Plantroom app (add-on): our server, run by the Supervisor."""

import logging
from typing import Final

from homeassistant.components.hassio import AddonError, AddonManager, AddonState
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.hassio import is_hassio
from homeassistant.util.hass_dict import HassKey

from .const import CONF_ADDON, DOMAIN

_LOGGER = logging.getLogger(__name__)

APP_NAME: Final = "Plantroom server"
SLUG_END: Final = "_plantroom_server"
# The Supervisor's name for what is in our repository: it hashes the repository's URL
APP_SLUG: Final = f"1b892881{SLUG_END}"
_MANAGERS: Final[HassKey[dict[str, AddonManager]]] = HassKey(f"{DOMAIN}_apps")


@callback
def app_manager(hass: HomeAssistant, slug: str = APP_SLUG) -> AddonManager:
    """Return the one manager of an app, which knows what is under way."""
    managers = hass.data.setdefault(_MANAGERS, {})
    if slug not in managers:
        managers[slug] = AddonManager(hass, _LOGGER, APP_NAME, slug)
    return managers[slug]


async def ensure_app_runs(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Start or install the app of an entry that has one.

    Raises ConfigEntryNotReady while it does not run.
    """
    slug: str = entry.data.get(CONF_ADDON, "")
    if not slug or not is_hassio(hass):
        return
    manager = app_manager(hass, slug)
    if manager.task_in_progress():
        raise _not_ready("app_not_ready")
    try:
        info = await manager.async_get_addon_info()
    except AddonError as err:
        raise _not_ready("app_unknown", str(err)) from err
    if info.state is AddonState.NOT_INSTALLED:
        manager.async_schedule_install_setup_addon(info.options, catch_error=True)
        raise _not_ready("app_not_installed")
    if info.state is AddonState.NOT_RUNNING:
        manager.async_schedule_start_addon(catch_error=True)
        raise _not_ready("app_not_running")


async def is_app_stopped(hass: HomeAssistant, slug: str) -> bool:
    """Return whether the app is there and does not run, as far as can be known."""
    if not slug or not is_hassio(hass):
        return False
    manager = app_manager(hass, slug)
    if manager.task_in_progress():
        return False
    try:
        info = await manager.async_get_addon_info()
    except AddonError as err:
        _LOGGER.warning("The Supervisor does not say how the app is: %s", err)
        return False
    return info.state is AddonState.NOT_RUNNING


def _not_ready(key: str, reason: str = "") -> ConfigEntryNotReady:
    return ConfigEntryNotReady(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"reason": reason},
    )

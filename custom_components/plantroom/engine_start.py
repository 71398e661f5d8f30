"""Start a config entry's engine, and say what stands in the way."""

from dataclasses import replace
from typing import NoReturn

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryError,
    ConfigEntryNotReady,
    HomeAssistantError,
)

from .actor import configuring_user
from .alarm_words import with_words
from .client import EngineClient
from .const import CONF_FOLLOWS, CONNECTION, DOMAIN, SERVER
from .engine.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionLostError,
    PlantroomError,
)
from .engine.site_config import SiteConfig
from .error_translation import translated
from .server_issues import report_failure, solve_failures
from .site import entry_site


async def start_engine(
    hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
) -> None:
    """Start the client; raises what Home Assistant tells of an entry not set up."""
    try:
        await client.start(_wanted(hass, entry))
    except PlantroomError as err:
        report_failure(hass, entry, err)
        _refuse(entry, err)
    solve_failures(hass, entry)


def _wanted(hass: HomeAssistant, entry: ConfigEntry) -> SiteConfig | None:
    """Return what the engine is to serve; None: what it serves already."""
    if entry.data.get(CONF_FOLLOWS):
        return None
    try:
        site = with_words(hass, entry, entry_site(entry))
        return replace(site, changed_by=configuring_user())
    except ConfigurationError as err:
        _refuse(entry, err)


def _refuse(entry: ConfigEntry, err: PlantroomError) -> NoReturn:
    """Raise it in the form that says whether trying again, or a person, can help."""
    said = translated(err)
    kind: type[HomeAssistantError] = ConfigEntryNotReady
    key, facts = said.translation_key, said.translation_placeholders or {}
    match err:
        case ConfigurationError():
            kind, key = ConfigEntryError, "configuration_wrong"
        case AuthenticationError():
            kind = ConfigEntryAuthFailed
        case _ if entry.data[CONNECTION] != SERVER:
            key = "engine_cannot_start"
        case ConnectionLostError(code=ConnectionLostError.code):
            key = "server_unreachable"
    raise kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={
            **dict.fromkeys(("host", "port"), "?"),
            **facts,
            "reason": str(err),
        },
    ) from err

"""How the house speaks of alarms: its language, and what people call points and devices."""

from dataclasses import replace
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .engine.alarms.texts import AlarmWords
from .engine.site_config import SiteConfig

_TEXTS: Final = f"component.{DOMAIN}.selector.alarm_text.options."


@callback
def with_words(hass: HomeAssistant, entry: ConfigEntry, site: SiteConfig) -> SiteConfig:
    """Return a site whose alarms speak as the house does."""
    words = alarm_words(hass, entry, site)
    return replace(site, alarming=replace(site.alarming, words=words))


@callback
def alarm_words(
    hass: HomeAssistant, entry: ConfigEntry, site: SiteConfig
) -> AlarmWords:
    """Return texts in the house's language, and what people call things.

    The texts have to be loaded. Names are those that people gave, and of the points of
    rules those of their entities; all else is called as it calls itself.
    """
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    read = {point for rule in site.alarming.rules for point in rule.reads}
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    points = {
        each.unique_id: each.name or each.original_name or ""
        for each in entities
        if each.name or each.unique_id in read
    }
    names = points | _device_names(hass, entry)
    return AlarmWords(
        texts={
            key.removeprefix(_TEXTS): text
            for key, text in texts.items()
            if key.startswith(_TEXTS)
        },
        names={key: name for key, name in names.items() if name},
    )


def _device_names(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return what people renamed devices to, by the engine's id."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {
        name: device.name_by_user or ""
        for device in devices
        for domain, name in device.identifiers
        if domain == DOMAIN
    }

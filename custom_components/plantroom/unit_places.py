"""Where a Modbus device is, in the language of the house: "Unit 5 on Riser"."""

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)

from .const import CONF_NETWORK_ID, CONF_UNIT_ID, DOMAIN, SUBENTRY_LINE, SUBENTRY_UNIT

_KEY = f"component.{DOMAIN}.selector.modbus_place.options.unit_on_line"


async def load_place_texts(hass: HomeAssistant) -> None:
    """Have the texts ready before devices are registered."""
    await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])


@callback
def unit_place(hass: HomeAssistant, unit_id: int, line: str) -> str:
    """Return where a unit is."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    return texts[_KEY].format(unit=unit_id, line=line)


@callback
def place_of(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> str | None:
    """Return where a Modbus device is, None for a device of another protocol."""
    if subentry.subentry_type != SUBENTRY_UNIT:
        return None
    names = {
        item.data[CONF_NETWORK_ID]: item.title
        for item in entry.get_subentries_of_type(SUBENTRY_LINE)
    }
    network_id = subentry.data[CONF_NETWORK_ID]
    return unit_place(hass, subentry.data[CONF_UNIT_ID], names.get(network_id, ""))

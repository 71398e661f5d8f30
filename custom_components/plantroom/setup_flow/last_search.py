"""What the last search of each network found, until Home Assistant ends."""

from collections.abc import Sequence
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engine.models import FoundDevice

_FOUND: Final[HassKey[dict[str, tuple[FoundDevice, ...]]]] = HassKey(
    f"{DOMAIN}_last_search"
)


def keep_found(
    hass: HomeAssistant, network_id: str, found: Sequence[FoundDevice]
) -> None:
    """Remember what a search of the whole network found."""
    hass.data.setdefault(_FOUND, {})[network_id] = tuple(found)


def last_found(hass: HomeAssistant, network_id: str) -> tuple[FoundDevice, ...]:
    """Return what the last search found, nothing before the first."""
    return hass.data.get(_FOUND, {}).get(network_id, ())

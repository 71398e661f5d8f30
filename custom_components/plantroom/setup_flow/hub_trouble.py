"""What stands between us and a hub, in the language of the house."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)

from ..const import DOMAIN
from ..engine.secure_connect.models import SecureNetworkStatus

_TROUBLE: Final = f"component.{DOMAIN}.selector.hub_trouble.options."


async def hub_trouble(hass: HomeAssistant, status: SecureNetworkStatus) -> str:
    """Return the sentence about a hub that could not be joined."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    return _sentence(texts, status.reason, status.detail)


@callback
def cached_hub_trouble(hass: HomeAssistant, reason: str, detail: str) -> str:
    """Return the sentence, from what is loaded of the translations."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    return _sentence(texts, reason, detail)


def _sentence(texts: dict[str, str], reason: str, detail: str) -> str:
    said = texts.get(f"{_TROUBLE}{reason or 'hub_no_answer'}", reason)
    return f"{said} ({detail})" if detail else said

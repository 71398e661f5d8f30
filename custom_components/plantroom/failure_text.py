"""What went wrong, as a sentence for a dialogue in the language of the house."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .engine.errors import LineUnreachableError, PlantroomError
from .error_translation import translated
from .setup_flow.network_check import NetworkFaultError

type Failure = PlantroomError | NetworkFaultError | TimeoutError


async def failure_text(hass: HomeAssistant, err: Failure) -> str:
    """Return what a person reads of a failure and can do about it."""
    key, facts = _said(err)
    category, _, _ = key.partition(".")
    texts = await async_get_translations(hass, hass.config.language, category, [DOMAIN])
    if isinstance(err, LineUnreachableError):
        facts |= await _obstacle(hass, facts["reason"])
    text = texts.get(f"component.{DOMAIN}.{key}")
    return text.format(**facts) if text else str(err)


def _said(err: Failure) -> tuple[str, dict[str, str]]:
    """Return the text's key and the facts that it names."""
    if isinstance(err, NetworkFaultError):
        return f"config.error.{err.key}", {**err.placeholders}
    if isinstance(err, TimeoutError):
        return "exceptions.took_too_long.message", {}
    said = translated(err)
    facts = said.translation_placeholders or {}
    return f"exceptions.{said.translation_key}.message", {**facts}


async def _obstacle(hass: HomeAssistant, reason: str) -> dict[str, str]:
    """Return what stands in the way of a line, nothing for a reason without a text."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    text = texts.get(f"component.{DOMAIN}.selector.line_obstacle.options.{reason}")
    return {} if text is None else {"message": text}

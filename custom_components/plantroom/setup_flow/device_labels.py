"""What a person reads of a device that was found, in the language of the house."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.models import FoundDevice

_PREFIX = f"component.{DOMAIN}.selector.found_device.options."


async def device_labels(hass: HomeAssistant, found: Sequence[FoundDevice]) -> list[str]:
    """Return one line a device: "AHU-1 — Vendor Model, 35 points (instance 1, …)"."""
    texts = await _texts(hass)
    return [_label(texts, device) for device in found]


async def duplicates_hint(hass: HomeAssistant, found: Sequence[FoundDevice]) -> str:
    """Return a paragraph on what a duplicate is, "" where there is none."""
    if not any(device.duplicate_of for device in found):
        return ""
    return f"\n\n{(await _texts(hass))[_PREFIX + 'duplicates']}"


def device_title(found: FoundDevice) -> str:
    """Return name, vendor and model as far as the device said them."""
    maker = " ".join(part for part in (found.vendor, found.model) if part)
    return " — ".join(part for part in (found.name, maker) if part)


async def _texts(hass: HomeAssistant) -> dict[str, str]:
    return await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )


def _label(texts: dict[str, str], found: FoundDevice) -> str:
    facts = {
        "device": device_title(found) or str(found.instance),
        "instance": str(found.instance),
        "address": found.address,
        "points": str(found.points),
        "other": found.duplicate_of,
    }
    key = "without_points" if found.points is None else "with_points"
    label = texts[_PREFIX + key].format(**facts)
    if not found.duplicate_of:
        return label
    return texts[_PREFIX + "duplicate"].format(label=label, **facts)

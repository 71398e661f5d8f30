"""What a person reads of Modbus units and profiles, in the language of the house."""

from collections.abc import Sequence
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.modbus.csv_map import CsvFault
from ..engine.modbus.point_source import SUNSPEC
from ..engine.models import FoundDevice
from ..engine.requests import ProfileSummary

_SELECTOR: Final = f"component.{DOMAIN}.selector."
_UNIT: Final = f"{_SELECTOR}found_unit.options."
_FAULT: Final = f"{_SELECTOR}map_fault.options."
_KIND: Final = f"{_SELECTOR}profile_kind.options."

MOST_FAULTS: Final = 10


async def unit_labels(hass: HomeAssistant, found: Sequence[FoundDevice]) -> list[str]:
    """Return one line a unit: "Eastron SDM630, 26 points (unit 5)"."""
    texts = await _texts(hass)
    return [_unit_label(texts, unit) for unit in found]


async def unknown_units_hint(
    hass: HomeAssistant, unknown: Sequence[FoundDevice]
) -> str:
    """Return a paragraph on the units that no profile fits, "" where there are none."""
    if not unknown:
        return ""
    units = ", ".join(str(unit.instance) for unit in unknown)
    return "\n\n" + (await _texts(hass))[_UNIT + "no_profile"].format(units=units)


async def profile_labels(
    hass: HomeAssistant, profiles: Sequence[ProfileSummary]
) -> list[str]:
    """Return one line a profile: "Eastron — SDM630 (electricity meter, 26 points)"."""
    texts = await _texts(hass)
    return [
        texts[f"{_SELECTOR}profile.options.label"].format(
            maker=profile.maker,
            model=profile.model,
            kind=texts.get(_KIND + profile.kind, profile.kind),
            points=profile.points,
        )
        for profile in profiles
    ]


async def nameless_unit(hass: HomeAssistant) -> str:
    """Return what a unit is called that tells nothing of itself."""
    return (await _texts(hass))[_UNIT + "nameless"]


async def map_faults(hass: HomeAssistant, faults: Sequence[CsvFault]) -> str:
    """Return a list of the first things that are wrong with a map, "" for none."""
    texts = await _texts(hass)
    lines = [
        texts[f"{_FAULT}{'line' if fault.column else 'whole_line'}"].format(
            line=fault.line,
            column=fault.column,
            fault=texts[_FAULT + fault.code].format(value=fault.value),
        )
        for fault in faults[:MOST_FAULTS]
    ]
    if len(faults) > MOST_FAULTS:
        lines.append(texts[_FAULT + "more"].format(count=len(faults) - MOST_FAULTS))
    return "\n".join(f"- {line}" for line in lines)


def unit_name(found: FoundDevice) -> str:
    """Return what the device calls itself, or maker and model; "" for nothing."""
    maker = " ".join(part for part in (found.vendor, found.model) if part)
    return found.name or maker


async def _texts(hass: HomeAssistant) -> dict[str, str]:
    return await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )


def _unit_label(texts: dict[str, str], found: FoundDevice) -> str:
    key = "unknown"
    if found.profile:
        key = "sunspec" if found.profile == SUNSPEC else "known"
    if found.profile and found.points is None:
        key = "without_points"
    if found.profile and found.answers_every_id:
        key = "whatever_id"
    return texts[_UNIT + key].format(
        device=unit_name(found) or texts[_UNIT + "nameless"],
        unit=found.instance,
        points=found.points,
    )

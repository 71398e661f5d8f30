"""The dialogue of an alarm as a person goes through it."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.alarms.configuration import AlarmRule
from custom_components.plantroom.site import entry_site

from .entries import subentry
from .flow_steps import Walk
from .office import entity_id_of

NO_DELAY = {"hours": 0, "minutes": 0, "seconds": 0}
MORE = {"clear_delay_seconds": NO_DELAY, "faults": True, "ack_required": True}
USUAL: dict[str, Any] = {
    "delay_seconds": {"hours": 0, "minutes": 5, "seconds": 0},
    "severity": "high",
    "more": MORE,
}
HIGH: dict[str, Any] = {**USUAL, "high": 30, "deadband": 1}


async def start(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Begin to add alarms."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"), context={"source": SOURCE_USER}
    )


async def rule_form(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk, subject: Any, kind: str
) -> Any:
    """Return the form of a kind of rule on a point with an entity."""
    form = await walk.choose(await start(hass, entry), "by_entity")
    entity_id = entity_id_of(hass, subject.point_id)
    menu = await walk.answer(form, {"entity_id": entity_id})
    assert menu["step_id"] == "kind"
    return await walk.choose(menu, kind)


async def keep(walk: Walk, preview: Any) -> Any:
    """Keep what the preview shows."""
    assert preview["step_id"] == "preview", preview
    return await walk.choose(preview, "keep")


def only_rule(entry: ConfigEntry) -> AlarmRule:
    """Return the rule that there is."""
    (rule,) = entry_site(entry).alarming.rules
    return rule


async def change(hass: HomeAssistant, entry: ConfigEntry, unique_id: str) -> Any:
    """Return the form of a rule that is there."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, unique_id).subentry_id,
        },
    )

"""Lines of the logbook: what happened to an alarm, and whom it concerns."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback

from .alarms import EVENT_ALARM
from .const import DOMAIN

type Describe = Callable[[Event[Mapping[str, Any]]], dict[str, Any]]


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Describe], None],
) -> None:
    """Tell the logbook how to write our events."""
    async_describe_event(DOMAIN, EVENT_ALARM, _describe)


@callback
def _describe(event: Event[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the line: the device's name, what happened, the entity to open."""
    data = event.data
    return {
        LOGBOOK_ENTRY_NAME: data.get("device", ""),
        LOGBOOK_ENTRY_MESSAGE: data.get("message", data.get("text", "")),
        LOGBOOK_ENTRY_ENTITY_ID: data.get("entity_id") or None,
    }

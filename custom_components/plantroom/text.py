"""Texts: character strings that can be written."""

from typing import Any, override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .device_adapter import PlatformEntities
from .engine.models import PointValue
from .entity_table import EntityRow
from .point_entity import PointEntity, Shown
from .point_values import MAX_TEXT, shown_text
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Let people write texts."""
    entry.runtime_data.adapter.attach(
        PlatformEntities(platform=Platform.TEXT, point=PointText),
        async_add_entities,
    )


class PointText(PointEntity, TextEntity):
    """A character string that can be written."""

    _attr_native_max = MAX_TEXT

    @override
    def _take_row(self, row: EntityRow) -> None:
        """Nothing but its length limits a text."""

    @override
    def _shown(self, value: PointValue) -> Shown:
        return shown_text(value)

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_native_value = shown

    @override
    def value_of(self, given: Shown) -> PointValue:
        """Return whatever was given as a text."""
        return str(given)

    @override
    async def async_set_value(self, value: str) -> None:
        """Write the text."""
        await self.command(value)

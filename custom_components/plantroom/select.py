"""Selects: multi-state points that can be commanded."""

from typing import Any, override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .device_adapter import PlatformEntities
from .engine.models import PointValue
from .entity_table import EntityRow
from .error_translation import invalid_value
from .point_entity import PointEntity, Shown
from .point_values import option_of, state_of
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Let people choose a state."""
    entry.runtime_data.adapter.attach(
        PlatformEntities(platform=Platform.SELECT, point=PointSelect),
        async_add_entities,
    )


class PointSelect(PointEntity, SelectEntity):
    """A multi-state point that can be commanded."""

    @override
    def _take_row(self, row: EntityRow) -> None:
        self._attr_options = [*row.options]

    @override
    def _shown(self, value: PointValue) -> Shown:
        return option_of(value, self._row.options)

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_current_option = shown

    @override
    def value_of(self, given: Shown) -> PointValue:
        """Return the state, counted from 1, of an option or of its number."""
        state = state_of(given, self._row.options)
        if state is None:
            raise invalid_value(str(self.name), given)
        return state

    @override
    async def async_select_option(self, option: str) -> None:
        """Command the state that the option stands for."""
        await self.command(self.value_of(option))

"""Numbers: setpoints and analog outputs."""

import math
from typing import Any, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .device_adapter import PlatformEntities
from .engine.models import PointValue
from .entity_table import EntityRow
from .error_translation import invalid_value
from .point_entity import PointEntity, Shown
from .point_values import number_of, shown_number
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Let people set numbers."""
    entry.runtime_data.adapter.attach(
        PlatformEntities(platform=Platform.NUMBER, point=PointNumber),
        async_add_entities,
    )


class PointNumber(PointEntity, NumberEntity):
    """A number that can be commanded."""

    @override
    def _take_row(self, row: EntityRow) -> None:
        self._attr_native_unit_of_measurement = row.unit
        self._attr_device_class = (
            NumberDeviceClass(row.device_class) if row.device_class else None
        )
        self._attr_native_min_value = row.minimum
        self._attr_native_max_value = row.maximum
        self._attr_native_step = row.step
        self._decimals = max(0, math.ceil(-math.log10(row.step) - 1e-9)) + 1

    @override
    def _shown(self, value: PointValue) -> Shown:
        """Return the number to a tenth of its step: a valve at 6.717226 % is at 6.72."""
        number = shown_number(value)
        return round(number, self._decimals) if isinstance(number, float) else number

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_native_value = shown

    @override
    def value_of(self, given: Shown) -> PointValue:
        """Return a number in the device's own unit."""
        number = number_of(given)
        if number is None:
            raise invalid_value(str(self.name), given)
        return number

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Command the point."""
        await self.command(value)

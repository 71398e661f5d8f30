"""Switches: binary points that can be commanded, and maintenance."""

from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .device_adapter import PlatformEntities
from .engine.models import PointValue
from .entity_table import EntityRow
from .error_translation import invalid_value
from .maintenance_switch import MaintenanceSwitch
from .point_entity import PointEntity, Shown
from .point_values import shown_switch, switch_of
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Let people switch."""
    adapter = entry.runtime_data.adapter
    maintenance = partial(MaintenanceSwitch, adapter.alarm_board)
    adapter.attach(
        PlatformEntities(
            platform=Platform.SWITCH,
            site=(maintenance,),
            network=(maintenance,),
            device=(maintenance,),
            point=PointSwitch,
        ),
        async_add_entities,
    )


class PointSwitch(PointEntity, SwitchEntity):
    """A binary point that can be commanded."""

    @override
    def _take_row(self, row: EntityRow) -> None:
        """Nothing but on and off needs a description."""

    @override
    def _shown(self, value: PointValue) -> Shown:
        return shown_switch(value)

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_is_on = shown

    @override
    def value_of(self, given: Shown) -> PointValue:
        """Return on or off; the device's own texts are understood."""
        active = switch_of(given, self.point.states)
        if active is None:
            raise invalid_value(str(self.name), given)
        return active

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command the point active."""
        await self.command(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command the point inactive."""
        await self.command(False)

"""The step that names a unit and says how it is read and which points are wanted."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, override

import probatio
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import FlowContext, FlowResult, Required
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from ..const import CONF_POINTS, CONF_POLL_SECONDS, CONF_WRITABLE
from ..engine.modbus.configuration import ModbusDeviceConfig
from ..engine.modbus.registers.point_description import describe_point
from ..engine.models import Access, Point
from .device_form import ALL_POINTS, point_selector
from .modbus_map_steps import MapSteps

_POLL_SECONDS: Final = NumberSelector(
    NumberSelectorConfig(
        min=0.1,
        max=86400,
        step=0.1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="s",
    )
)


class SettingsSteps[C: FlowContext, R: FlowResult[Any, Any], H](MapSteps[C, R, H]):
    """The last step of a unit; ends in `_keep_unit`."""

    @abstractmethod
    async def _keep_unit(self, device: ModbusDeviceConfig) -> R:
        """End the flow with the device as described."""

    async def _known_points(self) -> list[Point]:
        """Return the points that can be chosen from, none where nobody knows them."""
        if self._values:
            return [point for point, _ in self._values]
        described = await self._points_described()
        return [describe_point(self._device.device_id, each) for each in described]

    @override
    async def async_step_settings(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for name, interval, points, and whether people may write."""
        if user_input is not None:
            return await self._keep_unit(_with_settings(self._device, user_input))
        points = await self._known_points()
        return self.async_show_form(
            step_id="settings",
            data_schema=settings_schema(self._device, self._title(), points),
            description_placeholders={
                "device": self._title(),
                "unit": str(self._device.unit_id),
                "line": self._line().name,
            },
        )


def settings_schema(
    device: ModbusDeviceConfig, name: str, points: Sequence[Point]
) -> probatio.Schema:
    """Return the form, filled with the device's settings."""
    schema: dict[Any, Any] = {
        probatio.Required(CONF_NAME, default=name): TextSelector(),
        probatio.Required(
            CONF_POLL_SECONDS, default=device.poll_seconds
        ): _POLL_SECONDS,
    }
    if points:
        chosen = [*(device.points or ())]
        schema |= {
            probatio.Required(
                ALL_POINTS, default=device.points is None
            ): BooleanSelector(),
            Required(
                CONF_POINTS,
                default=chosen,
                visible={"field": ALL_POINTS, "value": False},
            ): point_selector(points, chosen),
        }
    if any(point.access is Access.PLAIN for point in points):
        key = probatio.Required(CONF_WRITABLE, default=device.writable)
        schema[key] = BooleanSelector()
    return probatio.Schema(schema)


def _with_settings(
    device: ModbusDeviceConfig, answers: dict[str, Any]
) -> ModbusDeviceConfig:
    """Return the device with the answers; what was not asked stays as it was."""
    points = device.points
    if ALL_POINTS in answers:
        points = None if answers[ALL_POINTS] else tuple(answers[CONF_POINTS])
    return replace(
        device,
        name=answers[CONF_NAME].strip() or device.name,
        poll_seconds=answers[CONF_POLL_SECONDS],
        points=points,
        writable=answers.get(CONF_WRITABLE, device.writable),
    )

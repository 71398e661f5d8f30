"""Add a Modbus line to the engine, or change one."""

from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import (
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)

from ..engine.modbus.configuration import ModbusLineConfig
from ..modbus_subentries import line_config, line_subentry, lines_of
from ..setup_flow.engine_place import EnginePlace, place_of
from ..setup_flow.modbus_line_check import refuse_taken_endpoint, try_line
from ..setup_flow.modbus_line_form import line_from_form, line_schema
from ..setup_flow.modbus_line_steps import LineSteps
from ..setup_flow.network_check import NetworkFaultError
from ..setup_flow.network_form import NetworkFormError
from ..setup_flow.stopped_engine import stopped_engine
from ..subentries import add_subentries


class ModbusLineFlow(
    LineSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """A line is tried before it is kept."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the line."""
        return await self._ask_line("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change how the line is reached."""
        before = line_config(self._get_reconfigure_subentry().data)
        errors, placeholders = {}, {"line": before.name}
        if user_input is not None:
            try:
                after = line_from_form(before.network_id, user_input)
                return await self._change(before, after)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            except NetworkFaultError as err:
                errors, placeholders = {err.field: err.key}, err.placeholders
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                line_schema(before), user_input
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    @override
    def _place(self) -> EnginePlace:
        return place_of(self.hass, self._get_entry())

    @override
    def _other_lines(self) -> list[ModbusLineConfig]:
        return lines_of(self._get_entry())

    @override
    async def _take_units(self, units: list[ConfigSubentryData]) -> SubentryFlowResult:
        line = line_subentry(self._line())
        add_subentries(self.hass, self._get_entry(), units)
        return self.async_create_entry(
            title=line["title"], data=line["data"], unique_id=line["unique_id"]
        )

    async def _change(
        self, before: ModbusLineConfig, after: ModbusLineConfig
    ) -> SubentryFlowResult:
        """Keep the change; raises NetworkFaultError when it does not work."""
        if replace(after, name=before.name) == before:
            return self._keep(after)
        refuse_taken_endpoint(after, self._other_lines())
        async with stopped_engine(self.hass, self._get_entry()):
            await try_line(self._place(), after)
            return self._keep(after)

    def _keep(self, line: ModbusLineConfig) -> SubentryFlowResult:
        kept, subentry = self._get_reconfigure_subentry(), line_subentry(line)
        return self.async_update_and_abort(
            self._get_entry(), kept, title=subentry["title"], data=subentry["data"]
        )

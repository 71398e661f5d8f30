"""Add devices on a configured line, or change how one is served."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, Final, override

import probatio
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryData,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import BooleanSelector, SelectOptionDict

from ..client import EngineClient
from ..const import CONF_NETWORK_ID, CONF_UNIT_ID
from ..engine.energy.configuration import MeteringConfig
from ..engine.errors import ConnectionLostError
from ..engine.modbus.configuration import ModbusDeviceConfig, ModbusLineConfig
from ..engine.models import FoundDevice, Point
from ..failure_text import failure_text
from ..modbus_subentries import (
    changed_unit_data,
    line_of,
    lines_of,
    unit_config,
    unit_subentry,
)
from ..runtime import PlantroomConfigEntry
from ..setup_flow.metering_steps import MeteringSteps
from ..setup_flow.modbus_labels import unit_name
from ..setup_flow.modbus_line_form import UNIT_ID
from ..setup_flow.modbus_line_work import FAILURES
from ..setup_flow.modbus_orders import with_own_orders
from ..setup_flow.modbus_settings_steps import SettingsSteps
from ..setup_flow.modbus_source_steps import one_of
from ..setup_flow.modbus_unit_review import UnitReview
from ..site import device_unique_id
from ..subentries import add_subentries, configured_ids
from .device_dashboard import DeviceDashboardSteps

CONF_ANYWAY: Final = "anyway"


class ModbusDeviceFlow(
    UnitReview[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    SettingsSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    MeteringSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    DeviceDashboardSteps,
):
    """Units are asked by the engine that runs, which has the line."""

    _line_id: str = ""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the line, where there are several."""
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        lines = lines_of(entry)
        if not lines:
            return self.async_abort(reason="no_lines")
        if user_input is None and len(lines) > 1:
            return self.async_show_form(step_id="user", data_schema=_line_choice(lines))
        chosen = user_input or {CONF_NETWORK_ID: lines[0].network_id}
        self._line_id = chosen[CONF_NETWORK_ID]
        return self.async_show_menu(
            step_id="how",
            menu_options=self._unit_ways,
            description_placeholders={"line": self._line().name},
        )

    async def async_step_how(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose between a search and a unit id."""
        return await self.async_step_user({CONF_NETWORK_ID: self._line_id})

    async def async_step_by_unit(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask one unit id."""
        errors: dict[str, str] = {}
        if user_input is not None:
            error = await self._ask_unit(user_input)
            if error is None:
                return await self.async_step_source()
            errors = error
        schema = probatio.Schema(
            {
                probatio.Required(CONF_UNIT_ID): UNIT_ID,
                probatio.Required(CONF_ANYWAY, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id="by_unit",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={
                "line": self._line().name,
                "reason": self._failure,
            },
        )

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        subentry = self._get_reconfigure_subentry()
        self._device = with_own_orders(unit_config(subentry.data))
        self._line_id = self._device.network_id
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=[
                "settings",
                "previewing",
                "metering",
                "on_dashboard",
                "paste_map",
            ],
            description_placeholders={"device": subentry.title},
        )

    @override
    def _line(self) -> ModbusLineConfig:
        line = line_of(self._get_entry(), self._line_id)
        if line is None:
            raise AbortFlow("line_gone")
        return line

    @override
    def _line_engine(self) -> AbstractAsyncContextManager[EngineClient]:
        return _running_engine(self._get_entry())

    @override
    def _known_units(self) -> set[str | None]:
        return configured_ids(self._get_entry())

    @override
    def _refuse_units(self, chosen: Sequence[FoundDevice]) -> str | None:
        if not chosen:
            return "nothing_chosen"
        if len(chosen) > 1 and not all(unit.profile for unit in chosen):
            return "one_at_a_time"
        return None

    @override
    async def _go_on_with(self, chosen: list[FoundDevice]) -> SubentryFlowResult:
        if len(chosen) > 1:
            return await self._review(chosen)
        unit = chosen[0]
        self._describe_unit(unit.instance, unit_name(unit), unit.profile)
        return await (
            self.async_step_proposed() if unit.profile else self.async_step_source()
        )

    @override
    async def _take_units(self, units: list[ConfigSubentryData]) -> SubentryFlowResult:
        known = self._known_units()
        fresh = [unit for unit in units if unit["unique_id"] not in known]
        if not fresh:
            return self.async_abort(reason="already_configured")
        first, *rest = fresh
        add_subentries(self.hass, self._get_entry(), rest)
        return self.async_create_entry(
            title=first["title"], data=first["data"], unique_id=first["unique_id"]
        )

    @override
    async def _keep_unit(self, device: ModbusDeviceConfig) -> SubentryFlowResult:
        if self.source != SOURCE_RECONFIGURE:
            quantities = {point.quantity for point in await self._known_points()}
            return await self._offer_dashboard([(unit_subentry(device), quantities)])
        kept = self._get_reconfigure_subentry()
        return self.async_update_and_abort(
            self._get_entry(),
            kept,
            title=device.name or kept.title,
            data=changed_unit_data(kept.data, device),
        )

    @override
    async def _known_points(self) -> list[Point]:
        known = await super()._known_points()
        return known or [p for p in self._metered_points() if not p.derived_from]

    @override
    def _metering(self) -> MeteringConfig:
        return self._device.metering

    @override
    def _metered_points(self) -> list[Point]:
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return []
        return entry.runtime_data.client.mirror.points_of(self._device.device_id)

    @override
    async def _keep_metering(self, config: MeteringConfig) -> SubentryFlowResult:
        return await self._keep_unit(replace(self._device, metering=config))

    async def _ask_unit(self, answers: dict[str, Any]) -> dict[str, str] | None:
        """Begin with a unit; return the form's errors, None when it can be gone on."""
        unit_id = int(answers[CONF_UNIT_ID])
        if device_unique_id(self._line_id, unit_id) in self._known_units():
            return {CONF_UNIT_ID: "already_configured"}
        self._describe_unit(unit_id)
        try:
            found = await self._scan(unit_id, unit_id)
        except FAILURES as err:
            self._failure = await failure_text(self.hass, err)
            return None if answers[CONF_ANYWAY] else {"base": "scan_failed"}
        unit = next((each for each in found if each.instance == unit_id), None)
        if unit is None:
            return None if answers[CONF_ANYWAY] else {CONF_UNIT_ID: "no_answer"}
        self._describe_unit(unit_id, unit_name(unit), unit.profile)
        return None


@asynccontextmanager
async def _running_engine(entry: PlantroomConfigEntry) -> AsyncGenerator[EngineClient]:
    if entry.state is not ConfigEntryState.LOADED:
        raise ConnectionLostError("Plantroom is not running")
    yield entry.runtime_data.client


def _line_choice(lines: list[ModbusLineConfig]) -> probatio.Schema:
    options = [
        SelectOptionDict(value=line.network_id, label=line.name) for line in lines
    ]
    return probatio.Schema({probatio.Required(CONF_NETWORK_ID): one_of(options)})

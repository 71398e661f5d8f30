"""What a person can do about a repair from Home Assistant."""

from typing import Final

import probatio
from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from .alarm_rule_reports import RULE_WITHOUT_POINT
from .const import DOMAIN
from .engine.models import ProblemCode
from .gone_points import gone_entities
from .problem_reports import RENEWED
from .repair_alarm_rule import RuleWithoutPointFlow
from .repair_certificate import RenewCertificateFlow
from .repair_flow import DeviceRepairFlow
from .repair_gateway import GATEWAY_FLOWS
from .repair_meter import MeterReplacedFlow
from .repair_server import SERVER_FLOWS
from .repair_word_order import WordOrderFlow
from .site import device_id_of_subentry
from .subentries import device_subentries


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that mends an issue."""
    facts = data or {}
    entry = hass.config_entries.async_get_entry(str(facts.get("entry_id")))
    subject = str(facts.get("subject"))
    server_flow = SERVER_FLOWS.get(str(facts.get("code")))
    if entry is not None and server_flow is not None:
        return server_flow(entry)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return ConfirmRepairFlow()
    if facts.get("code") == RULE_WITHOUT_POINT:
        return RuleWithoutPointFlow(entry, subject)
    gateway_flow = GATEWAY_FLOWS.get(str(facts.get("code")))
    if gateway_flow is not None:
        return gateway_flow(entry, subject)
    if facts.get("code") in RENEWED:
        return RenewCertificateFlow(entry, subject)
    flow = _FLOWS.get(str(facts.get("code")))
    return ConfirmRepairFlow() if flow is None else flow(entry, subject)


class VanishedDeviceFlow(DeviceRepairFlow):
    """Remove a device that does not answer any more, or wait for it."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Let a person choose."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["remove", "wait"],
            description_placeholders=self._placeholders(),
        )

    async def async_step_remove(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Remove the device with all its entities."""
        for subentry, _ in [*device_subentries(self._entry)]:
            if device_id_of_subentry(subentry) == self._device_id:
                self.hass.config_entries.async_remove_subentry(
                    self._entry, subentry.subentry_id
                )
        return self.async_create_entry(data={})

    async def async_step_wait(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Keep device and entities, and say no more until it comes back."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, True)
        return self.async_abort(reason="waiting")


class GonePointsFlow(DeviceRepairFlow):
    """Remove the entities of points that a device no longer has."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Remove the entities once a person agreed."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=self._placeholders(),
            )
        mirror = self._entry.runtime_data.client.mirror
        registry = er.async_get(self.hass)
        for entity in gone_entities(self.hass, self._entry, mirror, self._device_id):
            registry.async_remove(entity.entity_id)
        return self.async_create_entry(data={})


_FLOWS: Final[dict[str, type[DeviceRepairFlow]]] = {
    ProblemCode.DEVICE_VANISHED: VanishedDeviceFlow,
    ProblemCode.METER_REPLACED: MeterReplacedFlow,
    ProblemCode.POINTS_GONE: GonePointsFlow,
    ProblemCode.UNIT_SILENT: VanishedDeviceFlow,
    ProblemCode.WORD_ORDER_SUSPECTED: WordOrderFlow,
}

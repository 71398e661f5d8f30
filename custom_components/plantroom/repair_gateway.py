"""What a person can do about an event subscription that does not do its work."""

from collections import Counter
from typing import ClassVar, Final

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
)
from homeassistant.data_entry_flow import AbortFlow, FlowResultType
from homeassistant.helpers import issue_registry as ir

from .const import CONF_STORE_ID, DOMAIN
from .engine.errors import PlantroomError
from .gateway_reports import GatewayIssue
from .gateway_subentries import event_store_unique_id, subscription
from .runtime import PlantroomConfigEntry

REASONS_SHOWN: Final = 5
_CHANGES: Final = ["change_store", "change_subscription"]


class SubscriptionRepairFlow(RepairsFlow):
    """What repairs of a subscription share; subentry_id: its own."""

    def __init__(self, entry: PlantroomConfigEntry, subentry_id: str) -> None:
        """Take the subscription."""
        self._entry = entry
        self._subentry_id = subentry_id

    def _placeholders(self) -> dict[str, str]:
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return (issue.translation_placeholders if issue else None) or {}

    def _subentry(self) -> ConfigSubentry:
        found = self._entry.subentries.get(self._subentry_id)
        if found is None:
            raise AbortFlow("subscription_gone")
        return found

    def _subscription_id(self) -> str:
        return subscription(self._subentry().data).subscription_id

    def _failed(self, err: PlantroomError) -> RepairsFlowResult:
        return self.async_abort(
            reason="failed", description_placeholders={"message": str(err)}
        )

    async def _open(self, item: ConfigSubentry) -> RepairsFlowResult:
        """Go on in the dialogue that changes a subentry; the issue stays meanwhile."""
        flow = await self.hass.config_entries.subentries.async_init(
            (self._entry.entry_id, item.subentry_type),
            context={
                "source": SOURCE_RECONFIGURE,
                "subentry_id": item.subentry_id,
            },
        )
        if flow["type"] is FlowResultType.ABORT:
            return self.async_abort(reason="changed_elsewhere")
        return self.async_abort(
            reason="changing",
            next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"]),
        )


class SilentStoreFlow(SubscriptionRepairFlow):
    """Change how the events are reached."""

    _ways: ClassVar[list[str]] = _CHANGES

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Let a person choose."""
        return self.async_show_menu(
            step_id="init",
            menu_options=self._ways,
            description_placeholders=self._placeholders(),
        )

    async def async_step_change_store(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Open the dialogue of the event store."""
        unique_id = event_store_unique_id(self._subentry().data[CONF_STORE_ID])
        for item in self._entry.subentries.values():
            if item.unique_id == unique_id:
                return await self._open(item)
        raise AbortFlow("subscription_gone")

    async def async_step_change_subscription(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Open the dialogue of the subscription."""
        return await self._open(self._subentry())


class StoppedSubscriptionFlow(SilentStoreFlow):
    """Change what is wrong, or try again once it was mended elsewhere."""

    _ways: ClassVar[list[str]] = [*_CHANGES, "try_again"]

    async def async_step_try_again(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Go on as it is; what is still wrong becomes an issue again."""
        try:
            await self._entry.runtime_data.client.resume_subscription(
                self._subscription_id()
            )
        except PlantroomError as err:
            return self._failed(err)
        return self.async_create_entry(data={})


class ParkedEventsFlow(SubscriptionRepairFlow):
    """Try the events again that could not be used."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show why they were put aside, and replay them once a person agreed."""
        client = self._entry.runtime_data.client
        subscription_id = self._subscription_id()
        try:
            if user_input is not None:
                await client.replay_parked(subscription_id)
                return self.async_create_entry(data={})
            parked = await client.parked_events(subscription_id)
        except PlantroomError as err:
            return self._failed(err)
        reasons = Counter(
            f"{each.event_type}: {each.reason.partition(':')[0]}" for each in parked
        )
        told = [f"- {why} ({n})" for why, n in reasons.most_common(REASONS_SHOWN)]
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            description_placeholders={
                **self._placeholders(),
                "reasons": "\n".join(told) or "-",
            },
        )


GATEWAY_FLOWS: Final[dict[str, type[SubscriptionRepairFlow]]] = {
    GatewayIssue.STOPPED: StoppedSubscriptionFlow,
    GatewayIssue.STORE_SILENT: SilentStoreFlow,
    GatewayIssue.PARKED: ParkedEventsFlow,
}

"""The steps that add rules that suit a device: those its profile or itself suggests."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentryData, SubentryFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..alarm_rules import alarm_rule_subentry, alarm_rule_unique_id
from ..engine.alarms.configuration import AlarmRule
from ..engine.errors import PlantroomError
from ..failure_text import failure_text
from ..subentries import configured_ids
from .alarm_flow import AlarmFlow

CONF_DEVICE: Final = "device"
CONF_RULES: Final = "rules"
SUGGESTION_SECONDS: Final = 60.0


class SuggestionSteps(AlarmFlow):
    """Choose a device, tick what fits; ends in `_take_suggestions`."""

    def __init__(self) -> None:
        """Start with nothing suggested."""
        super().__init__()
        self._suggested: list[ConfigSubentryData] = []
        self._suggesting = ""

    @abstractmethod
    async def _take_suggestions(
        self, chosen: Sequence[ConfigSubentryData]
    ) -> SubentryFlowResult:
        """End the flow with rules, one at least."""

    async def async_step_suggestions(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which device, then ask the engine what suits it."""
        error, reason = None, ""
        if user_input is not None:
            try:
                rules = await self._ask_engine(user_input[CONF_DEVICE])
            except (PlantroomError, TimeoutError) as err:
                error, reason = "suggestions_failed", await failure_text(self.hass, err)
            else:
                error = await self._take_rules(rules)
                if error is None:
                    return await self.async_step_checklist()
        schema = probatio.Schema(
            {probatio.Required(CONF_DEVICE): self._device_selector()}
        )
        return self.async_show_form(
            step_id="suggestions",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors={"base": error} if error else {},
            description_placeholders={"reason": reason},
        )

    async def async_step_checklist(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let a person tick what is wanted."""
        errors: dict[str, str] = {}
        if user_input is not None:
            wanted = set(user_input[CONF_RULES])
            chosen = [item for item in self._suggested if item["unique_id"] in wanted]
            if chosen:
                return await self._take_suggestions(chosen)
            errors[CONF_RULES] = "nothing_chosen"
        titles = await self._titles()
        return self.async_show_form(
            step_id="checklist",
            data_schema=_checklist(self._suggested),
            errors=errors,
            description_placeholders={"device": titles.device_name(self._suggesting)},
        )

    async def _ask_engine(self, device_id: str) -> tuple[AlarmRule, ...]:
        self._suggesting = device_id
        async with asyncio.timeout(SUGGESTION_SECONDS):
            return await self._client.alarm_suggestions(device_id)

    async def _take_rules(self, rules: Sequence[AlarmRule]) -> str | None:
        """Remember the rules that are news; return the form's error, None for some."""
        known = configured_ids(self._entry)
        fresh = [r for r in rules if alarm_rule_unique_id(r.rule_id) not in known]
        titles = await self._titles()
        self._suggested = [alarm_rule_subentry(rule, titles.of(rule)) for rule in fresh]
        if not rules:
            return "no_suggestions"
        return None if fresh else "all_suggestions_taken"


def _checklist(suggested: Sequence[ConfigSubentryData]) -> probatio.Schema:
    options = [
        SelectOptionDict(value=str(item["unique_id"]), label=item["title"])
        for item in suggested
    ]
    selector = SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=True, mode=SelectSelectorMode.LIST
        )
    )
    default = [option["value"] for option in options]
    return probatio.Schema({probatio.Required(CONF_RULES, default=default): selector})

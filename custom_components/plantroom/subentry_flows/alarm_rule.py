"""Add alarms of our own on points, change one, or take those that suit a device."""

from collections.abc import Sequence
from typing import Any, Final, override

import probatio
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig

from ..alarm_rules import alarm_rule, alarm_rule_data, alarm_rule_unique_id
from ..engine.alarms.configuration import AlarmRule
from ..setup_flow.alarm_rule_steps import RuleSteps
from ..setup_flow.alarm_suggestion_steps import CONF_DEVICE, SuggestionSteps
from ..setup_flow.point_choice import point_entity_ids, point_id_selector
from ..subentries import add_subentries, device_subentries

CONF_ENTITY: Final = "entity_id"
CONF_POINT: Final = "point"


class AlarmRuleFlow(RuleSteps, SuggestionSteps):
    """A rule is about one point; the running engine takes it without a reload."""

    def __init__(self) -> None:
        """Start without a device."""
        super().__init__()
        self._device_id = ""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose how the point is found."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if not [*device_subentries(self._entry)]:
            return self.async_abort(reason="no_devices")
        return self.async_show_menu(
            step_id="user", menu_options=["by_entity", "by_device", "suggestions"]
        )

    async def async_step_by_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose a point by its entity."""
        entities = point_entity_ids(
            self.hass, self._entry, self._mirror, lambda _: True
        )
        if not entities:
            return await self.async_step_by_device()
        if user_input is not None:
            for point_id, entity_id in entities.items():
                if entity_id == user_input[CONF_ENTITY]:
                    return await self._ask_kind(self._mirror.points[point_id])
        selector = EntitySelector(
            EntitySelectorConfig(include_entities=[*entities.values()])
        )
        return self.async_show_form(
            step_id="by_entity",
            data_schema=probatio.Schema({probatio.Required(CONF_ENTITY): selector}),
        )

    async def async_step_by_device(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the device of a point."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._device_id = user_input[CONF_DEVICE]
            if self._mirror.points_of(self._device_id):
                return await self.async_step_point()
            errors[CONF_DEVICE] = "no_points"
        return self.async_show_form(
            step_id="by_device",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_DEVICE): self._device_selector()}
            ),
            errors=errors,
        )

    async def async_step_point(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose one of the device's points, with an entity or without."""
        if user_input is not None:
            point = self._mirror.points.get(user_input[CONF_POINT])
            if point is None:
                return self.async_abort(reason="point_gone")
            return await self._ask_kind(point)
        points = self._mirror.points_of(self._device_id)
        titles = await self._titles()
        return self.async_show_form(
            step_id="point",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_POINT): point_id_selector(points)}
            ),
            description_placeholders={"device": titles.device_name(self._device_id)},
        )

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule; its point and its kind stay."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        self._rule = alarm_rule(self._get_reconfigure_subentry().data)
        self._rule_id, self._point_id = self._rule.rule_id, self._rule.point_id
        self._keep_fresh(self._point_id)
        return await self.describe(self._rule.kind)

    @override
    async def _take_rule(self, rule: AlarmRule, title: str) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=title,
                data=alarm_rule_data(rule),
            )
        return self.async_create_entry(
            title=title,
            data=alarm_rule_data(rule),
            unique_id=alarm_rule_unique_id(rule.rule_id),
        )

    @override
    async def _take_suggestions(
        self, chosen: Sequence[ConfigSubentryData]
    ) -> SubentryFlowResult:
        first, *rest = chosen
        add_subentries(self.hass, self._get_entry(), rest)
        return self.async_create_entry(
            title=first["title"], data=first["data"], unique_id=first["unique_id"]
        )

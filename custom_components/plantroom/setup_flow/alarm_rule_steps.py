"""The steps that say what is an alarm, and show what it would say."""

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from homeassistant.config_entries import SubentryFlowResult

from ..alarm_options import default_severity
from ..engine.alarms.configuration import AlarmRule, RuleKind
from ..engine.alarms.texts import FIELDS
from ..engine.errors import ConfigurationError
from ..engine.models import Point
from .alarm_flow import AlarmFlow
from .alarm_kinds import is_number, kinds_of, may_command
from .alarm_preview import preview_facts
from .alarm_rule_form import (
    ENABLE,
    RuleDraft,
    error_at,
    rule_from_form,
    rule_schema,
    unit_of,
)
from .enabling_form import enabling_from_form, enabling_schema
from .point_choice import PointChoice

type _Step = Callable[
    [RuleSteps, dict[str, Any] | None], Coroutine[Any, Any, SubentryFlowResult]
]


def _kind_step(kind: RuleKind) -> _Step:
    async def step(
        flow: RuleSteps, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        return await flow.describe(kind)

    return step


class RuleSteps(AlarmFlow):
    """Ask for the kind, its limits and its text; ends in `_take_rule`."""

    def __init__(self) -> None:
        """Start without a point."""
        super().__init__()
        self._point_id = ""
        self._kind = RuleKind.HIGH
        self._rule_id = uuid4().hex[:12]
        # What the form shows: the rule that is changed, then what was answered
        self._rule: AlarmRule | None = None
        self._enabling_id = ""

    @abstractmethod
    async def _take_rule(self, rule: AlarmRule, title: str) -> SubentryFlowResult:
        """End the flow with a rule."""

    async def _ask_kind(self, point: Point) -> SubentryFlowResult:
        self._point_id = point.point_id
        self._keep_fresh(point.point_id)
        return await self.async_step_kind()

    async def async_step_kind(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer the kinds that the point can have."""
        point = self._mirror.points.get(self._point_id)
        if point is None:
            return self.async_abort(reason="point_gone")
        titles = await self._titles()
        return self.async_show_menu(
            step_id="kind",
            menu_options=[kind.value for kind in kinds_of(point)],
            description_placeholders={
                "point": titles.point_name(point.point_id),
                "device": titles.device_name(point.device_id),
            },
        )

    async_step_high: Final = _kind_step(RuleKind.HIGH)
    async_step_low: Final = _kind_step(RuleKind.LOW)
    async_step_out_of_range: Final = _kind_step(RuleKind.OUT_OF_RANGE)
    async_step_state: Final = _kind_step(RuleKind.STATE)
    async_step_multi_state: Final = _kind_step(RuleKind.MULTI_STATE)
    async_step_change: Final = _kind_step(RuleKind.CHANGE)
    async_step_stale: Final = _kind_step(RuleKind.STALE)
    async_step_deviation: Final = _kind_step(RuleKind.DEVIATION)
    async_step_command_mismatch: Final = _kind_step(RuleKind.COMMAND_MISMATCH)

    async def describe(self, kind: RuleKind) -> SubentryFlowResult:
        """Go on with the form of a kind."""
        self._kind = kind
        return await self.async_step_rule()

    async def async_step_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for limits, delay, severity and text."""
        titles = await self._titles()
        draft = self._draft(titles.switch)
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                rule = rule_from_form(draft, user_input, None)
            except ConfigurationError as err:
                field, error = error_at(err.facts["field"])
                errors[field] = error
            else:
                return await self._take_answers(draft, rule, user_input)
        point = draft.point
        return self.async_show_form(
            step_id="rule",
            data_schema=self.add_suggested_values_to_schema(
                rule_schema(draft), user_input
            ),
            errors=errors,
            description_placeholders={
                "kind": titles.text(f"alarm_kind.options.{draft.kind.value}"),
                "point": titles.point_name(draft.point_id),
                "device": titles.device_name(draft.device_id),
                "unit": unit_of(point) or "-",
                "fields": ", ".join(f"{{{name}}}" for name in FIELDS),
            },
        )

    async def async_step_enabling(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask while what the rule counts."""
        rule = self._asked_rule()
        point = self._mirror.points.get(self._enabling_id)
        if point is None:
            return self.async_abort(reason="point_gone")
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                enable = enabling_from_form(point, user_input)
            except ValueError:
                errors["value"] = "bad_state"
            else:
                self._rule = replace(rule, enable=enable)
                return await self.async_step_preview()
        known = rule.enable
        before = known if known and known.point_id == point.point_id else None
        titles = await self._titles()
        schema = enabling_schema(point, before, titles.switch)
        return self.async_show_form(
            step_id="enabling",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"point": titles.point_name(point.point_id)},
        )

    async def async_step_preview(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the alarm would say, with the values of this moment."""
        rule = self._asked_rule()
        self._keep_fresh(*rule.reads)
        return self.async_show_menu(
            step_id="preview",
            menu_options=["keep", "preview", "rule"],
            description_placeholders=preview_facts(rule, await self._titles()),
        )

    async def async_step_keep(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the rule."""
        rule = self._asked_rule()
        return await self._take_rule(rule, (await self._titles()).of(rule))

    async def _take_answers(
        self, draft: RuleDraft, rule: AlarmRule, answers: dict[str, Any]
    ) -> SubentryFlowResult:
        before = self._rule.enable if self._rule else None
        self._enabling_id = draft.enabling.chosen(ENABLE, answers)
        known = before is not None and before.point_id == self._enabling_id
        self._rule = replace(rule, enable=before if known else None)
        if self._enabling_id in self._mirror.points:
            return await self.async_step_enabling()
        return await self.async_step_preview()

    def _draft(self, switch: tuple[str, str]) -> RuleDraft:
        point = self._mirror.points.get(self._point_id)
        return RuleDraft(
            rule_id=self._rule_id,
            kind=self._kind,
            point_id=self._point_id,
            point=point,
            severity=default_severity(self._entry.options),
            switch=switch,
            others=self._choice(lambda each: _fits(self._kind, point, each)),
            enabling=self._choice(lambda _: True),
            before=self._rule,
        )

    def _choice(self, accepts: Callable[[Point], bool]) -> PointChoice:
        return PointChoice(self.hass, self._entry, self._mirror, accepts)

    def _asked_rule(self) -> AlarmRule:
        if self._rule is None:
            raise RuntimeError("This step comes after the form")
        return self._rule


def _fits(kind: RuleKind, point: Point | None, other: Point) -> bool:
    """Return whether a point can be held against another by a kind of rule."""
    if kind is RuleKind.DEVIATION:
        return is_number(other)
    return point is None or may_command(point, other)

"""The form of an alarm rule: only the fields that its kind has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DurationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..engine.alarms.configuration import AlarmRule, EnableCondition, RuleKind
from ..engine.alarms.models import Severity
from ..engine.bacnet.names.unit_symbols import symbol_of
from ..engine.checks import require
from ..engine.models import Point, PointValue
from .alarm_kinds import fields_of, usual_delay
from .alarm_states import state_key, state_options, state_selector, state_values
from .durations import duration_of, seconds_of
from .point_choice import PointChoice

MORE: Final = "more"
OTHER: Final = "other"
ENABLE: Final = "enable"
_STATES: Final = ("alarm_states", "fault_states")
# The form's fields where the engine's have other names, or stand in a section
_SHOWN_AT: Final = {
    "other_point_id": f"{OTHER}_entity",
    "enable": f"{ENABLE}_entity",
    "clear_delay_seconds": "base",
}
_DURATION: Final = DurationSelector()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """What is known of a rule before its form: all but the person's answers.

    point: None while its device has not been read. before: the rule that is changed.
    switch: off and on in the person's language.
    """

    rule_id: str
    kind: RuleKind
    point_id: str
    point: Point | None
    severity: Severity
    switch: tuple[str, str]
    others: PointChoice
    enabling: PointChoice
    before: AlarmRule | None = None

    @property
    def device_id(self) -> str:
        """Return the id of the point's device."""
        return self.point_id.rpartition(":")[0]


def rule_schema(draft: RuleDraft) -> probatio.Schema:
    """Return the form, filled with the rule that is changed."""
    before, own = draft.before, [draft.point_id]
    fields: dict[Any, Any] = {}
    for name in fields_of(draft.kind, draft.point):
        if name == OTHER:
            chosen = before.other_point_id if before else ""
            fields |= draft.others.fields(OTHER, draft.device_id, chosen, but=own)
        elif name in _STATES:
            fields |= _state_field(draft, name)
        else:
            fields |= _number_field(draft, name)
    if draft.kind is not RuleKind.CHANGE:
        seconds = before.delay_seconds if before else usual_delay(draft.kind)
        fields[_required("delay_seconds", duration_of(seconds))] = _DURATION
    severity = before.severity if before else draft.severity
    fields[_required("severity", severity.value)] = SEVERITY
    fields[_optional("text", before.text if before else None)] = TextSelector(
        TextSelectorConfig(multiline=False)
    )
    enable = before.enable.point_id if before and before.enable else ""
    fields |= draft.enabling.fields(ENABLE, draft.device_id, enable)
    fields[probatio.Required(MORE)] = section(_more(draft), {"collapsed": True})
    return probatio.Schema(fields)


def rule_from_form(
    draft: RuleDraft, answers: Mapping[str, Any], enable: EnableCondition | None
) -> AlarmRule:
    """Return the rule described; raises ConfigurationError, which names the field."""
    more = answers[MORE]
    states: dict[str, tuple[PointValue, ...]] = {
        name: _states(draft, name, answers) for name in _STATES if name in answers
    }
    both = set(states.get("alarm_states", ())) & set(states.get("fault_states", ()))
    require(not both, "fault_states", "are alarm states too")
    numbers = {
        name: float(answers[name])
        for name in ("low", "high", "deadband", "tolerance")
        if name in answers
    }
    return AlarmRule(
        rule_id=draft.rule_id,
        kind=draft.kind,
        point_id=draft.point_id,
        severity=Severity(answers["severity"]),
        other_point_id=draft.others.chosen(OTHER, answers),
        delay_seconds=seconds_of(answers.get("delay_seconds")),
        clear_delay_seconds=seconds_of(more.get("clear_delay_seconds")),
        enable=enable,
        text=answers.get("text", "").strip(),
        faults=more.get("faults", True),
        ack_required=more["ack_required"],
        alarm_states=states.get("alarm_states", ()),
        fault_states=states.get("fault_states", ()),
        **numbers,
    )


def error_at(field: str) -> tuple[str, str]:
    """Return where a form shows that a rule's field is wrong, and the error's key."""
    return _SHOWN_AT.get(field, field), f"bad_{field}"


def unit_of(point: Point | None) -> str:
    """Return the symbol of a point's unit, "" without one."""
    return (symbol_of(point.unit) or "") if point and point.unit else ""


SEVERITY: Final = SelectSelector(
    SelectSelectorConfig(
        options=[severity.value for severity in Severity],
        mode=SelectSelectorMode.DROPDOWN,
        translation_key="severity",
    )
)


def number_selector(point: Point | None, least: float | None = None) -> NumberSelector:
    """Return a field for a number in a point's unit."""
    config = NumberSelectorConfig(mode=NumberSelectorMode.BOX, step="any")
    if least is not None:
        config["min"] = least
    if unit := unit_of(point):
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _number_field(draft: RuleDraft, name: str) -> dict[Any, Any]:
    shown = getattr(draft.before, name) if draft.before else None
    if name in ("low", "high"):
        key = probatio.Required(name, description={"suggested_value": shown})
        return {key: number_selector(draft.point)}
    return {_required(name, shown or 0.0): number_selector(draft.point, 0)}


def _state_field(draft: RuleDraft, name: str) -> dict[Any, Any]:
    chosen: tuple[PointValue, ...] = getattr(draft.before, name) if draft.before else ()
    keys = [state_key(draft.point, value) for value in chosen]
    options = state_options(draft.point, draft.switch)
    return {probatio.Optional(name, default=keys): state_selector(options, keys)}


def _states(
    draft: RuleDraft, name: str, answers: Mapping[str, Any]
) -> tuple[PointValue, ...]:
    try:
        return state_values(draft.point, answers[name])
    except ValueError:
        require(False, name, "name no state")
        raise


def _more(draft: RuleDraft) -> probatio.Schema:
    """Return what few rules need."""
    before, kind = draft.before, draft.kind
    fields: dict[Any, Any] = {}
    if kind is not RuleKind.CHANGE:
        seconds = before.clear_delay_seconds if before else 0.0
        fields[_required("clear_delay_seconds", duration_of(seconds))] = _DURATION
    if kind not in (RuleKind.CHANGE, RuleKind.STALE):
        faults = before.faults if before else True
        fields[_required("faults", faults)] = BooleanSelector()
    ack_required = before.ack_required if before else True
    fields[_required("ack_required", ack_required)] = BooleanSelector()
    return probatio.Schema(fields)


def _required(name: str, shown: Any) -> probatio.Required:
    return probatio.Required(name, default=shown)


def _optional(name: str, shown: str | None) -> probatio.Optional:
    return probatio.Optional(name, description={"suggested_value": shown or None})

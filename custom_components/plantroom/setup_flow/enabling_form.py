"""The form that says while what a rule counts."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..engine.alarms.configuration import Comparison, EnableCondition
from ..engine.models import Point, PointKind
from .alarm_kinds import is_number
from .alarm_rule_form import number_selector
from .alarm_states import state_key, state_options, state_selector, state_value

_SAME: Final = (Comparison.EQUAL, Comparison.NOT_EQUAL)


def enabling_schema(
    point: Point, before: EnableCondition | None, switch: tuple[str, str]
) -> probatio.Schema:
    """Return the form; before: what is changed. switch: off and on, as people say."""
    comparisons = [c for c in Comparison if is_number(point) or c in _SAME]
    usual = Comparison.ABOVE if is_number(point) else Comparison.EQUAL
    comparison = before.comparison if before else usual
    return probatio.Schema(
        {
            probatio.Required("comparison", default=comparison.value): SelectSelector(
                SelectSelectorConfig(
                    options=[c.value for c in comparisons],
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key="comparison",
                )
            ),
            probatio.Required(
                "value",
                description={"suggested_value": _shown(point, before)},
            ): _value_selector(point, before, switch),
        }
    )


def enabling_from_form(point: Point, answers: Mapping[str, Any]) -> EnableCondition:
    """Return the condition described; raises ValueError for a state that is none."""
    value = answers["value"]
    return EnableCondition(
        point_id=point.point_id,
        comparison=Comparison(answers["comparison"]),
        value=float(value) if is_number(point) else state_value(point, value),
    )


def _shown(point: Point, before: EnableCondition | None) -> Any:
    if before is None:
        # Most rules count while something runs
        return "1" if point.kind is PointKind.BINARY else None
    return before.value if is_number(point) else state_key(point, before.value)


def _value_selector(
    point: Point, before: EnableCondition | None, switch: tuple[str, str]
) -> Any:
    if is_number(point):
        return number_selector(point)
    if point.kind is PointKind.TEXT:
        return TextSelector()
    keys = [state_key(point, before.value)] if before else []
    return state_selector(state_options(point, switch), keys, multiple=False)

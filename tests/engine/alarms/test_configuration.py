"""A rule that cannot work is refused, with the field to mend."""

from typing import Any

import pytest

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRoute,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Severity
from custom_components.plantroom.engine.errors import ConfigurationError

from .ruled import rule

RANGE = {"low": 5.0, "high": 26.0}


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        (RuleKind.HIGH, {}, "high"),
        (RuleKind.HIGH, {"high": float("nan")}, "high"),
        (RuleKind.HIGH, {"high": True}, "high"),
        (RuleKind.LOW, {"high": 5.0}, "low"),
        (RuleKind.OUT_OF_RANGE, {"low": 5.0}, "high"),
        (RuleKind.OUT_OF_RANGE, {"low": 26.0, "high": 26.0}, "high"),
        (RuleKind.OUT_OF_RANGE, RANGE | {"deadband": 22.0}, "deadband"),
        (RuleKind.HIGH, RANGE | {"deadband": -1.0}, "deadband"),
        (RuleKind.STATE, {}, "alarm_states"),
        (RuleKind.STATE, {"alarm_states": tuple(range(257))}, "alarm_states"),
        (RuleKind.DEVIATION, {"tolerance": 1.0}, "other_point_id"),
        (RuleKind.DEVIATION, {"other_point_id": "n:1:x"}, "tolerance"),
        (
            RuleKind.DEVIATION,
            {"other_point_id": "n:1:x", "tolerance": 1.0, "deadband": 1.5},
            "deadband",
        ),
        (RuleKind.COMMAND_MISMATCH, {}, "other_point_id"),
        (RuleKind.STALE, {"rule_id": ""}, "rule_id"),
        (RuleKind.STALE, {"point_id": ""}, "point_id"),
        (RuleKind.STALE, {"delay_seconds": -1}, "delay_seconds"),
        (RuleKind.STALE, {"clear_delay_seconds": 1e9}, "clear_delay_seconds"),
        (RuleKind.STALE, {"text": "{value.__class__}"}, "text"),
    ],
)
def test_rule_without_what_its_kind_needs_is_refused(
    kind: RuleKind, facts: dict[str, Any], field: str
):
    with pytest.raises(ConfigurationError) as caught:
        rule(kind, **facts)
    assert caught.value.facts["field"] == field


def test_enabling_point_is_put_in_order_with_numbers_only():
    with pytest.raises(ConfigurationError):
        EnableCondition(point_id="n:1:x", comparison=Comparison.ABOVE, value="open")
    with pytest.raises(ConfigurationError):
        EnableCondition(point_id="", comparison=Comparison.EQUAL, value=1)


def test_rule_reads_all_its_points_once():
    enable = EnableCondition(point_id="n:1:x", comparison=Comparison.EQUAL, value=True)
    asked = rule(
        RuleKind.DEVIATION, other_point_id="n:1:x", tolerance=1.0, enable=enable
    )
    assert asked.reads == (asked.point_id, "n:1:x")


def test_ids_and_routes_are_given_once():
    with pytest.raises(ConfigurationError):
        AlarmingConfig(rules=(rule(RuleKind.STALE), rule(RuleKind.CHANGE)))
    route = AlarmRoute(severity=Severity.HIGH, targets=("a",))
    with pytest.raises(ConfigurationError):
        AlarmingConfig(routes=(route, route))
    routed = AlarmingConfig(routes=(route,))
    assert routed.targets_of(Severity.HIGH) == ("a",)
    assert routed.targets_of(Severity.LOW) == ()

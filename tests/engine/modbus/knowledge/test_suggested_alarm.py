"""A profile's alarms are rules: none that cannot work, and of each device its own."""

from typing import Any

import pytest

from custom_components.plantroom.engine.alarms.configuration import RuleKind
from custom_components.plantroom.engine.alarms.models import Severity
from custom_components.plantroom.engine.alarms.rules import bind
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.modbus.knowledge.profile import DeviceProfile
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    profile_from_dict,
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED
from custom_components.plantroom.engine.modbus.registers.point_description import (
    describe_point,
)

FILTER: dict[str, Any] = {
    "key": "filter",
    "point": "filter",
    "kind": "state",
    "alarm_states": ["Dirty"],
    "severity": "low",
    "text": "{device}: change the filter",
}
PROFILES = [
    profile
    for profile in map(read_profile, sorted(SHIPPED.glob("*.json")))
    if profile.alarms
]


def profile_with(*alarms: object) -> DeviceProfile:
    return profile_from_dict(
        {
            "id": "acme-fan",
            "maker": "Acme",
            "model": "Fan",
            "kind": "air_handler",
            "source": {"document": "Acme Fan, register list"},
            "points": [
                {
                    "key": "filter",
                    "name": "Filter",
                    "address": 0,
                    "states": {"0": "Clean", "4": "Dirty"},
                },
                {"key": "speed", "name": "Speed", "address": 1},
            ],
            "alarms": list(alarms),
        }
    )


def test_suggestion_makes_the_same_rule_each_time():
    (alarm,) = profile_with(FILTER).alarms
    rule = alarm.rule("line:7")
    assert rule == alarm.rule("line:7")
    assert (rule.rule_id, rule.point_id) == ("line:7:filter", "line:7:filter")
    assert (rule.kind, rule.severity) == (RuleKind.STATE, Severity.LOW)
    assert (rule.alarm_states, rule.text) == (("Dirty",), FILTER["text"])
    assert alarm.rule("line:8").rule_id != rule.rule_id


def test_suggestion_may_look_at_two_points():
    mismatch = {
        "key": "stuck",
        "point": "speed",
        "kind": "command_mismatch",
        "other_point": "filter",
        "tolerance": 2,
        "delay_seconds": 30,
    }
    (alarm,) = profile_with(mismatch).alarms
    assert alarm.points == ("speed", "filter")
    rule = alarm.rule("line:7")
    assert (rule.other_point_id, rule.tolerance) == ("line:7:filter", 2.0)
    assert rule.delay_seconds == 30.0


@pytest.mark.parametrize(
    ("alarm", "reason"),
    [
        (FILTER | {"point": "filtre"}, "filter names no point of the profile: filtre"),
        (FILTER | {"other_point": "fan"}, "filter names no point of the profile: fan"),
        (FILTER | {"key": "Filter"}, "alarms 'Filter' is not a key"),
        (FILTER | {"alarm_states": []}, "alarms[0] filter: alarm_states must not"),
        (FILTER | {"kind": "hot"}, "alarms[0] filter: kind: hot is not allowed"),
        (FILTER | {"kind": "high", "high": "9"}, "alarms[0].high: '9' is of the wrong"),
        (FILTER | {"text": "{room}"}, "alarms[0] filter: text has no field room"),
        (FILTER | {"colour": "red"}, "alarms[0].colour: there is no such key"),
        (FILTER | {"severity": "huge"}, "alarms[0] filter: severity: huge is not"),
        ("filter", "alarms[0]: an alarm is an object"),
    ],
)
def test_suggestion_that_makes_no_rule_is_refused(alarm: object, reason: str):
    with pytest.raises(ConfigurationError) as caught:
        profile_with(alarm)
    assert reason in str(caught.value)


def test_two_suggestions_of_one_key_are_refused():
    with pytest.raises(ConfigurationError, match="use a key twice: filter"):
        profile_with(FILTER, FILTER)


def test_some_of_our_profiles_suggest_alarms():
    assert len(PROFILES) >= 9


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_states_that_our_suggestions_name_are_those_of_their_points(
    profile: DeviceProfile,
):
    points = {point.key: describe_point("n:1", point) for point in profile.points}
    for alarm in profile.alarms:
        rule = alarm.rule("n:1")
        bound = bind(rule, points[alarm.point], None)
        for values in (bound.alarm_values, bound.fault_values):
            assert all(isinstance(value, int) for value in values), alarm.key

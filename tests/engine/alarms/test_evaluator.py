"""Points are judged when they have news, and when a delay is over without any."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmRule,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
)
from custom_components.plantroom.engine.alarms.texts import AlarmWords
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.models import PointKind
from tests.site import point
from tests.virtual_time import in_virtual_time

from .evaluating import Evaluating
from .ruled import Ruled, rule

ROOM = point("analog-input,1", name="Room temperature", unit="degrees-celsius")
SETPOINT = point("analog-value,1", name="Setpoint", unit="degrees-celsius")
FAN = point(
    "binary-input,1",
    "n:2",
    kind=PointKind.BINARY,
    name="Fan status",
    states=("Stopped", "Running"),
)
COMMAND = point("binary-output,1", "n:2", kind=PointKind.BINARY, name="Fan command")
HIGH = rule(RuleKind.HIGH, high=26.0, severity=Severity.CRITICAL)


@in_virtual_time
async def test_value_that_jumps_and_stays_alarms_without_another_reading():
    site = Evaluating(ROOM)
    site.configure(replace(HIGH, delay_seconds=60))
    site.see({ROOM.point_id: 30.0})
    await asyncio.sleep(59.9)
    assert site.alarms == {}
    await asyncio.sleep(0.2)
    alarm = site.alarms["r"]
    assert (alarm.condition, alarm.severity) == (
        Condition.HIGH_LIMIT, Severity.CRITICAL,
    )  # fmt: skip
    assert (alarm.alarm_id, alarm.device_id, alarm.point_id, alarm.value) == (
        "rule:r", "n:1", ROOM.point_id, 30.0,
    )  # fmt: skip


@in_virtual_time
async def test_rule_that_is_removed_takes_timer_and_alarm_along():
    site = Evaluating(ROOM)
    site.configure(replace(HIGH, delay_seconds=60))
    site.see({ROOM.point_id: 30.0})
    site.configure()
    await asyncio.sleep(100)
    assert site.alarms == {}
    site.configure(HIGH)
    assert "r" in site.alarms
    site.configure()
    assert site.alarms == {}
    assert list(site.evaluator.reads) == []


@in_virtual_time
async def test_new_rule_judges_what_is_known_already():
    site = Evaluating(ROOM)
    site.see({ROOM.point_id: 30.0})
    site.configure(HIGH)
    assert site.texts == ["Room temperature is 30 °C, above 26 °C"]


@in_virtual_time
async def test_edited_rule_clears_what_it_no_longer_finds():
    site = Evaluating(ROOM)
    site.configure(HIGH)
    site.see({ROOM.point_id: 30.0})
    site.configure(replace(HIGH, high=35.0))
    assert site.alarms["r"].state is AlarmState.CLEARED
    assert site.alarms["r"].text == "Room temperature is 30 °C, above 26 °C"


@in_virtual_time
async def test_unchanged_rule_goes_on_with_its_delay():
    site = Evaluating(ROOM)
    site.configure(replace(HIGH, delay_seconds=60))
    site.see({ROOM.point_id: 30.0})
    await asyncio.sleep(59)
    site.configure(replace(HIGH, delay_seconds=60), rule(RuleKind.STALE, rule_id="s"))
    await asyncio.sleep(2)
    assert [*site.alarms] == ["r"]


@in_virtual_time
async def test_alarm_of_before_a_restart_is_not_raised_again():
    site = Evaluating(ROOM)
    site.configure(HIGH)
    site.see({ROOM.point_id: 30.0})
    raised = site.alarms["r"]
    site.evaluator.stop()
    site.configure(HIGH)
    site.see({ROOM.point_id: 31.0})
    assert site.alarms["r"] is raised
    site.see({ROOM.point_id: 20.0})
    assert site.alarms["r"].state is AlarmState.CLEARED


@in_virtual_time
async def test_device_that_is_silent_makes_its_points_stale_and_holds_other_rules():
    site = Evaluating(ROOM)
    site.configure(HIGH, rule(RuleKind.STALE, rule_id="s", delay_seconds=300))
    site.see({ROOM.point_id: 30.0})
    site.online("n:1", online=False)
    site.see({ROOM.point_id: 20.0})
    await asyncio.sleep(301)
    assert site.alarms["r"].condition is Condition.HIGH_LIMIT
    assert site.texts == [
        "Room temperature is 30 °C, above 26 °C", "Room temperature has no value",
    ]  # fmt: skip
    site.online("n:1", online=True)
    assert {a.condition for a in site.alarms.values()} == {Condition.NORMAL}


@in_virtual_time
async def test_point_that_vanishes_is_stale():
    site = Evaluating(ROOM)
    site.configure(rule(RuleKind.STALE))
    site.see({ROOM.point_id: 20.0})
    site.points.define("n:1", [])
    assert site.alarms["r"].condition is Condition.OFFNORMAL
    site.points.define("n:1", [ROOM])
    site.see({ROOM.point_id: 20.0})
    assert site.alarms["r"].state is AlarmState.CLEARED


@in_virtual_time
async def test_point_is_not_stale_before_its_device_was_asked():
    site = Evaluating(ROOM)
    site.configure(rule(RuleKind.STALE))
    await asyncio.sleep(3600)
    assert site.alarms == {}
    site.online("n:1", online=False)
    assert site.alarms["r"].condition is Condition.OFFNORMAL


@in_virtual_time
async def test_point_of_a_device_that_was_never_there_is_stale():
    site = Evaluating(ROOM)
    site.online("n:1", online=False)
    site.configure(rule(RuleKind.STALE))
    assert site.alarms["r"].condition is Condition.OFFNORMAL


@in_virtual_time
async def test_other_points_count_as_the_points_own_do():
    site = Evaluating(ROOM, SETPOINT, FAN, COMMAND)
    running = EnableCondition(
        point_id=FAN.point_id, comparison=Comparison.EQUAL, value="Running"
    )
    site.configure(
        rule(
            RuleKind.DEVIATION,
            other_point_id=SETPOINT.point_id,
            tolerance=3.0,
            enable=running,
        ),
        AlarmRule(
            rule_id="m",
            kind=RuleKind.COMMAND_MISMATCH,
            point_id=FAN.point_id,
            other_point_id=COMMAND.point_id,
            delay_seconds=10,
        ),
    )
    site.see({ROOM.point_id: 30.0, SETPOINT.point_id: 21.0, FAN.point_id: False})
    assert site.alarms == {}
    site.see({COMMAND.point_id: True})
    await asyncio.sleep(11)
    assert site.texts == ["Fan status is Stopped, its command is on"]
    site.see({FAN.point_id: True})
    assert site.texts[1:] == ["Room temperature is 30 °C, more than 3 °C from Setpoint"]
    site.online("n:2", online=False)
    site.see({ROOM.point_id: 21.0})
    assert site.alarms["r"].condition is Condition.HIGH_LIMIT


@in_virtual_time
async def test_text_is_as_asked_and_knows_the_device():
    site = Evaluating(ROOM)
    site.configure(
        replace(HIGH, text="{device}: {name} {value} > {high} ({condition})")
    )
    site.see({ROOM.point_id: 30.04})
    assert site.texts == ["Device 1: Room temperature 30.04 °C > 26 °C (high limit)"]


@in_virtual_time
async def test_house_says_in_its_own_words_what_no_rule_has_a_text_for():
    words = AlarmWords(
        texts={
            "high_limit": "{name} von {device} ist {value}, über {high}",
            "fault": "{name} ist gestört",
            "state": "{name} steht auf {value}",
        },
        names={ROOM.point_id: "Raum 7", "n:1": "Westflügel"},
    )
    site = Evaluating(ROOM, FAN)
    rules = (
        HIGH,
        rule(RuleKind.LOW, rule_id="own", low=40.0, text="cold: {value}"),
        rule(
            RuleKind.STATE,
            rule_id="fan",
            point_id=FAN.point_id,
            alarm_states=("Stopped",),
        ),
    )
    site.evaluator.configure(rules, ("n:1", "n:2"), words)
    site.see({ROOM.point_id: 30.0, FAN.point_id: False})
    assert site.texts == [
        "Raum 7 von Westflügel ist 30 °C, über 26 °C",
        "cold: 30 °C",
        "Fan status steht auf Stopped",
    ]
    assert site.alarms["r"].name == "Raum 7"


def test_words_that_cannot_be_filled_in_are_refused():
    with pytest.raises(ConfigurationError):
        AlarmWords(texts={"fault": "{nam} reports a fault"})


@in_virtual_time
async def test_states_follow_a_point_that_describes_itself_anew():
    site = Evaluating(FAN)
    site.configure(
        AlarmRule(
            rule_id="r",
            kind=RuleKind.STATE,
            point_id=FAN.point_id,
            alarm_states=("Tripped",),
        )
    )
    site.see({FAN.point_id: True})
    assert site.alarms == {}
    site.points.define("n:2", [replace(FAN, states=("Running", "Tripped"))])
    assert site.texts == ["Fan status is Tripped"]


@in_virtual_time
async def test_change_is_raised_and_over_at_once():
    site = Evaluating(FAN)
    asked = AlarmRule(rule_id="r", kind=RuleKind.CHANGE, point_id=FAN.point_id)
    site.configure(asked)
    site.see({FAN.point_id: True})
    site.see({FAN.point_id: False})
    alarm = site.alarms["r"]
    assert (alarm.state, alarm.text) == (
        AlarmState.CLEARED, "Fan status changed to Stopped",
    )  # fmt: skip


@in_virtual_time
async def test_rules_of_devices_that_are_not_there_judge_nothing():
    site = Evaluating(ROOM)
    site.configure(rule(RuleKind.STALE, point_id="m:9:analog-input,1"))
    assert site.alarms == {}
    assert list(site.evaluator.reads) == []


@in_virtual_time
async def test_ten_thousand_points_cost_no_more_than_their_rules():
    points = [point(f"analog-input,{number}") for number in range(10_000)]
    site = Evaluating(*points)
    judged: list[str] = []
    judge = site.evaluator._judge
    site.evaluator._judge = lambda key, now: (judged.append(key), judge(key, now))
    site.configure(*(replace(HIGH, rule_id=str(n), point_id=points[n].point_id)
                     for n in range(0, 10_000, 100)))  # fmt: skip
    judged.clear()
    site.see({each.point_id: 20.0 for each in points})
    assert len(judged) == 100
    site.see({points[150].point_id: 30.0, points[200].point_id: 30.0})
    assert judged[100:] == ["200"]
    assert [*site.alarms] == ["200"]


TRACE = st.lists(
    st.tuples(
        st.sampled_from([5.0, 15.0, 25.0, 27.5, 29.0, 35.0, None]), st.integers(0, 20)
    ),
    min_size=1,
    max_size=25,
)


@given(TRACE)
def test_evaluator_finds_what_its_rule_finds_of_the_same_values(trace):
    asked = rule(
        RuleKind.OUT_OF_RANGE,
        low=10.0,
        high=28.0,
        deadband=2.0,
        delay_seconds=10,
        clear_delay_seconds=5,
        ack_required=False,
    )

    @in_virtual_time
    async def both_agree() -> None:
        site, alone = Evaluating(ROOM), Ruled(asked, ROOM)
        site.configure(asked)
        for value, seconds in trace:
            site.see({ROOM.point_id: value})
            alone.see(value)
            await asyncio.sleep(seconds)
            alone.wait(seconds)
            alarm = site.alarms.get("r")
            found = Condition.NORMAL if alarm is None else alarm.condition
            assert found is alone.condition

    both_agree()

"""Alarms set up by dialogue fire on what a device says over a socket, kind by kind."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.alarms.models import Condition, Severity
from custom_components.plantroom.site import entry_site
from tests.engine.bacnet.test_limit_rules import give_limits

from .entries import subentry
from .flow_steps import field, labels
from .real_building import (
    AHU,
    DEVICE_ID,
    OpenBuilding,
    in_haste,
    keep_nothing,
    open_building,
)

NO_DELAY = {"hours": 0, "minutes": 0, "seconds": 0}
MORE = {"clear_delay_seconds": NO_DELAY, "faults": True, "ack_required": False}
AT_ONCE: dict[str, Any] = {
    "delay_seconds": NO_DELAY,
    "severity": "critical",
    "more": MORE,
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a device that was asked in vain have its own stack's time-out."""
    return True


@pytest.fixture
async def opened(
    hass: HomeAssistant,
    socket_enabled: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OpenBuilding]:
    """Run the air handler beside Home Assistant."""
    in_haste(monkeypatch)
    keep_nothing(monkeypatch, tmp_path)
    async with open_building(hass) as running:
        yield running


async def over(opened: OpenBuilding, alarm_id: str) -> None:
    await opened.until(lambda: alarm_id not in opened.mirror.alarms)


async def test_limits_fire_and_end_within_their_deadband(opened: OpenBuilding) -> None:
    limit = {**AT_ONCE, "high": 30, "deadband": 2, "text": "{name} at {value}"}
    high = await opened.add_rule("analog-input,1", "high", limit)
    low = await opened.add_rule(
        "analog-input,2", "low", {**AT_ONCE, "low": 10, "deadband": 0}
    )
    between = {**AT_ONCE, "low": 0, "high": 20, "deadband": 0}
    outside = await opened.add_rule("analog-input,3", "out_of_range", between)
    opened.set("analog-input,1", 31.5)
    alarm = await opened.raised(high)
    assert alarm.condition is Condition.HIGH_LIMIT
    assert alarm.severity is Severity.CRITICAL
    assert alarm.text == "SupplyAirTemp at 31.5 °C"
    opened.set("analog-input,2", 4)
    assert (await opened.raised(low)).condition is Condition.LOW_LIMIT
    opened.set("analog-input,3", -5)
    assert (await opened.raised(outside)).condition is Condition.LOW_LIMIT
    for reference in ("analog-input,1", "analog-input,2", "analog-input,3"):
        opened.set(reference, 15)
    for alarm_id in (high, low, outside):
        await over(opened, alarm_id)


async def test_states_fire_as_alarm_or_fault(opened: OpenBuilding) -> None:
    frost = await opened.add_rule(
        "binary-input,4", "state", {**AT_ONCE, "alarm_states": ["1"]}
    )
    states = {**AT_ONCE, "alarm_states": ["4"], "fault_states": ["1"]}
    mode = await opened.add_rule("multi-state-value,1", "multi_state", states)
    opened.set("binary-input,4", True)
    assert (await opened.raised(frost)).text.endswith("is Alarm")
    opened.set("multi-state-value,1", 4)
    assert (await opened.raised(mode)).condition is Condition.OFFNORMAL
    opened.set("multi-state-value,1", 1)
    await opened.until(
        lambda: (
            (alarm := opened.mirror.alarms.get(mode)) is not None
            and alarm.condition is Condition.FAULT
        )
    )
    opened.set("multi-state-value,1", 2)
    await over(opened, mode)


async def test_a_change_fires_and_stays_until_somebody_took_note(
    opened: OpenBuilding,
) -> None:
    answers = {
        "severity": "low",
        "alarm_states": ["1"],
        "more": {"ack_required": True},
    }
    changed = await opened.add_rule("binary-input,1", "change", answers)
    reference = "cafe0001:1001:binary-input,1"
    await opened.until(lambda: reference in opened.mirror.readings)
    opened.set("binary-input,1", False)
    opened_reading = opened.mirror.readings
    await opened.until(lambda: opened_reading[reference].value is False)
    assert changed not in opened.mirror.alarms
    opened.set("binary-input,1", True)
    assert (await opened.raised(changed)).pending


async def test_values_are_held_against_others(opened: OpenBuilding) -> None:
    setpoint = opened.entity_id("analog-value,1")
    far = {**AT_ONCE, "other_entity": setpoint, "tolerance": 5, "deadband": 0}
    deviation = await opened.add_rule("analog-input,1", "deviation", far)
    command = opened.entity_id("binary-output,1")
    follow = {**AT_ONCE, "other_entity": command}
    mismatch = await opened.add_rule("binary-input,1", "command_mismatch", follow)
    opened.set("analog-input,1", 60)
    assert "more than 5 °C from" in (await opened.raised(deviation)).text
    opened.set("binary-input,1", False)
    assert "its command is" in (await opened.raised(mismatch)).text
    opened.set("binary-input,1", True)
    await over(opened, mismatch)


async def test_a_rule_without_its_condition_is_silent(opened: OpenBuilding) -> None:
    enable = opened.entity_id("binary-value,1")
    form = await opened.rule_form("analog-input,1", "high")
    answers = {**AT_ONCE, "high": 30, "deadband": 0, "enable_entity": enable}
    enabling = await opened.walk.answer(form, answers)
    while_on = {"comparison": "equal", "value": "1"}
    preview = await opened.walk.answer(enabling, while_on)
    done = await opened.walk.choose(preview, "keep")
    alarm_id = f"rule:{done['data']['rule_id']}"
    opened.set("analog-input,1", 40)
    await opened.raised(alarm_id)
    opened.set("binary-value,1", False)
    await over(opened, alarm_id)
    opened.set("binary-value,1", True)
    await opened.raised(alarm_id)


async def test_a_device_that_is_gone_leaves_its_points_without_value(
    opened: OpenBuilding,
) -> None:
    answers = {
        "delay_seconds": NO_DELAY,
        "severity": "high",
        "more": {"clear_delay_seconds": NO_DELAY, "ack_required": False},
    }
    stale = await opened.add_rule("analog-input,5", "stale", answers)
    opened.building.unplug(AHU)
    alarm = await opened.raised(stale)
    assert alarm.text == "SupplyPressure has no value"
    opened.building.plug(AHU)
    await over(opened, stale)


async def test_a_rule_that_is_removed_takes_its_alarm_along(
    opened: OpenBuilding,
) -> None:
    answers = {**AT_ONCE, "high": 0, "deadband": 0}
    alarm_id = await opened.add_rule("analog-input,5", "high", answers)
    await opened.raised(alarm_id)
    (rule,) = opened.entry.get_subentries_of_type("alarm_rule")
    opened.hass.config_entries.async_remove_subentry(opened.entry, rule.subentry_id)
    await opened.hass.async_block_till_done()
    await over(opened, alarm_id)


async def test_limits_that_the_device_keeps_are_suggested_and_taken(
    opened: OpenBuilding,
) -> None:
    give_limits(opened.building.device(AHU).object("analog-input,6"), tells=False)
    menu = await opened.hass.config_entries.subentries.async_init(
        (opened.entry.entry_id, "alarm_rule"), context={"source": "user"}
    )
    form = await opened.walk.choose(menu, "suggestions")
    checklist = await opened.walk.answer(form, {"device": DEVICE_ID})
    assert labels(checklist, "rules") == [
        "ReturnHumidity of AHU-1 outside 18 to 26 % RH"
    ]
    everything = field(checklist, "rules")[0].default()
    await opened.walk.answer(checklist, {"rules": everything})
    await opened.hass.async_block_till_done()
    (rule,) = entry_site(opened.entry).alarming.rules
    assert (rule.low, rule.high, rule.delay_seconds) == (18, 26, 30)
    # At once, and not after the half minute that the device takes.
    form = await opened.hass.config_entries.subentries.async_init(
        (opened.entry.entry_id, "alarm_rule"),
        context={
            "source": "reconfigure",
            "subentry_id": subentry(opened.entry, everything[0]).subentry_id,
        },
    )
    answers = {**AT_ONCE, "low": 18, "high": 26, "deadband": 1}
    await opened.walk.choose(await opened.walk.answer(form, answers), "keep")
    await opened.hass.async_block_till_done()
    opened.set("analog-input,6", 60)
    alarm = await opened.raised(rule.alarm_id)
    assert alarm.condition is Condition.HIGH_LIMIT

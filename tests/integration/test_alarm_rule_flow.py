"""Adding, changing and removing alarms of our own, kind by kind."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmRule,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Severity

from .alarm_dialogue import (
    HIGH,
    NO_DELAY,
    USUAL,
    change,
    keep,
    only_rule,
    rule_form,
    start,
)
from .entries import subentry
from .fake_engine import World
from .flow_steps import Walk, field, labels
from .office import (
    FAN,
    FILTER,
    LABEL,
    METER,
    MODE,
    SETPOINT,
    STAGE,
    TEMPERATURE,
    entity_id_of,
    open_office,
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> ConfigEntry:
    """Run the office."""
    opened, _ = await open_office(hass, world)
    return opened


async def test_a_limit_is_set_on_an_entity_and_runs_without_a_reload(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    assert field(form, "high")[1].config["unit_of_measurement"] == "°C"
    assert not {"low", "tolerance", "alarm_states"} & set(form["data_schema"].schema)
    preview = await walk.answer(form, {**HIGH, "text": "{device}: {name} at {value}"})
    assert preview["description_placeholders"] == {
        "title": "SupplyTemp of AHU-1 above 30 °C",
        "text": "AHU-1: SupplyTemp at 21.4 °C",
        "value": "21.4 °C",
        "verdict": "Right now this is no alarm.",
    }
    done = await keep(walk, preview)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (rule,) = world.running[0].site.alarming.rules
    assert rule == AlarmRule(
        rule_id=rule.rule_id,
        kind=RuleKind.HIGH,
        point_id=TEMPERATURE.point_id,
        severity=Severity.HIGH,
        high=30,
        deadband=1,
        delay_seconds=300,
        text="{device}: {name} at {value}",
    )
    kept = subentry(entry, f"alarm_rule:{rule.rule_id}")
    assert kept.title == "SupplyTemp of AHU-1 above 30 °C"
    assert len(world.connections) == 1


@pytest.mark.parametrize(
    ("subject", "kinds"),
    [
        (TEMPERATURE, "high low out_of_range deviation command_mismatch change stale"),
        (METER, "high low out_of_range deviation command_mismatch change stale"),
        (FILTER, "state command_mismatch change stale"),
        (STAGE, "multi_state command_mismatch change stale"),
        (LABEL, "state change stale"),
    ],
)
async def test_the_kinds_offered_are_those_that_fit_the_point(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk, subject: Any, kinds: str
) -> None:
    form = await walk.choose(await start(hass, entry), "by_device")
    form = await walk.answer(form, {"device": subject.device_id})
    menu = await walk.answer(form, {"point": subject.point_id})
    assert menu["menu_options"] == kinds.split()


@pytest.mark.parametrize(
    ("subject", "kind", "answers", "expected", "title"),
    [
        (
            SETPOINT,
            "low",
            {**USUAL, "low": 17, "deadband": 0},
            {"low": 17.0},
            "SupplySetpoint of AHU-1 below 17 °C",
        ),
        (
            TEMPERATURE,
            "out_of_range",
            {**USUAL, "low": 17, "high": 25, "deadband": 0.5},
            {"low": 17.0, "high": 25.0, "deadband": 0.5},
            "SupplyTemp of AHU-1 outside 17 to 25 °C",
        ),
        (
            FILTER,
            "state",
            {**USUAL, "alarm_states": ["1"]},
            {"alarm_states": (True,)},
            "Filter alarm of AHU-1 is Dirty",
        ),
        (
            MODE,
            "multi_state",
            {**USUAL, "alarm_states": ["4", "2"], "fault_states": ["1"]},
            {"alarm_states": (4, 2), "fault_states": (1,)},
            "Mode of AHU-1 is Off (4) / Heat / Off (1)",
        ),
        (
            STAGE,
            "change",
            {"severity": "high", "alarm_states": [], "more": {"ack_required": False}},
            {"ack_required": False, "delay_seconds": 0.0},
            "Stage of AHU-1 changes",
        ),
        (
            STAGE,
            "change",
            {
                "severity": "high",
                "alarm_states": ["2"],
                "more": {"ack_required": False},
            },
            {"alarm_states": (2,), "ack_required": False, "delay_seconds": 0.0},
            "Stage of AHU-1 changes to High",
        ),
        (
            TEMPERATURE,
            "stale",
            {
                **USUAL,
                "more": {"clear_delay_seconds": NO_DELAY, "ack_required": True},
            },
            {},
            "SupplyTemp of AHU-1 has no value",
        ),
    ],
)
async def test_each_kind_keeps_what_its_form_says(
    hass: HomeAssistant,
    entry: ConfigEntry,
    walk: Walk,
    subject: Any,
    kind: str,
    answers: dict[str, Any],
    expected: dict[str, Any],
    title: str,
) -> None:
    form = await rule_form(hass, entry, walk, subject, kind)
    done = await keep(walk, await walk.answer(form, answers))
    rule = only_rule(entry)
    facts = {"severity": Severity.HIGH, "delay_seconds": 300.0, **expected}
    assert rule == AlarmRule(
        rule_id=rule.rule_id, kind=RuleKind(kind), point_id=subject.point_id, **facts
    )
    assert done["title"] == title


async def test_a_value_is_compared_with_that_of_another_entity(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "deviation")
    offered = field(form, "other_entity")[1].config["include_entities"]
    setpoint = entity_id_of(hass, SETPOINT.point_id)
    assert setpoint in offered
    assert entity_id_of(hass, TEMPERATURE.point_id) not in offered
    assert entity_id_of(hass, FAN.point_id) not in offered
    answers = {**USUAL, "tolerance": 3, "deadband": 1}
    refused = await walk.answer(form, answers)
    assert refused["errors"] == {"other_entity": "bad_other_point_id"}
    preview = await walk.answer(refused, {**answers, "other_entity": setpoint})
    assert preview["description_placeholders"]["title"] == (
        "SupplyTemp of AHU-1 more than 3 °C from SupplySetpoint"
    )
    await keep(walk, preview)
    assert only_rule(entry).other_point_id == SETPOINT.point_id


async def test_a_feedback_is_held_against_its_command(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, FILTER, "command_mismatch")
    assert "tolerance" not in form["data_schema"].schema
    fan = entity_id_of(hass, FAN.point_id)
    done = await keep(walk, await walk.answer(form, {**USUAL, "other_entity": fan}))
    assert done["title"] == "Filter alarm of AHU-1 does not follow Fan"
    assert only_rule(entry).other_point_id == FAN.point_id


async def test_a_rule_counts_only_while_something_runs(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    fan = entity_id_of(hass, FAN.point_id)
    enabling = await walk.answer(form, {**HIGH, "enable_entity": fan})
    assert enabling["step_id"] == "enabling"
    assert field(enabling, "comparison")[1].config["options"] == ["equal", "not_equal"]
    assert labels(enabling, "value") == ["Stopped", "Running"]
    running = {"comparison": "equal", "value": "1"}
    await keep(walk, await walk.answer(enabling, running))
    enable = EnableCondition(
        point_id=FAN.point_id, comparison=Comparison.EQUAL, value=True
    )
    rule = only_rule(entry)
    assert rule.enable == enable

    # It is kept when the rule is changed, and gone when its entity is taken out.
    form = await change(hass, entry, f"alarm_rule:{rule.rule_id}")
    assert field(form, "enable_entity")[0].description == {"suggested_value": fan}
    enabling = await walk.answer(form, {**HIGH, "enable_entity": fan})
    assert field(enabling, "value")[0].description == {"suggested_value": "1"}
    await keep(walk, await walk.answer(enabling, running))
    assert only_rule(entry).enable == enable
    form = await change(hass, entry, f"alarm_rule:{rule.rule_id}")
    await keep(walk, await walk.answer(form, HIGH))
    assert only_rule(entry).enable is None


async def test_a_rule_counts_only_above_a_number(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, FILTER, "state")
    setpoint = entity_id_of(hass, SETPOINT.point_id)
    answers = {**USUAL, "alarm_states": ["1"], "enable_entity": setpoint}
    enabling = await walk.answer(form, answers)
    assert field(enabling, "value")[1].config["unit_of_measurement"] == "°C"
    preview = await walk.answer(enabling, {"comparison": "above", "value": 18})
    assert preview["description_placeholders"]["verdict"].startswith("Right now this w")
    await keep(walk, preview)
    assert only_rule(entry).enable == EnableCondition(
        point_id=SETPOINT.point_id, comparison=Comparison.ABOVE, value=18.0
    )


async def test_a_rule_is_changed_and_removed_without_a_reload(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    await keep(walk, await walk.answer(form, HIGH))
    unique_id = f"alarm_rule:{only_rule(entry).rule_id}"
    form = await change(hass, entry, unique_id)
    assert field(form, "high")[0].description == {"suggested_value": 30.0}
    assert field(form, "delay_seconds")[0].default() == USUAL["delay_seconds"]
    preview = await walk.answer(form, {**HIGH, "high": 20})
    assert preview["description_placeholders"]["verdict"].startswith("Right now this w")
    done = await keep(walk, preview)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (rule,) = world.running[0].site.alarming.rules
    assert rule.high == 20
    kept = subentry(entry, unique_id)
    assert kept.title == "SupplyTemp of AHU-1 above 20 °C"

    hass.config_entries.async_remove_subentry(entry, kept.subentry_id)
    await hass.async_block_till_done()
    assert world.running[0].site.alarming.rules == ()
    assert len(world.connections) == 1


async def test_the_form_can_be_changed_from_the_preview(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    preview = await walk.answer(form, HIGH)
    world.running[0].read(TEMPERATURE.point_id, 31.5)
    preview = await walk.choose(preview, "preview")
    shown = preview["description_placeholders"]
    assert shown["text"] == "SupplyTemp is 31.5 °C, above 30 °C"
    assert shown["verdict"].startswith("Right now this would be an alarm")
    form = await walk.choose(preview, "rule")
    assert field(form, "high")[0].description == {"suggested_value": 30.0}
    await keep(walk, await walk.answer(form, {**HIGH, "high": 35}))
    assert only_rule(entry).high == 35


async def test_a_flow_needs_a_device_and_a_running_engine(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await start(hass, entry))["reason"] == "not_loaded"

"""Alarms on points that have no entity, no texts, or are not known just now."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.alarm_rules import alarm_rule_subentry
from custom_components.plantroom.engine.alarms.configuration import (
    AlarmRule,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.site import entry_site
from custom_components.plantroom.subentries import add_subentries

from .entries import subentry
from .fake_engine import World
from .flow_steps import Walk, field, labels
from .office import (
    AHU,
    FAN,
    LABEL,
    POINTS,
    SETPOINT,
    STAGE,
    TEMPERATURE,
    entity_id_of,
    furnish,
    open_office,
    settle,
)

NO_DELAY = {"hours": 0, "minutes": 0, "seconds": 0}
USUAL: dict[str, Any] = {
    "delay_seconds": NO_DELAY,
    "severity": "low",
    "more": {"clear_delay_seconds": NO_DELAY, "faults": True, "ack_required": True},
}
BARE = replace(STAGE, states=())


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> ConfigEntry:
    """Run the office, whose stage has no texts."""
    furnish(world, *(BARE if point is STAGE else point for point in POINTS))
    opened, _ = await open_office(hass, world)
    return opened


async def rule_form(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk, subject: Any, kind: str
) -> Any:
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"), context={"source": SOURCE_USER}
    )
    form = await walk.choose(menu, "by_device")
    form = await walk.answer(form, {"device": AHU})
    menu = await walk.answer(form, {"point": subject.point_id})
    return await walk.choose(menu, kind)


async def change(hass: HomeAssistant, entry: ConfigEntry, rule_id: str) -> Any:
    kept = subentry(entry, f"alarm_rule:{rule_id}")
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": kept.subentry_id},
    )


def disable(hass: HomeAssistant, *points: Any) -> None:
    for point in points:
        er.async_get(hass).async_update_entity(
            entity_id_of(hass, point.point_id),
            disabled_by=er.RegistryEntryDisabler.USER,
        )


def only_rule(entry: ConfigEntry) -> AlarmRule:
    (rule,) = entry_site(entry).alarming.rules
    return rule


async def test_points_without_an_entity_can_be_compared_with_and_enable(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    disable(hass, SETPOINT, FAN)
    form = await rule_form(hass, entry, walk, TEMPERATURE, "deviation")
    assert labels(form, "other_point") == ["AHU-1.SupplySetpoint (analog-value,1)"]
    assert "AHU-1.Fan (binary-output,1)" in labels(form, "enable_point")
    compared = {
        "other_point": SETPOINT.point_id,
        "tolerance": 2,
        "deadband": 0,
        "enable_point": FAN.point_id,
    }
    enabling = await walk.answer(form, {**USUAL, **compared})
    running = {"comparison": "equal", "value": "1"}
    await walk.choose(await walk.answer(enabling, running), "keep")
    rule = only_rule(entry)
    assert rule.other_point_id == SETPOINT.point_id
    assert rule.enable is not None
    assert rule.enable.point_id == FAN.point_id
    form = await change(hass, entry, rule.rule_id)
    shown = field(form, "other_point")[0].description
    assert shown == {"suggested_value": SETPOINT.point_id}


async def test_points_are_read_while_their_alarm_is_set_up(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    disable(hass, SETPOINT)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    engine = world.running[0]
    await settle()
    assert SETPOINT.point_id not in engine.watched
    form = await rule_form(hass, entry, walk, SETPOINT, "high")
    await settle()
    assert SETPOINT.point_id in engine.watched
    hass.config_entries.subentries.async_abort(form["flow_id"])
    await settle()
    assert SETPOINT.point_id not in engine.watched


async def test_states_without_texts_are_entered_as_numbers(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, BARE, "multi_state")
    assert field(form, "alarm_states")[1].config["custom_value"] is True
    states = {"alarm_states": ["3"], "fault_states": []}
    refused = await walk.answer(form, {**USUAL, **states, "alarm_states": ["broken"]})
    assert refused["errors"] == {"alarm_states": "bad_alarm_states"}
    done = await walk.choose(await walk.answer(refused, {**USUAL, **states}), "keep")
    assert done["title"] == "Stage of AHU-1 is 3"
    assert only_rule(entry).alarm_states == (3,)
    form = await change(hass, entry, only_rule(entry).rule_id)
    assert field(form, "alarm_states")[0].default() == ["3"]


async def test_a_text_is_an_alarm_as_it_is_written(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, LABEL, "state")
    answers = {**USUAL, "alarm_states": ["Burner locked out"]}
    await walk.choose(await walk.answer(form, answers), "keep")
    assert only_rule(entry).alarm_states == ("Burner locked out",)


async def test_a_text_can_decide_when_a_rule_counts(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    label = entity_id_of(hass, LABEL.point_id)
    answers = {**USUAL, "high": 30, "deadband": 0, "enable_entity": label}
    enabling = await walk.answer(form, answers)
    condition = {"comparison": "not_equal", "value": "South"}
    await walk.choose(await walk.answer(enabling, condition), "keep")
    assert only_rule(entry).enable == EnableCondition(
        point_id=LABEL.point_id, comparison=Comparison.NOT_EQUAL, value="South"
    )


async def test_an_enabling_state_has_to_be_one(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "high")
    stage = entity_id_of(hass, BARE.point_id)
    answers = {**USUAL, "high": 30, "deadband": 0, "enable_entity": stage}
    enabling = await walk.answer(form, answers)
    wrong = {"comparison": "equal", "value": "high speed"}
    refused = await walk.answer(enabling, wrong)
    assert refused["errors"] == {"value": "bad_state"}
    right = {"comparison": "equal", "value": "2"}
    await walk.choose(await walk.answer(refused, right), "keep")
    enable = only_rule(entry).enable
    assert enable is not None
    assert enable.value == 2


async def test_a_rule_on_points_that_are_not_known_now_keeps_them_when_changed(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    far = "cafe0001:1002:analog-input,"
    rule = AlarmRule(
        rule_id="far",
        kind=RuleKind.DEVIATION,
        point_id=f"{far}1",
        other_point_id=f"{far}2",
        tolerance=3,
        enable=EnableCondition(
            point_id=f"{far}3", comparison=Comparison.ABOVE, value=1.5
        ),
    )
    add_subentries(hass, entry, [alarm_rule_subentry(rule, "Far")])
    form = await change(hass, entry, "far")
    answers = {
        **USUAL,
        "severity": "critical",
        "tolerance": 4,
        "deadband": 0,
        "other_point": f"{far}2",
        "enable_point": f"{far}3",
    }
    preview = await walk.answer(form, answers)
    assert preview["description_placeholders"]["value"] == "?"
    assert preview["description_placeholders"]["verdict"].startswith("Whether this")
    await walk.choose(preview, "keep")
    assert only_rule(entry) == replace(
        rule, severity="critical", tolerance=4.0, delay_seconds=0.0
    )


async def test_a_device_that_was_never_read_has_no_points_to_choose(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"), context={"source": SOURCE_USER}
    )
    form = await walk.choose(menu, "by_device")
    refused = await walk.answer(form, {"device": "cafe0001:1002"})
    assert refused["errors"] == {"device": "no_points"}


async def test_an_entity_that_a_person_named_gives_the_alarm_its_name(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    er.async_get(hass).async_update_entity(
        entity_id_of(hass, TEMPERATURE.point_id), name="Supply temperature"
    )
    form = await rule_form(hass, entry, walk, TEMPERATURE, "stale")
    answers = {
        "delay_seconds": NO_DELAY,
        "severity": "low",
        "more": {"clear_delay_seconds": NO_DELAY, "ack_required": True},
    }
    done = await walk.choose(await walk.answer(form, answers), "keep")
    assert done["title"] == "Supply temperature of AHU-1 has no value"


async def test_titles_are_in_the_language_of_the_house(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    hass.config.language = "de"
    form = await rule_form(hass, entry, walk, TEMPERATURE, "low")
    answers = {**USUAL, "low": 5, "deadband": 1}
    done = await walk.choose(await walk.answer(form, answers), "keep")
    assert done["title"] == "SupplyTemp von AHU-1 unter 5 °C"

"""What is wrong with an alarm is said at the field that a person has to change."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.plantroom.site import entry_site

from .alarm_dialogue import HIGH, MORE, USUAL, rule_form
from .fake_engine import World
from .flow_steps import Walk
from .office import FILTER, SETPOINT, STAGE, TEMPERATURE, entity_id_of, open_office


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> ConfigEntry:
    """Run the office."""
    opened, _ = await open_office(hass, world)
    return opened


@pytest.mark.parametrize(
    ("subject", "kind", "answers", "errors"),
    [
        (TEMPERATURE, "high", {**HIGH, "text": "{nonsense}"}, {"text": "bad_text"}),
        (
            TEMPERATURE,
            "high",
            {**HIGH, "delay_seconds": {"hours": 200}},
            {"delay_seconds": "bad_delay_seconds"},
        ),
        (
            TEMPERATURE,
            "high",
            {**HIGH, "more": {**MORE, "clear_delay_seconds": {"hours": 200}}},
            {"base": "bad_clear_delay_seconds"},
        ),
        (
            TEMPERATURE,
            "out_of_range",
            {**HIGH, "low": 40},
            {"high": "bad_high"},
        ),
        (
            TEMPERATURE,
            "out_of_range",
            {**HIGH, "low": 29.5},
            {"deadband": "bad_deadband"},
        ),
        (
            FILTER,
            "state",
            {**USUAL, "alarm_states": []},
            {"alarm_states": "bad_alarm_states"},
        ),
        (
            STAGE,
            "multi_state",
            {**USUAL, "alarm_states": ["1"], "fault_states": ["1"]},
            {"fault_states": "bad_fault_states"},
        ),
    ],
)
async def test_what_cannot_work_is_said_at_its_field(
    hass: HomeAssistant,
    entry: ConfigEntry,
    walk: Walk,
    subject: Any,
    kind: str,
    answers: dict[str, Any],
    errors: dict[str, str],
) -> None:
    form = await rule_form(hass, entry, walk, subject, kind)
    refused = await walk.answer(form, answers)
    assert refused["errors"] == errors
    assert not entry_site(entry).alarming.rules


async def test_a_tolerance_is_needed_for_a_deviation(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await rule_form(hass, entry, walk, TEMPERATURE, "deviation")
    other = entity_id_of(hass, SETPOINT.point_id)
    answers = {**USUAL, "other_entity": other, "tolerance": 0, "deadband": 0}
    refused = await walk.answer(form, answers)
    assert refused["errors"] == {"tolerance": "bad_tolerance"}

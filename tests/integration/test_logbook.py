"""The logbook tells of alarms in sentences, in the language of the house."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.plantroom.alarm_sentences import load_sentences, sentence_of
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    AlarmTransition,
    Condition,
    TransitionKind,
)
from tests.site import until

from .fake_alarms import alarm_of
from .fake_engine import World
from .office import TEMPERATURE, entity_id_of, open_office

KIND = TransitionKind
NOW = datetime.now(UTC)
HOT = alarm_of(
    TEMPERATURE.point_id,
    "Supply temperature",
    NOW,
    text="Supply temperature is 92.4 °C, above 90 °C",
)
OVER = replace(HOT, state=AlarmState.CLEARED, condition=Condition.NORMAL)
SHELVED = replace(HOT, shelved_until=datetime(2026, 11, 21, 20, 30, tzinfo=UTC))


async def test_logbook_reads_like_a_person_wrote_it(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    world: World,
    hass_ws_client: WebSocketGenerator,
):
    assert await async_setup_component(hass, "logbook", {})
    _, engine = await open_office(hass, world)
    feed = hass.config_entries.async_entries("plantroom")[0].runtime_data.alarm_feed
    engine.happen(KIND.RAISED, HOT)
    engine.happen(KIND.ACKNOWLEDGED, HOT, actor="Ada", comment="on my way")
    engine.happen(KIND.CLEARED, OVER)
    await until(lambda: feed.told == 3)
    await async_wait_recording_done(hass)
    point = er.async_get(hass).async_get(entity_id_of(hass, TEMPERATURE.point_id))
    assert point is not None
    client = await hass_ws_client()
    await client.send_json_auto_id(
        {
            "type": "logbook/get_events",
            "start_time": (NOW - timedelta(hours=1)).isoformat(),
            "device_ids": [point.device_id],
        }
    )
    answer = await client.receive_json()
    lines: list[dict[str, Any]] = [
        line for line in answer["result"] if line.get("domain") == "plantroom"
    ]
    assert {line["entity_id"] for line in lines} == {point.entity_id}
    assert [f"{line['name']}: {line['message']}" for line in lines] == [
        "AHU-1: Supply temperature is 92.4 °C, above 90 °C, high",
        "AHU-1: Supply temperature: acknowledged by Ada: “on my way”",
        "AHU-1: Supply temperature is normal again",
    ]


def transition(kind: KIND, **facts: Any) -> AlarmTransition:
    return AlarmTransition(
        **{
            "number": 1,
            "kind": kind,
            "at": NOW,
            "from_condition": Condition.NORMAL,
            "alarm": SHELVED,
            **facts,
        }
    )


@pytest.mark.parametrize("language", ["en", "de", "nl", "fr"])
@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("actor", ["", "Ada"])
async def test_every_language_has_a_sentence_for_all_that_happens(
    hass: HomeAssistant, language: str, kind: KIND, actor: str
):
    hass.config.language = language
    await async_get_translations(hass, language, "selector", ["plantroom"])
    await load_sentences(hass)
    line = sentence_of(hass, transition(kind, actor=actor, comment="ok"), "92.4 °C")
    assert "Supply temperature" in line
    assert "ok" in line
    assert "{" not in line


async def test_german_house_reads_german(hass: HomeAssistant):
    hass.config.language = "de"
    await hass.config.async_set_time_zone("Europe/Berlin")
    await load_sentences(hass)
    assert sentence_of(hass, transition(KIND.SHELVED, actor="Ada"), "") == (
        "Supply temperature: zurückgestellt von Ada bis 2026-11-21 21:30"
    )

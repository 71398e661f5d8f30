"""Alarms speak the language of the house, and call things as people do."""

import string

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from custom_components.plantroom.alarm_rules import alarm_rule_subentry
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.configuration import AlarmRule, RuleKind
from custom_components.plantroom.engine.alarms.models import Condition
from custom_components.plantroom.engine.alarms.texts import AlarmWords
from custom_components.plantroom.subentries import add_subentries

from .fake_engine import World
from .office import AHU, TEMPERATURE, entity_id_of, open_office

RULE = AlarmRule(
    rule_id="hot", kind=RuleKind.HIGH, point_id=TEMPERATURE.point_id, high=30.0
)


async def words_of(hass: HomeAssistant, world: World) -> AlarmWords:
    """Return what the engine was told, of the office with a rule."""
    entry, _ = await open_office(hass, world)
    entity_id = entity_id_of(hass, TEMPERATURE.point_id)
    er.async_get(hass).async_update_entity(entity_id, name="Zuluft")
    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier((DOMAIN, AHU), entry.entry_id)
    assert device is not None
    devices.async_update_device(device.id, name_by_user="Lüftung West")
    add_subentries(hass, entry, [alarm_rule_subentry(RULE, "hot")])
    await hass.async_block_till_done()
    alarming = world.running[0].site.alarming
    assert alarming.rules == (RULE,)
    return alarming.words


async def test_engine_is_told_the_house_s_texts_and_names(
    hass: HomeAssistant, world: World
) -> None:
    hass.config.language = "de"
    words = await words_of(hass, world)
    assert words.texts["high_limit"] == "{name} ist {value}, über {high}"
    assert words.texts["silent"] == "{device} antwortet nicht"
    assert words.names[TEMPERATURE.point_id] == "Zuluft"
    assert words.names[AHU] == "Lüftung West"
    assert len(words.names) == 2


@pytest.mark.parametrize("language", ["en", "de", "nl", "fr"])
async def test_each_language_says_all_that_the_engine_can_fill_in(
    hass: HomeAssistant, language: str
) -> None:
    prefix = f"component.{DOMAIN}.selector.alarm_text.options."
    texts = {
        key.removeprefix(prefix): text
        for key, text in (
            await async_get_translations(hass, language, "selector", [DOMAIN])
        ).items()
        if key.startswith(prefix)
    }
    limits = {RuleKind.HIGH, RuleKind.LOW, RuleKind.OUT_OF_RANGE}
    kinds = {kind.value for kind in RuleKind if kind not in limits}
    assert texts.keys() == kinds | {f"device_{each}" for each in Condition} | {
        "high_limit", "low_limit", "fault", "normal", "silent",
    }  # fmt: skip
    assert AlarmWords(texts=texts)
    named = {key: _fields(text) for key, text in texts.items()}
    assert named["high_limit"] == {"name", "value", "high"}
    assert named["silent"] == {"device"}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}

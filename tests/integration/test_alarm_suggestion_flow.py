"""Taking the alarms that are suggested for a device."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.engine.alarms.configuration import AlarmRule, RuleKind
from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.site import entry_site

from .entries import subentry
from .fake_engine import World
from .flow_steps import Walk, field, labels
from .office import AHU, FILTER, STAGE, TEMPERATURE, open_office

FROST = AlarmRule(
    rule_id=f"{AHU}:frost",
    kind=RuleKind.LOW,
    point_id=TEMPERATURE.point_id,
    low=5,
)
DIRTY = AlarmRule(
    rule_id=f"{AHU}:filter",
    kind=RuleKind.STATE,
    point_id=FILTER.point_id,
    alarm_states=("Dirty",),
)
BURNT = AlarmRule(
    rule_id=f"{AHU}:stage",
    kind=RuleKind.MULTI_STATE,
    point_id=STAGE.point_id,
    fault_states=("High",),
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> ConfigEntry:
    """Run the office, for which three alarms are suggested."""
    world.suggestions = (FROST, DIRTY, BURNT)
    opened, _ = await open_office(hass, world)
    return opened


async def ask(hass: HomeAssistant, entry: ConfigEntry, walk: Walk) -> Any:
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"), context={"source": SOURCE_USER}
    )
    form = await walk.choose(menu, "suggestions")
    return await walk.answer(form, {"device": AHU})


async def test_those_ticked_are_added_at_once_and_not_offered_again(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    checklist = await ask(hass, entry, walk)
    assert labels(checklist, "rules") == [
        "SupplyTemp of AHU-1 below 5 °C",
        "Filter alarm of AHU-1 is Dirty",
        "Stage of AHU-1 is High",
    ]
    everything = field(checklist, "rules")[0].default()
    assert everything == [
        f"alarm_rule:{AHU}:{key}" for key in ["frost", "filter", "stage"]
    ]
    nothing = await walk.answer(checklist, {"rules": []})
    assert nothing["errors"] == {"rules": "nothing_chosen"}
    done = await walk.answer(nothing, {"rules": everything[:2]})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert set(world.running[0].site.alarming.rules) == {FROST, DIRTY}
    assert len(world.connections) == 1

    again = await ask(hass, entry, walk)
    assert labels(again, "rules") == ["Stage of AHU-1 is High"]
    await walk.answer(again, {"rules": everything[2:]})
    assert (await ask(hass, entry, walk))["errors"] == {"base": "all_suggestions_taken"}


async def test_states_suggested_as_texts_are_shown_when_the_rule_is_changed(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    checklist = await ask(hass, entry, walk)
    await walk.answer(checklist, {"rules": [f"alarm_rule:{AHU}:filter"]})
    kept = subentry(entry, f"alarm_rule:{AHU}:filter")
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"),
        context={"source": "reconfigure", "subentry_id": kept.subentry_id},
    )
    assert field(form, "alarm_states")[0].default() == ["1"]
    assert labels(form, "alarm_states") == ["Clean", "Dirty"]
    (rule,) = entry_site(entry).alarming.rules
    assert rule == DIRTY


async def test_a_device_without_suggestions_and_one_that_does_not_answer_say_so(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    world.suggestions = ()
    assert (await ask(hass, entry, walk))["errors"] == {"base": "no_suggestions"}
    world.failures["alarm_suggestions"] = DeviceOfflineError("silent", device="AHU-1")
    form = await ask(hass, entry, walk)
    assert form["errors"] == {"base": "suggestions_failed"}
    assert "AHU-1" in form["description_placeholders"]["reason"]

"""What devices, networks and the site show of alarms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from homeassistant.const import STATE_UNAVAILABLE, EntityCategory
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plantroom.engine.alarms.models import (
    AlarmFlood,
    AlarmState,
    Condition,
    Maintenance,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.events import (
    AlarmFloodChanged,
    MaintenanceChanged,
)
from tests.site import until

from .entries import NETWORK
from .fake_alarms import alarm_of
from .office import AHU, TEMPERATURE, open_office, state_of

NOW = datetime.now(UTC)
RAISED = NOW - timedelta(minutes=5)
HOT = alarm_of(TEMPERATURE.point_id, "Supply temperature", RAISED, value=92.4)
OVER = replace(HOT, state=AlarmState.CLEARED, condition=Condition.NORMAL, value=80.0)
GONE = replace(OVER, state=AlarmState.NORMAL)
NETWORK_ID = NETWORK.network_id


async def test_raised_alarm_is_an_event_of_its_device_with_its_true_time(hass, world):
    _, engine = await open_office(hass, world)
    assert state_of(hass, f"{AHU}:-alarm_event").state == "unknown"
    engine.happen(TransitionKind.RAISED, HOT, at=NOW)
    await until(lambda: state_of(hass, f"{AHU}:-alarm_event").attributes["event_type"])
    event = state_of(hass, f"{AHU}:-alarm_event")
    shown = event.attributes
    assert event.entity_id == "event.ahu_1_alarm"
    assert (shown["event_type"], shown["severity"], shown["number"]) == (
        "raised", "high", 1,
    )  # fmt: skip
    assert shown["raised_at"] == RAISED.isoformat()
    assert (shown["alarm_id"], shown["value"], shown["value_text"]) == (
        TEMPERATURE.point_id, 92.4, "92.4 °C",
    )  # fmt: skip
    assert (shown["replayed"], shown["quiet"]) == (False, False)
    assert shown["message"] == "Supply temperature is too high, high"


async def test_alarm_event_has_no_category_so_that_areas_reach_it(hass, world):
    await open_office(hass, world)
    registry = er.async_get(hass)
    categories = {
        key: registry.async_get(state_of(hass, f"{AHU}:-{key}").entity_id)
        for key in ("alarm_event", "alarm", "maintenance")
    }
    assert categories["alarm_event"].entity_category is None
    assert categories["alarm"].entity_category is None
    assert categories["maintenance"].entity_category is EntityCategory.DIAGNOSTIC


async def test_device_network_and_site_say_that_something_is_wrong(hass, world):
    entry, engine = await open_office(hass, world)
    owners = (AHU, NETWORK_ID, entry.entry_id)
    assert {state_of(hass, f"{owner}:-alarm").state for owner in owners} == {"off"}
    engine.happen(TransitionKind.RAISED, HOT)
    for owner in owners:
        state = state_of(hass, f"{owner}:-alarm")
        assert (state.state, state.attributes["highest_severity"]) == ("on", "high")
        assert (state.attributes["open"], state.attributes["unacknowledged"]) == (1, 1)
    assert state_of(hass, "cafe0001:1002:-alarm").state == "off"


async def test_changes_that_come_at_once_are_shown_together(hass, world):
    entry, engine = await open_office(hass, world)
    engine.happen(TransitionKind.RAISED, HOT)
    engine.happen(TransitionKind.CLEARED, OVER)
    assert state_of(hass, f"{AHU}:-alarm").state == "on"
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=2))
    state = state_of(hass, f"{AHU}:-alarm")
    assert (state.state, state.attributes["open"]) == ("off", 1)
    assert state_of(hass, f"{entry.entry_id}:-unacknowledged_alarms").state == "1"


async def test_alarms_are_counted_by_severity(hass, world):
    _ = world.alarms.happen(TransitionKind.RAISED, HOT, NOW)
    worse = replace(HOT, alarm_id="rule:x", severity=Severity.CRITICAL)
    world.alarms.happen(TransitionKind.RAISED, worse, NOW)
    event = replace(HOT, alarm_id="rule:y", informative=True)
    world.alarms.happen(TransitionKind.RAISED, event, NOW)
    entry, _ = await open_office(hass, world)
    counts = {
        key: state_of(hass, f"{entry.entry_id}:-{key}_alarms").state
        for key in ("low", "medium", "high", "critical", "unacknowledged")
    }
    assert counts == {
        "low": "0", "medium": "0", "high": "1", "critical": "1", "unacknowledged": "2",
    }  # fmt: skip
    assert state_of(hass, f"{NETWORK_ID}:-unacknowledged_alarms").state == "2"
    shown = state_of(hass, f"{AHU}:-alarm").attributes
    assert shown["highest_severity"] == "critical"
    assert shown["by_severity"] == {"low": 0, "medium": 0, "high": 1, "critical": 1}


@pytest.mark.parametrize("subject", [AHU, NETWORK_ID, ""])
async def test_maintenance_shows_at_all_that_it_keeps_quiet(hass, world, subject):
    entry, engine = await open_office(hass, world)
    until = NOW + timedelta(hours=1)
    maintenance = Maintenance(
        subject=subject, since=NOW, until=until, actor="Ada", comment="filter"
    )
    engine.tell(MaintenanceChanged(maintenance=(maintenance,)))
    state = state_of(hass, f"{AHU}:-maintenance")
    assert (state.state, state.attributes["actor"]) == ("on", "Ada")
    assert state.attributes["until"] == until
    above = state_of(hass, f"{entry.entry_id}:-maintenance").state
    assert above == ("on" if subject == "" else "off")


async def test_flood_shows_at_the_site(hass, world):
    entry, engine = await open_office(hass, world)
    engine.tell(AlarmFloodChanged(flood=AlarmFlood(since=NOW, alarms=44)))
    state = state_of(hass, f"{entry.entry_id}:-alarm_flood")
    assert (state.state, state.attributes["alarms"]) == ("on", 44)


async def test_alarms_are_known_of_a_device_that_is_silent(hass, world):
    _, engine = await open_office(hass, world)
    assert state_of(hass, "cafe0001:1002:-alarm").state == "off"
    engine.lose()
    await hass.async_block_till_done()
    for key in ("alarm", "alarm_event", "maintenance"):
        assert state_of(hass, f"{AHU}:-{key}").state == STATE_UNAVAILABLE

"""Nothing that happens to an alarm is missed while Home Assistant is away, nor told twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from custom_components.plantroom.alarms import EVENT_ALARM, alarm_store
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    TransitionKind,
)
from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.events import AlarmsChanged
from custom_components.plantroom.repairs import async_create_fix_flow
from tests.site import until

from .fake_alarms import FakeAlarms, alarm_of
from .fake_engine import World
from .office import AHU, TEMPERATURE, open_office, state_of

RAISED, CLEARED = TransitionKind.RAISED, TransitionKind.CLEARED
HOT = alarm_of(TEMPERATURE.point_id, "Supply temperature", datetime.now(UTC))
OVER = replace(HOT, state=AlarmState.CLEARED, condition=Condition.NORMAL)


@pytest.fixture
def told(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what Home Assistant was told of alarms."""
    heard: list[dict[str, Any]] = []

    @callback
    def hear(event: Event[dict[str, Any]]) -> None:
        heard.append(event.data)

    hass.bus.async_listen(EVENT_ALARM, hear)
    return heard


def numbers(told: list[dict[str, Any]]) -> list[int]:
    return [facts["number"] for facts in told]


def soon() -> datetime:
    """Return a time after the entry was set up, however long that takes."""
    return datetime.now(UTC) + timedelta(hours=1)


async def test_what_happened_before_plantroom_was_set_up_is_no_news(hass, world, told):
    world.alarms.happen(RAISED, HOT, datetime.now(UTC) - timedelta(days=1))
    world.alarms.happen(CLEARED, OVER, soon())
    await open_office(hass, world)
    await until(lambda: numbers(told) == [2])
    assert told[0]["replayed"] is True
    assert state_of(hass, f"{AHU}:-alarm_event").attributes["event_type"] == "cleared"


async def test_first_journal_may_give_way_to_an_older_one(hass, world, told):
    """As when the engine moves to a server that served somebody before."""
    entry, _ = await open_office(hass, world)
    await until(lambda: world.alarms.requests)
    assert await hass.config_entries.async_unload(entry.entry_id)
    world.alarms.happen(RAISED, HOT, datetime.now(UTC) - timedelta(days=1))
    world.alarms.happen(CLEARED, OVER, soon())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [2])


async def test_what_happens_is_told_once_and_in_order(hass, world, told):
    _, engine = await open_office(hass, world)
    for _ in range(60):
        engine.happen(RAISED, HOT)
        engine.happen(CLEARED, OVER)
    await until(lambda: len(told) == 120)
    assert numbers(told) == [*range(1, 121)]
    assert not any(facts["replayed"] for facts in told)


async def test_what_happens_while_the_entry_is_unloaded_is_told_afterwards(
    hass, world, told
):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    await until(lambda: numbers(told) == [1])
    assert await hass.config_entries.async_unload(entry.entry_id)
    at = soon()
    world.alarms.happen(CLEARED, OVER, at)
    world.alarms.happen(RAISED, replace(HOT, raised_at=at), at)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [1, 2, 3])
    assert [facts["replayed"] for facts in told] == [False, True, True]
    assert told[2]["raised_at"] == at.isoformat()
    shown = state_of(hass, f"{AHU}:-alarm_event").attributes
    assert (shown["number"], shown["raised_at"]) == (3, at.isoformat())


async def test_what_happens_while_the_wire_is_down_is_told_afterwards(
    hass, world, told
):
    _, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT)
    await until(lambda: numbers(told) == [1])
    engine.lose()
    world.alarms.happen(CLEARED, OVER, datetime.now(UTC))
    world.alarms.happen(RAISED, HOT, datetime.now(UTC))
    await engine.connect()
    await until(lambda: numbers(told) == [1, 2, 3])


async def test_hole_in_what_the_engine_tells_is_filled_from_its_journal(
    hass, world, told
):
    _, engine = await open_office(hass, world)
    world.alarms.happen(RAISED, HOT, soon())
    engine.happen(CLEARED, OVER, at=soon())
    await until(lambda: numbers(told) == [1, 2])


async def test_what_the_engine_could_not_keep_is_told_all_the_same(hass, world, told):
    _, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT)
    lost = world.alarms.happen(CLEARED, OVER, soon())
    world.alarms.journal.remove(lost)
    engine.tell(AlarmsChanged(transitions=(replace(lost, number=7),)))
    await until(lambda: numbers(told) == [1, 7])


async def test_crash_before_the_number_is_kept_leads_to_telling_it_again(
    hass, world, told, hass_storage
):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    await until(lambda: numbers(told) == [1])
    key = alarm_store(hass, entry.entry_id).key
    await until(lambda: hass_storage.get(key, {}).get("data", {}).get("number") == 1)
    as_kept = dict(hass_storage[key])
    engine.happen(CLEARED, OVER, at=soon())
    await until(lambda: numbers(told) == [1, 2])
    assert await hass.config_entries.async_unload(entry.entry_id)
    # As if nothing was written after the first: killed in between
    hass_storage[key] = as_kept
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [1, 2, 2])
    assert told[1]["at"] == told[2]["at"]


async def test_nothing_is_told_before_automations_listen(hass, world, told):
    hass.set_state(CoreState.not_running)
    world.alarms.happen(RAISED, HOT, soon())
    _, engine = await open_office(hass, world)
    engine.happen(CLEARED, OVER, at=soon())
    await hass.async_block_till_done()
    assert told == []
    await hass.async_start()
    await until(lambda: numbers(told) == [1, 2])


async def test_journal_that_forgot_what_was_missed_is_said_once(hass, world, told):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    await until(lambda: numbers(told) == [1])
    assert await hass.config_entries.async_unload(entry.entry_id)
    for _ in range(4):
        world.alarms.happen(CLEARED, OVER, soon())
    world.alarms.trimmed = 3
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [1, 4, 5])
    issues = ir.async_get(hass)
    issue_id = f"{entry.entry_id}_alarm_journal_gap"
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.is_fixable
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, ConfirmRepairFlow)
    ir.async_delete_issue(hass, DOMAIN, issue_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: world.alarms.requests[-1].cursor == 4)
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_journal_forgotten_up_to_where_we_were_is_no_gap(hass, world, told):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    await until(lambda: numbers(told) == [1])
    assert await hass.config_entries.async_unload(entry.entry_id)
    world.alarms.trimmed = 1
    world.alarms.happen(CLEARED, OVER, soon())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [1, 2])
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize("rows", [1, 4])
async def test_another_journal_is_told_from_the_time_of_the_last(
    hass: HomeAssistant, world: World, told: list[dict[str, Any]], rows: int
):
    """Its numbers may be below ours, or above: the time of the last one tells."""
    entry, engine = await open_office(hass, world)
    before = soon()
    for _ in range(2):
        engine.happen(RAISED, HOT, at=before)
    await until(lambda: numbers(told) == [1, 2])
    assert await hass.config_entries.async_unload(entry.entry_id)
    world.alarms = FakeAlarms()
    old, new = before - timedelta(hours=1), before + timedelta(hours=1)
    for at in [old] * (rows - 1) + [new]:
        world.alarms.happen(RAISED, HOT, at)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: numbers(told) == [1, 2, rows])
    issue_id = f"{entry.entry_id}_alarm_journal_gap"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None


async def test_journal_of_many_pages_is_told_whole(hass, world, told):
    for _ in range(1203):
        world.alarms.happen(RAISED, HOT, soon())
    await open_office(hass, world)
    await until(lambda: len(told) == 1203)
    assert numbers(told) == [*range(1, 1204)]


async def test_journal_that_cannot_be_read_is_said_once_and_tried_again(
    hass, world, told, caplog, monkeypatch
):
    monkeypatch.setattr("custom_components.plantroom.alarms._RETRY_SECONDS", 0.01)
    world.failures["alarms_since"] = StorageError("disk full")
    world.alarms.happen(RAISED, HOT, soon())
    await open_office(hass, world)
    await until(lambda: "disk full" in caplog.text)
    del world.failures["alarms_since"]
    await until(lambda: numbers(told) == [1])
    await until(lambda: "can be read again" in caplog.text)
    assert caplog.text.count("disk full") == 1
    assert caplog.text.count("can be read again") == 1


async def test_number_is_kept_when_home_assistant_stops(
    hass, world, told, hass_storage
):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    await until(lambda: numbers(told) == [1])
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    key = alarm_store(hass, entry.entry_id).key
    assert hass_storage[key]["data"]["number"] == 1


async def test_removed_entry_leaves_no_number_behind(hass, world, told, hass_storage):
    entry, engine = await open_office(hass, world)
    engine.happen(RAISED, HOT, at=soon())
    key = alarm_store(hass, entry.entry_id).key
    await until(lambda: key in hass_storage)
    await hass.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage

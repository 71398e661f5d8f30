"""The to-do list of alarms: staff tick off what they took note of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import AcknowledgeRequest
from custom_components.plantroom.engine.errors import DeviceRefusedError
from custom_components.plantroom.origins import EVENT_AUTOMATION
from custom_components.plantroom.todo import MOST_ITEMS

from .fake_alarms import alarm_of
from .office import TEMPERATURE, open_office

NOW = datetime.now(UTC)
HOT = alarm_of(TEMPERATURE.point_id, "Supply temperature", NOW, value=92.4)
WORSE = replace(
    HOT, alarm_id="rule:worse", text="Fan has failed", severity=Severity.CRITICAL
)
OVER = replace(
    HOT,
    alarm_id="rule:over",
    text="Filter is dirty",
    state=AlarmState.CLEARED,
    condition=Condition.NORMAL,
    raised_at=NOW - timedelta(hours=1),
)
LIST = "todo.plantroom_alarms"


async def items(hass: HomeAssistant) -> list[dict[str, Any]]:
    response: Any = await hass.services.async_call(
        "todo",
        "get_items",
        {"status": ["needs_action", "completed"]},
        target={"entity_id": LIST},
        blocking=True,
        return_response=True,
    )
    found: list[dict[str, Any]] = response[LIST]["items"]
    return found


async def update(
    hass: HomeAssistant, uid: str, context: Any = None, **data: Any
) -> None:
    await hass.services.async_call(
        "todo",
        "update_item",
        {"item": uid, **data},
        target={"entity_id": LIST},
        blocking=True,
        context=context,
    )


def a_second_later(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=2))


async def test_list_says_what_when_where_and_how_much(hass, world):
    world.alarms.happen(TransitionKind.RAISED, HOT, NOW)
    await open_office(hass, world)
    assert await items(hass) == [
        {
            "uid": HOT.alarm_id,
            "summary": "Supply temperature is too high",
            "status": "needs_action",
            "description": "High · AHU-1"
            f" · {dt_util.as_local(NOW):%Y-%m-%d %H:%M} · 92.4 °C",
        }
    ]


async def test_severest_come_first_and_events_that_are_no_alarms_not_at_all(
    hass, world
):
    for alarm in (OVER, HOT, WORSE, replace(HOT, alarm_id="x", informative=True)):
        world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    await open_office(hass, world)
    found = [item["uid"] for item in await items(hass)]
    assert found == [WORSE.alarm_id, HOT.alarm_id, OVER.alarm_id]
    assert hass.states.get(LIST).state == "3"


async def test_ticking_off_acknowledges_in_the_name_of_the_person(hass, world):
    world.alarms.happen(TransitionKind.RAISED, HOT, NOW)
    world.alarms.happen(TransitionKind.CLEARED, OVER, NOW)
    await open_office(hass, world)
    ada = await hass.auth.async_create_user("Ada")
    for uid in (HOT.alarm_id, OVER.alarm_id):
        await update(hass, uid, Context(user_id=ada.id), status="completed")
    assert world.alarms.asked == [
        AcknowledgeRequest(alarm_id=HOT.alarm_id, actor="Ada"),
        AcknowledgeRequest(alarm_id=OVER.alarm_id, actor="Ada"),
    ]
    a_second_later(hass)
    # What is still wrong stays, ticked off; what is over is gone
    (left,) = await items(hass)
    assert (left["uid"], left["status"]) == (HOT.alarm_id, "completed")
    assert hass.states.get(LIST).state == "0"


async def test_automation_that_ticks_off_is_named(hass, world):
    world.alarms.happen(TransitionKind.RAISED, HOT, NOW)
    await open_office(hass, world)
    context = Context()
    hass.bus.async_fire(
        EVENT_AUTOMATION,
        {"name": "Night watch", "entity_id": "automation.night_watch"},
        context=context,
    )
    await hass.async_block_till_done()
    await update(hass, HOT.alarm_id, context=context, status="completed")
    (asked,) = world.alarms.asked
    assert asked.via == "Night watch (automation.night_watch)"


async def test_refusal_of_the_device_is_shown_with_its_reason(hass, world):
    world.alarms.happen(TransitionKind.RAISED, HOT, NOW)
    await open_office(hass, world)
    world.failures["acknowledge_alarm"] = DeviceRefusedError(
        "no", device="1001", reason="invalid-time-stamp"
    )
    with pytest.raises(HomeAssistantError) as caught:
        await update(hass, HOT.alarm_id, status="completed")
    assert str(caught.value) == "Device 1001 refused: invalid-time-stamp"
    assert (await items(hass))[0]["status"] == "needs_action"


async def test_nothing_else_can_be_changed(hass, world):
    seen = replace(HOT, state=AlarmState.ACKNOWLEDGED, acknowledged_at=NOW)
    for alarm in (WORSE, seen):
        world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    await open_office(hass, world)
    with pytest.raises(ServiceValidationError) as caught:
        await update(hass, WORSE.alarm_id, rename="Never mind", status="completed")
    assert caught.value.translation_key == "alarm_has_its_text"
    with pytest.raises(ServiceValidationError) as caught:
        await update(hass, seen.alarm_id, status="needs_action")
    assert caught.value.translation_key == "acknowledged_for_good"
    await update(hass, seen.alarm_id, status="completed")
    for service, data in (
        ("add_item", {"item": "Sweep the floor"}),
        ("remove_item", {"item": WORSE.alarm_id}),
    ):
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                "todo", service, data, target={"entity_id": LIST}, blocking=True
            )
    assert world.alarms.asked == []


async def test_list_of_a_flood_is_as_long_as_people_read(hass, world):
    for number in range(MOST_ITEMS + 10):
        alarm = replace(HOT, alarm_id=f"rule:{number}")
        world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    world.alarms.happen(TransitionKind.RAISED, WORSE, NOW)
    await open_office(hass, world)
    found = await items(hass)
    assert len(found) == MOST_ITEMS
    assert found[0]["uid"] == WORSE.alarm_id

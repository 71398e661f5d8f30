"""Automations hear of the alarms they are meant to, with all that a notification needs."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import label_registry as lr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
    TransitionKind,
)
from tests.site import until

from .entries import NETWORK
from .fake_alarms import alarm_of
from .fake_engine import FakeConnection
from .office import AHU, TEMPERATURE, entity_id_of, open_office

KIND = TransitionKind
NOW = datetime.now(UTC)
HOT = alarm_of(
    TEMPERATURE.point_id,
    "Supply temperature",
    NOW,
    value=92.4,
    text="Supply temperature is 92.4 °C, above 90 °C",
    targets=("ada", "bea"),
)
OVER = replace(HOT, state=AlarmState.CLEARED, condition=Condition.NORMAL)
SHELVED = replace(HOT, shelved_until=NOW + timedelta(hours=1))
BOILER = "cafe0001:1002"
OTHER = replace(HOT, alarm_id="rule:boiler", device_id=BOILER, point_id=f"{BOILER}:x,1")

type Ids = Callable[[HomeAssistant], dict[str, Any]]
type Automate = Callable[..., Awaitable[list[ServiceCall]]]


@pytest.fixture
async def automate(hass: HomeAssistant) -> Automate:
    """Return what sets an automation up and gives the calls that it makes."""

    async def make(trigger: str, **config: Any) -> list[ServiceCall]:
        calls = async_mock_service(hass, "test", "notify")
        action = {
            "action": "test.notify",
            "data": {"facts": "{{ dict(trigger) | to_json }}"},
        }
        assert await async_setup_component(
            hass,
            "automation",
            {
                "automation": {
                    "triggers": {"trigger": f"plantroom.{trigger}", **config},
                    "actions": action,
                    "mode": "queued",
                    "max": 50,
                }
            },
        )
        return calls

    return make


async def told(hass: HomeAssistant, engine: FakeConnection) -> None:
    """Wait until all that happened so far was told and the automations are done."""
    last = engine.world.alarms.last
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    entity_id = entity_id_of(hass, f"{AHU}:-alarm_event")
    feed = entry.runtime_data.alarm_feed
    await until(lambda: feed.told == last)
    assert hass.states.get(entity_id) is not None
    await hass.async_block_till_done()


def facts_of(call: ServiceCall) -> dict[str, Any]:
    """Return what the action was given."""
    facts: dict[str, Any] = json.loads(call.data["facts"])
    return facts


def numbers(calls: list[ServiceCall]) -> list[int]:
    return [facts_of(call)["number"] for call in calls]


async def test_trigger_hands_on_all_that_a_notification_needs(hass, world, automate):
    _, engine = await open_office(hass, world)
    areas, entities = ar.async_get(hass), er.async_get(hass)
    area = areas.async_create("Boiler room")
    entity_id = entity_id_of(hass, TEMPERATURE.point_id)
    entities.async_update_entity(entity_id, area_id=area.id)
    calls = await automate("alarm_raised")
    engine.happen(KIND.RAISED, HOT, at=NOW)
    await told(hass, engine)
    (call,) = calls
    facts = facts_of(call)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, AHU), hass.config_entries.async_entries(DOMAIN)[0].entry_id
    )
    expected = {
        "alarm_id": TEMPERATURE.point_id,
        "number": 1,
        "kind": "raised",
        "name": "Supply temperature",
        "text": "Supply temperature is 92.4 °C, above 90 °C",
        "message": "Supply temperature is 92.4 °C, above 90 °C, high",
        "severity": "high",
        "state": "active",
        "state_now": "active",
        "condition": "high_limit",
        "from_condition": "normal",
        "value": 92.4,
        "value_text": "92.4 °C",
        "raised_at": NOW.isoformat(),
        "at": NOW.isoformat(),
        "device": "AHU-1",
        "device_id": device.id,
        "area": "Boiler room",
        "area_id": area.id,
        "network": "Building",
        "entity_id": entity_id,
        "targets": ["ada", "bea"],
        "needs_acknowledgement": True,
        "quiet": False,
        "flooded": False,
        "replayed": False,
        "shelved_until": "",
        "platform": "plantroom.alarm_raised",
    }
    assert {key: facts[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [("alarm_raised", [1]), ("alarm_cleared", [3]), ("alarm_acknowledged", [4])],
)
async def test_each_trigger_has_its_moment(hass, world, automate, trigger, expected):
    _, engine = await open_office(hass, world)
    calls = await automate(trigger)
    engine.happen(KIND.RAISED, HOT)
    engine.happen(KIND.CHANGED, HOT)
    engine.happen(KIND.CLEARED, OVER)
    engine.happen(
        KIND.ACKNOWLEDGED, replace(OVER, state=AlarmState.NORMAL), actor="Ada"
    )
    await told(hass, engine)
    assert numbers(calls) == expected


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("low", [1, 2, 3]), ("high", [2, 3]), ("critical", [3])],
)
async def test_severity_means_this_and_above(hass, world, automate, severity, expected):
    _, engine = await open_office(hass, world)
    calls = await automate("alarm_raised", options={"severity": severity})
    for each in (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL):
        engine.happen(KIND.RAISED, replace(HOT, severity=each))
    await told(hass, engine)
    assert numbers(calls) == expected


@pytest.mark.parametrize(
    "quiet",
    [SHELVED, replace(HOT, suppressed=True), replace(HOT, informative=True)],
    ids=["shelved", "suppressed", "informative"],
)
@pytest.mark.parametrize("asked", [False, True])
async def test_quiet_alarm_triggers_only_what_asks_for_it(
    hass, world, automate, quiet, asked
):
    _, engine = await open_office(hass, world)
    calls = await automate("alarm_raised", options={"include_quiet": asked})
    engine.happen(KIND.RAISED, quiet)
    await told(hass, engine)
    assert numbers(calls) == ([1] if asked else [])


async def test_alarm_that_comes_off_its_shelf_is_heard_unless_somebody_took_note(
    hass, world, automate
):
    _, engine = await open_office(hass, world)
    calls = await automate("alarm_raised")
    engine.happen(KIND.RAISED, SHELVED)
    engine.happen(KIND.UNSHELVED, HOT)
    engine.happen(KIND.UNSHELVED, replace(HOT, state=AlarmState.ACKNOWLEDGED))
    engine.happen(KIND.UNSUPPRESSED, OVER)
    await told(hass, engine)
    assert numbers(calls) == [2]


async def test_flood_triggers_once_and_critical_alarms_always(hass, world, automate):
    _, engine = await open_office(hass, world)
    calls = await automate("alarm_raised")
    flooded = replace(HOT, flooded=True)
    for minutes in (0, 1, 9):
        engine.happen(KIND.RAISED, flooded, at=NOW + timedelta(minutes=minutes))
    engine.happen(KIND.RAISED, replace(HOT, severity=Severity.CRITICAL))
    engine.happen(KIND.RAISED, flooded, at=NOW + timedelta(minutes=30))
    await told(hass, engine)
    assert numbers(calls) == [1, 4, 5]
    assert [facts_of(call)["flooded"] for call in calls] == [True, False, True]


async def test_flood_elsewhere_does_not_use_up_the_one_here(hass, world, automate):
    _, engine = await open_office(hass, world)
    calls = await automate(
        "alarm_raised", target={"entity_id": entity_id_of(hass, f"{AHU}:-alarm")}
    )
    engine.happen(KIND.RAISED, replace(OTHER, flooded=True))
    engine.happen(KIND.RAISED, replace(HOT, flooded=True))
    await told(hass, engine)
    assert numbers(calls) == [2]


def device_id(hass: HomeAssistant, name: str) -> str:
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, name or entry.entry_id), entry.entry_id
    )
    assert device is not None
    return device.id


def in_area(hass: HomeAssistant) -> dict[str, Any]:
    area = ar.async_get(hass).async_create("North")
    dr.async_get(hass).async_update_device(device_id(hass, AHU), area_id=area.id)
    return {"area_id": area.id}


def point_in_area(hass: HomeAssistant) -> dict[str, Any]:
    area = ar.async_get(hass).async_create("Room 201")
    er.async_get(hass).async_update_entity(
        entity_id_of(hass, TEMPERATURE.point_id), area_id=area.id
    )
    return {"area_id": area.id}


def on_floor(hass: HomeAssistant) -> dict[str, Any]:
    floor = fr.async_get(hass).async_create("Basement")
    area_id = in_area(hass)["area_id"]
    ar.async_get(hass).async_update(area_id, floor_id=floor.floor_id)
    return {"floor_id": floor.floor_id}


def labelled(hass: HomeAssistant) -> dict[str, Any]:
    label = lr.async_get(hass).async_create("Heating")
    dr.async_get(hass).async_update_device(
        device_id(hass, AHU), labels={label.label_id}
    )
    return {"label_id": label.label_id}


def network_labelled(hass: HomeAssistant) -> dict[str, Any]:
    label = lr.async_get(hass).async_create("Tenant")
    dr.async_get(hass).async_update_device(
        device_id(hass, NETWORK.network_id), labels={label.label_id}
    )
    return {"label_id": label.label_id}


def network_in_area(hass: HomeAssistant) -> dict[str, Any]:
    area = ar.async_get(hass).async_create("Server room")
    dr.async_get(hass).async_update_device(
        device_id(hass, NETWORK.network_id), area_id=area.id
    )
    return {"area_id": area.id}


AHU_ALONE = [1]
BOTH = [1, 2]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (lambda h: {"device_id": device_id(h, AHU)}, AHU_ALONE),
        (lambda h: {"device_id": device_id(h, NETWORK.network_id)}, BOTH),
        (lambda h: {"device_id": device_id(h, "")}, BOTH),
        (lambda h: {"entity_id": entity_id_of(h, TEMPERATURE.point_id)}, AHU_ALONE),
        (lambda h: {"entity_id": entity_id_of(h, f"{AHU}:-alarm_event")}, AHU_ALONE),
        (lambda h: {"entity_id": entity_id_of(h, "cafe0001:-alarm")}, BOTH),
        (lambda _: {"entity_id": "sensor.plantroom_critical_alarms"}, BOTH),
        (lambda _: {"entity_id": "binary_sensor.plantroom_alarm_flood"}, BOTH),
        (lambda h: {"entity_id": entity_id_of(h, "cafe0001:1001:binary-input,1")}, []),
        (in_area, AHU_ALONE),
        (point_in_area, AHU_ALONE),
        (on_floor, AHU_ALONE),
        (labelled, AHU_ALONE),
        (network_labelled, BOTH),
        (network_in_area, []),
        (
            lambda h: {
                "device_id": device_id(h, NETWORK.network_id),
                "exclude": {"entity_id": entity_id_of(h, TEMPERATURE.point_id)},
            },
            [2],
        ),
        (lambda h: {"device_id": device_id(h, BOILER)}, [2]),
    ],
    ids=[
        "device", "network", "site", "point", "event entity", "network entity",
        "severity of the site", "flood of the site", "other point", "area of the device", "area of the point", "floor", "label",
        "label of the network", "area of the network", "exclude", "other device",
    ],
)  # fmt: skip
async def test_target_means_these_alarms(
    hass: HomeAssistant,
    world: Any,
    automate: Automate,
    target: Ids,
    expected: list[int],
):
    _, engine = await open_office(hass, world)
    calls = await automate("alarm_raised", target=target(hass))
    engine.happen(KIND.RAISED, HOT)
    engine.happen(KIND.RAISED, OTHER)
    await told(hass, engine)
    assert numbers(calls) == expected


async def test_alarm_told_late_says_how_it_is_now(hass, world, automate):
    soon = datetime.now(UTC) + timedelta(hours=1)
    calls = await automate("alarm_raised")
    world.alarms.happen(KIND.RAISED, HOT, soon)
    world.alarms.happen(KIND.CLEARED, replace(OVER, state=AlarmState.NORMAL), soon)
    _, engine = await open_office(hass, world)
    await told(hass, engine)
    (call,) = calls
    facts = facts_of(call)
    assert (facts["replayed"], facts["state"], facts["state_now"]) == (
        True, "active", "normal",
    )  # fmt: skip


@pytest.mark.parametrize(
    "options", [{"severity": "worst"}, {"loud": True}, {"include_quiet": "sometimes"}]
)
async def test_options_that_make_no_sense_are_refused(
    hass, world, automate, options, caplog
):
    await open_office(hass, world)
    await automate("alarm_raised", options=options)
    assert "failed to setup triggers" in caplog.text or "Invalid" in caplog.text

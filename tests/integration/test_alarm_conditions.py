"""Conditions say how the alarms of a target are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmState,
    Condition,
    Maintenance,
    TransitionKind,
)
from custom_components.plantroom.engine.events import MaintenanceChanged

from .entries import NETWORK
from .fake_alarms import alarm_of
from .fake_engine import World
from .office import AHU, TEMPERATURE, open_office

NOW = datetime.now(UTC)
HOT = alarm_of(TEMPERATURE.point_id, "Supply temperature", NOW)
ACKNOWLEDGED = replace(HOT, state=AlarmState.ACKNOWLEDGED)
CLEARED = replace(HOT, state=AlarmState.CLEARED, condition=Condition.NORMAL)
SHELVED = replace(HOT, shelved_until=NOW + timedelta(hours=1))
BOILER = "cafe0001:1002"


async def passes(
    hass: HomeAssistant, key: str, variables: dict[str, Any] | None = None, **facts: Any
) -> bool:
    """Return what a condition says now."""
    assert await async_setup_component(hass, "homeassistant", {})
    config = await condition.async_validate_condition_config(
        hass, {"condition": f"plantroom.{key}", **facts}
    )
    check = await condition.async_from_config(hass, config)
    result = check.async_check(variables=variables)
    check.async_unload()
    return bool(result)


def target(hass: HomeAssistant, name: str) -> dict[str, str]:
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, name), entry.entry_id
    )
    assert device is not None
    return {"device_id": device.id}


async def with_alarm(hass: HomeAssistant, world: World, alarm: Alarm) -> None:
    world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    await open_office(hass, world)


@pytest.mark.parametrize(
    ("alarm", "in_alarm", "waits"),
    [
        (HOT, True, True),
        (ACKNOWLEDGED, True, False),
        (CLEARED, False, True),
        (SHELVED, False, False),
    ],
    ids=["active", "acknowledged", "cleared", "shelved"],
)
async def test_state_of_an_alarm_decides(hass, world, alarm, in_alarm, waits):
    await with_alarm(hass, world, alarm)
    here = target(hass, AHU)
    assert await passes(hass, "is_in_alarm", target=here) is in_alarm
    assert await passes(hass, "has_unacknowledged_alarm", target=here) is waits


async def test_quiet_alarm_counts_when_asked_for(hass, world):
    await with_alarm(hass, world, SHELVED)
    assert await passes(hass, "is_in_alarm", options={"include_quiet": True})


@pytest.mark.parametrize(
    ("name", "expected"), [(AHU, True), (BOILER, False), (NETWORK.network_id, True)]
)
async def test_target_decides_whose_alarms_count(hass, world, name, expected):
    await with_alarm(hass, world, HOT)
    assert await passes(hass, "is_in_alarm", target=target(hass, name)) is expected


@pytest.mark.parametrize(
    ("severity", "expected"), [("high", True), ("critical", False)]
)
async def test_severity_means_this_and_above(hass, world, severity, expected):
    await with_alarm(hass, world, HOT)
    assert await passes(hass, "is_in_alarm", options={"severity": severity}) is expected


@pytest.mark.parametrize(
    ("alarm_id", "expected"), [(HOT.alarm_id, True), ("rule:other", False)]
)
async def test_one_alarm_can_be_asked_for_by_template(hass, world, alarm_id, expected):
    await with_alarm(hass, world, HOT)
    options = {"alarm_id": "{{ which }}"}
    variables = {"which": alarm_id}
    assert (
        await passes(hass, "has_unacknowledged_alarm", variables, options=options)
        is expected
    )


@pytest.mark.parametrize(
    ("subject", "expected"),
    [(AHU, True), (BOILER, False), (NETWORK.network_id, True), ("", True)],
)
async def test_maintenance_of_what_is_above_counts(hass, world, subject, expected):
    _, engine = await open_office(hass, world)
    here = target(hass, AHU)
    assert not await passes(hass, "is_in_maintenance", target=here)
    engine.tell(
        MaintenanceChanged(maintenance=(Maintenance(subject=subject, since=NOW),))
    )
    assert await passes(hass, "is_in_maintenance", target=here) is expected


async def test_without_a_running_engine_nothing_is_known_to_be_wrong(hass, world):
    await with_alarm(hass, world, HOT)
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not await passes(hass, "is_in_alarm")

"""Occupancy setpoint: one value while somebody is there, another or none without."""

from typing import Any

from .home import Home

BLUEPRINT = "occupancy_setpoint"
POINT = "analog-value,1"
SENSOR = "binary_sensor.room_occupied"


async def somebody_came(home: Home, **inputs: Any) -> None:
    home.hass.states.async_set(SENSOR, "off")
    await home.automate(
        BLUEPRINT,
        presence=[SENSOR],
        points=[home.opened.entity_id(POINT)],
        occupied_value="21.5",
        **inputs,
    )
    home.hass.states.async_set(SENSOR, "on")
    await home.opened.until(lambda: home.slot(POINT) == 21.5)
    await home.opened.until(lambda: "override_until" in home.attributes(POINT))


async def test_point_is_given_back_when_nobody_is_there_for_a_while(home: Home):
    await somebody_came(home, empty_after=10)
    home.hass.states.async_set(SENSOR, "off")
    await home.settle()
    await home.pass_time(minutes=9)
    assert home.slot(POINT) == 21.5
    await home.pass_time(minutes=2)
    await home.opened.until(lambda: home.slot(POINT) is None)


async def test_empty_room_has_a_value_of_its_own(home: Home):
    await somebody_came(home, empty_after=10, empty_value="17")
    home.hass.states.async_set(SENSOR, "off")
    await home.settle()
    await home.pass_time(minutes=11)
    await home.opened.until(lambda: home.slot(POINT) == 17)


async def test_sensor_that_is_stuck_keeps_nothing_for_ever(home: Home):
    await somebody_came(home, longest=2)
    assert home.attributes(POINT)["override_with_home_assistant"] is True
    await home.pass_time(hours=2.1)
    await home.opened.until(lambda: home.slot(POINT) is None)

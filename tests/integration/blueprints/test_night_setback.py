"""Night setback: begins as soon as the room keeps warm enough, ends with the night."""

from typing import Any

import pytest
from homeassistant.setup import async_setup_component

from .home import Home

BLUEPRINT = "night_setback"
POINT = "analog-value,1"
ROOM, LEARNED = "sensor.room_temperature", "input_number.cooling_rate"
DAYS = {
    "monday": [{"from": "07:00:00", "to": "17:00:00"}],
    "tuesday": [{"from": "07:00:00", "to": "17:00:00"}],
}


@pytest.fixture
async def learned(home: Home) -> str:
    """Return the helper that keeps what was learned."""
    helper = {"cooling_rate": {"min": 0, "max": 20, "step": 0.01}}
    assert await async_setup_component(
        home.hass, "input_number", {"input_number": helper}
    )
    return LEARNED


async def set_back(home: Home, **inputs: Any) -> None:
    """Set back to 16 °C; rooms must keep 20 °C until 5 o'clock. It is 8 o'clock."""
    await home.automate(
        BLUEPRINT,
        schedule=await home.make_schedule(**DAYS),
        setpoints=[home.opened.entity_id(POINT)],
        night=16,
        **inputs,
    )


async def room(home: Home, degrees: float | str) -> None:
    home.hass.states.async_set(ROOM, str(degrees))
    await home.settle()


async def test_night_lasts_from_the_end_of_the_hours_to_their_beginning(home: Home):
    await set_back(home)
    await home.pass_time(hours=8, minutes=59)
    assert home.slot(POINT) is None
    await home.pass_time(minutes=1.1)
    await home.opened.until(lambda: home.slot(POINT) == 16)
    await home.pass_time(hours=14)
    await home.opened.until(lambda: home.slot(POINT) is None)


async def test_night_ends_though_the_automation_is_gone(home: Home):
    await set_back(home)
    await home.pass_time(hours=9, seconds=2)
    await home.opened.until(lambda: home.slot(POINT) == 16)
    await home.opened.until(lambda: "override_until" in home.attributes(POINT))
    await home.switch_off(BLUEPRINT)
    await home.pass_time(hours=14, minutes=3)
    await home.opened.until(lambda: home.slot(POINT) is None)


async def test_warm_room_stops_early_and_no_earlier_than_it_may(home: Home):
    await room(home, 21)
    await set_back(home, room=[ROOM], comfort=20, rate=1)
    await home.pass_time(hours=7, minutes=58)
    assert home.slot(POINT) is None
    # 1 °C to spare, at 1 °C in an hour: an hour before the end
    await home.pass_time(minutes=3)
    await home.opened.until(lambda: home.slot(POINT) == 16)


async def test_cold_room_is_heated_to_the_end(home: Home):
    await room(home, 19.8)
    await set_back(home, room=[ROOM], comfort=20, rate=1)
    await home.pass_time(hours=8, minutes=58)
    assert home.slot(POINT) is None


async def test_rate_is_learned_from_the_first_hours_of_the_night(
    home: Home, learned: str
):
    await room(home, 20.5)
    await set_back(home, room=[ROOM], learned=[learned], comfort=20.4)
    await home.pass_time(hours=9, seconds=2)
    await home.opened.until(lambda: home.slot(POINT) == 16)
    await home.settle()
    await room(home, 19.5)
    await home.pass_time(hours=2, seconds=2)
    await home.opened.until(lambda: float(home.hass.states.get(LEARNED).state) == 0.5)

"""Scheduled setpoint: written while the schedule is on, given back at its end."""

from typing import Any

import pytest

from ..real_building import AHU
from .home import Home

BLUEPRINT = "scheduled_setpoint"
POINT = "analog-value,1"
MONDAY = [{"from": "09:00:00", "to": "17:00:00"}]


async def scheduled(home: Home, blocks: Any = MONDAY, **inputs: Any) -> None:
    """Schedule a setpoint of 19; it is Monday, 8 o'clock."""
    await home.automate(
        BLUEPRINT,
        schedule=await home.make_schedule(monday=blocks),
        points=[home.opened.entity_id(POINT)],
        value="19",
        **inputs,
    )


async def begun(home: Home, **inputs: Any) -> None:
    await scheduled(home, **inputs)
    assert home.slot(POINT) is None
    await home.pass_time(hours=1, seconds=2)
    await home.opened.until(lambda: home.slot(POINT) == 19)
    # A write that is cut off after that has no end yet
    await home.opened.until(lambda: home.attributes(POINT).get("override_until"))


async def test_point_is_written_for_the_block_and_given_back(home: Home):
    await begun(home)
    assert home.attributes(POINT)["override_until"][:16] in {
        "2026-11-23T17:01", "2026-11-23T17:02",
    }  # fmt: skip
    await home.pass_time(hours=8)
    await home.opened.until(lambda: home.slot(POINT) is None)


async def test_point_is_given_back_without_home_assistants_automation(home: Home):
    await begun(home)
    await home.switch_off(BLUEPRINT)
    await home.pass_time(hours=8, minutes=3)
    await home.opened.until(lambda: home.slot(POINT) is None)


async def test_block_has_a_value_and_a_priority_of_its_own(home: Home):
    block = {**MONDAY[0], "data": {"value": 22.5}}
    await scheduled(home, [block], priority=12)
    await home.pass_time(hours=1, seconds=2)
    await home.opened.until(lambda: home.slot(POINT, 12) == 22.5)
    await home.pass_time(hours=8)
    await home.opened.until(lambda: home.slot(POINT, 12) is None)


async def test_device_that_was_away_is_tried_again(
    home: Home, caplog: pytest.LogCaptureFixture
):
    await scheduled(home)
    home.opened.building.unplug(AHU)
    await home.pass_time(hours=1, seconds=2)
    await home.opened.until(lambda: not home.reachable())
    # The pause before the next try begins when this one is given up
    await home.opened.until(lambda: "analog-value,1 failed" in caplog.text)
    home.opened.building.plug(AHU)
    await home.opened.until(home.reachable)
    await home.pass_time(minutes=2.1)
    await home.opened.until(lambda: home.slot(POINT) == 19)

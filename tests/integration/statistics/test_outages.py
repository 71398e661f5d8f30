"""After an outage every hourly statistic is what really happened."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.recorder import get_instance
from homeassistant.helpers import entity_registry as er

from ..office import TEMPERATURE, entity_id_of
from .comparison import compare
from .home import Home
from .plant import WATCHED

MINUTES = timedelta(minutes=1)


async def wrong(home: Home) -> list[str]:
    return [*(await compare(home, home.first_hour)).wrong]


async def all_rows(home: Home) -> dict[str, Any]:
    return {p.point_id: await home.statistics(p.point_id) for p in WATCHED}


async def test_hours_without_an_outage_are_the_recorders_own(home: Home):
    await home.run_to(2, hour=3)
    assert await wrong(home) == []
    assert home.server.asked == 0
    assert home.lines == []


@pytest.mark.parametrize("minutes", [10, 180])
async def test_hours_without_home_assistant_are_filled_in(home: Home, minutes: int):
    await home.run_to(40, hour=2)
    await home.stop()
    await home.run(minutes * MINUTES)
    await home.start()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_outage_within_an_hour_is_told_once_and_in_one_line(home: Home):
    await home.run_to(20, hour=2)
    await home.stop()
    await home.run(25 * MINUTES)
    await home.start()
    await home.run_to(55)
    assert home.lines == []
    await home.run_to(7, hour=1)
    assert len(home.lines) == 1
    assert "2 statistics" in home.lines[0]
    assert home.lines[0].startswith("was away from 00:20 to 00:45")
    await home.stop()
    await home.start()
    await home.run_to(7, hour=1)
    assert len(home.lines) == 1


async def test_hours_without_the_connection_are_filled_in(home: Home):
    await home.run_to(50, hour=1)
    home.wire.lose()
    await home.run(95 * MINUTES)
    home.reconnect()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_hours_without_the_recorder_are_filled_in(home: Home):
    await home.run_to(50, hour=1)
    get_instance(home.hass).set_enable(False)
    await home.run(80 * MINUTES)
    get_instance(home.hass).set_enable(True)
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_counter_that_began_anew_unseen_loses_nothing(home: Home):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(50 * MINUTES)
    await home.run(60 * MINUTES, starts_anew=True)
    await home.start()
    await home.run_to(2, hour=3)
    assert await wrong(home) == []


async def test_counter_that_began_anew_in_the_hour_of_the_return_loses_nothing(
    home: Home,
):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run_to(10, hour=1)
    await home.run(10 * MINUTES, starts_anew=True)
    await home.start()
    await home.run_to(2, hour=3)
    assert await wrong(home) == []


async def test_filling_in_again_changes_nothing(home: Home):
    await home.run_to(40, hour=1)
    away = home.plant.at
    await home.stop()
    await home.run(60 * MINUTES, starts_anew=True)
    await home.start()
    back = home.plant.at
    await home.run_to(2, hour=2)
    before = await all_rows(home)
    for _ in range(3):
        await home.forget_repair(away, back)
        await home.run(10 * MINUTES)
    assert await all_rows(home) == before
    await home.run_to(2, hour=1)
    assert await wrong(home) == []


async def test_what_is_due_outlives_another_outage(home: Home):
    await home.run_to(30, hour=1)
    await home.stop()
    await home.run(20 * MINUTES)
    await home.start()
    await home.run(5 * MINUTES)
    await home.stop()
    await home.run(30 * MINUTES)
    await home.start()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []
    assert len(home.lines) == 2


async def test_hour_of_which_the_server_saw_less_stays_as_it_is(home: Home):
    await home.run_to(2, hour=1)
    home.server.look_away()
    await home.run(20 * MINUTES)
    home.plant.show(TEMPERATURE, -5.0)
    await home.run(20 * MINUTES)
    home.server.look_again()
    await home.stop()
    await home.run(2 * MINUTES)
    await home.start()
    await home.run_to(2, hour=1)
    hour, row = max((await home.statistics(TEMPERATURE.point_id)).items())
    assert home.server.asked
    assert row.min == home.plant.truth(TEMPERATURE.point_id, hour).minimum < 0


async def test_renamed_sensor_keeps_what_is_due_to_it(home: Home):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(10 * MINUTES)
    await home.start()
    registry = er.async_get(home.hass)
    registry.async_update_entity(
        entity_id_of(home.hass, TEMPERATURE.point_id), new_entity_id="sensor.supply"
    )
    await home.run_to(2, hour=1)
    assert await wrong(home) == []
    assert entity_id_of(home.hass, TEMPERATURE.point_id) == "sensor.supply"

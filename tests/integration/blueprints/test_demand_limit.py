"""Demand limit: shed step by step, given back one by one, and nothing stays shed."""

from .home import Home

BLUEPRINT = "demand_limit"
DEMAND = "sensor.main_meter_demand"
FIRST, SECOND = "analog-value,1", "analog-value,2"


async def limited(home: Home) -> None:
    """Limit the demand to 100 kW, with steps of 3 and restores of 10 minutes."""
    home.hass.states.async_set(DEMAND, "80")
    await home.automate(
        BLUEPRINT,
        demand=DEMAND,
        limit=100,
        margin=10,
        points_1=[home.opened.entity_id(FIRST)],
        value_1="17",
        points_2=[home.opened.entity_id(SECOND)],
        value_2="60",
    )


async def demand(home: Home, value: str) -> None:
    home.hass.states.async_set(DEMAND, value)
    await home.settle()


def shed(home: Home) -> tuple[object, object]:
    return home.slot(FIRST), home.slot(SECOND)


async def test_steps_are_taken_and_given_back_with_hysteresis(home: Home):
    await limited(home)
    await demand(home, "101")
    await home.opened.until(lambda: shed(home) == (17, None))
    await home.settle()
    await home.pass_time(minutes=3.1)
    await home.opened.until(lambda: shed(home) == (17, 60))
    # Below the limit, and not by enough
    await demand(home, "95")
    await home.pass_time(minutes=3.1)
    assert shed(home) == (17, 60)
    await demand(home, "85")
    await home.pass_time(minutes=3.1)
    await home.opened.until(lambda: shed(home) == (17, None))
    await home.settle()
    await home.pass_time(minutes=9)
    assert shed(home) == (17, None)
    await home.pass_time(minutes=1.1)
    await home.opened.until(lambda: shed(home) == (None, None))


async def test_shed_point_is_renewed_and_given_back_when_the_sensor_is_gone(home: Home):
    await limited(home)
    await demand(home, "101")
    await home.opened.until(lambda: shed(home) == (17, None))
    until = home.attributes(FIRST).get("override_until")
    await home.settle()
    await home.pass_time(minutes=3.1)
    await home.opened.until(
        lambda: home.attributes(FIRST).get("override_until") != until
    )
    await demand(home, "unavailable")
    for _ in range(4):
        await home.pass_time(minutes=3.1)
    await home.opened.until(lambda: shed(home) == (None, None))


async def test_nothing_stays_shed_when_the_automation_is_gone(home: Home):
    await limited(home)
    await demand(home, "101")
    await home.opened.until(lambda: shed(home) == (17, None))
    await home.opened.until(lambda: "override_until" in home.attributes(FIRST))
    await home.switch_off(BLUEPRINT)
    await home.pass_time(minutes=9)
    await home.opened.until(lambda: shed(home) == (None, None))

"""Home Assistant away from a real server that reads a real device, over real sockets."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.simulators.building import PROFILES, Building

from ..entries import AIR_HANDLER
from ..fake_engine import World
from ..office import TEMPERATURE
from .comparison import compare
from .conftest import BEGIN
from .plant import HOUR, PlantServer
from .seen_comparison import Times, compare_seen
from .test_random_outages import Trial, report
from .wired_home import WiredHome, WiredPlant, WiredServer, metered_air_handler

# Hours pass in these tests
pytestmark = pytest.mark.timeout(300)

MINUTES = timedelta(minutes=1)
OUTAGES = int(os.environ.get("PLANTROOM_SOAK_OUTAGES", "3"))
SEED = int(os.environ.get("PLANTROOM_SOAK_SEED", "4"))
AWAY = ("home_assistant", "server killed", "device silent")


@pytest.fixture
def seed() -> int:
    return SEED


@pytest.fixture
async def wired(
    async_test_recorder: Any,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    socket_enabled: None,
    tmp_path: Path,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[WiredHome]:
    """Return a Home Assistant whose engine is a server's, beside an air handler."""
    asyncio.get_running_loop().set_debug(False)
    freezer.move_to(BEGIN)
    plant = WiredPlant(Random(seed), BEGIN)
    monkeypatch.setitem(PROFILES, "office", (metered_air_handler(),))
    async with Building(only=(AIR_HANDLER.instance,), speed=0) as building:
        server = WiredServer(tmp_path)
        home = WiredHome(
            world=World(),
            plant=plant,
            server=PlantServer(plant, tmp_path),
            freezer=freezer,
            test_recorder=async_test_recorder,
            building=building,
            wired=server,
        )
        await home.start_server()
        try:
            await home.start()
            yield home
        finally:
            if home.hass is not None:
                await home.stop()
            await home.stop_server()


@pytest.mark.parametrize("minutes", [10, 180])
async def test_hours_without_home_assistant_are_filled_in(
    wired: WiredHome, minutes: int
):
    await wired.run_to(56, hour=1)
    await wired.stop()
    await wired.run(minutes * MINUTES)
    await wired.start()
    await wired.run_to(2, hour=2)
    found = await compare(wired, wired.first_hour)
    assert found.wrong == ()
    assert len(wired.lines) == 1


async def test_hours_around_a_killed_server_hold_only_what_was_seen(
    wired: WiredHome,
):
    await wired.run_to(50, hour=1)
    killed = wired.plant.at
    await wired.kill_server()
    await wired.run(130 * MINUTES)
    await wired.start_server()
    dark = [(killed, wired.plant.at)]
    await wired.run_to(2, hour=2)
    found = await compare_seen(wired, wired.first_hour, dark)
    assert found.wrong == ()
    assert found.compared
    dead = killed.replace(minute=0, second=0, microsecond=0) + HOUR
    assert dead not in await wired.statistics(TEMPERATURE.point_id)


async def test_hour_in_which_the_device_was_silent_is_what_it_showed_before_and_after(
    wired: WiredHome,
):
    await wired.run_to(4, hour=1)
    await wired.unplug()
    silent = wired.plant.at
    await wired.run_to(40)
    await wired.stop()
    await wired.run_to(48)
    wired.plant.show(TEMPERATURE, 60.0)
    await wired.plug()
    dark = [(silent, wired.plant.at)]
    await wired.run_to(57)
    await wired.start()
    await wired.run_to(2, hour=1)
    found = await compare_seen(wired, wired.first_hour, dark)
    assert found.wrong == ()
    rows = await wired.statistics(TEMPERATURE.point_id)
    assert rows[silent.replace(minute=0, second=0, microsecond=0)].max > 50.0


async def go_away(home: WiredHome, what: str, minutes: int) -> None:
    """Let one of three be away until it is noticed that it is back."""
    if what == "home_assistant":
        await home.stop()
        await home.run(minutes * MINUTES)
        await home.start()
    elif what == "server killed":
        await home.kill_server()
        await home.run(minutes * MINUTES)
        await home.start_server()
    else:
        await home.run(minutes * MINUTES)
        await home.plug()


@pytest.mark.timeout(120 + 60 * OUTAGES)
async def test_whoever_is_away_no_hour_says_what_was_not(wired: WiredHome):
    random = Random(SEED)
    trials: list[Trial] = []
    dark: Times = []
    since = wired.first_hour
    await wired.run_to(2, hour=1)
    for number in range(OUTAGES):
        what, minutes = AWAY[number % len(AWAY)], random.randint(2, 100)
        await wired.run(random.randint(1, 50) * MINUTES)
        if what == "device silent":
            await wired.unplug()
        away = wired.plant.at
        await go_away(wired, what, minutes)
        if what != "home_assistant":
            dark.append((away, wired.plant.at))
        await wired.run_to(2, hour=1)
        found = await compare_seen(wired, since, dark)
        trials.append(
            Trial(
                what=what,
                minutes=minutes,
                began_anew=False,
                compared=found.compared,
                wrong=found.wrong,
            )
        )
        report(trials)
        since = wired.plant.at.replace(minute=0, second=0, microsecond=0) - HOUR
    assert [wrong for trial in trials for wrong in trial.wrong] == []

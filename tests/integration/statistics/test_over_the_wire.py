"""Home Assistant away from a real server that reads a real device, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.simulators.building import Building

from ..entries import AIR_HANDLER
from ..fake_engine import World
from .comparison import compare
from .conftest import BEGIN
from .plant import PlantServer
from .wired_home import WiredHome, WiredPlant, WiredServer

MINUTES = timedelta(minutes=1)


@pytest.fixture
async def wired(
    async_test_recorder: Any,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    socket_enabled: None,
    tmp_path: Path,
    seed: int,
) -> AsyncIterator[WiredHome]:
    """Return a Home Assistant whose engine is a server's, beside an air handler."""
    asyncio.get_running_loop().set_debug(False)
    freezer.move_to(BEGIN)
    plant = WiredPlant(Random(seed), BEGIN)
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
        await home.furnish_building()
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

"""Real recorders that make real statistics, on a clock of the test."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from ..fake_engine import World
from .home import Home
from .plant import Plant, PlantServer

# What the plant shows never changes just when an hour begins
BEGIN = datetime(2026, 11, 21, 6, 50, 37, tzinfo=UTC)


@pytest.fixture(autouse=True)
def say_little() -> None:
    """Days pass in these tests; a record of every statement would take most of theirs."""
    for name in ("homeassistant", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)


@pytest.fixture
def persistent_database() -> bool:
    return True


@pytest.fixture
def enable_statistics() -> bool:
    return True


@pytest.fixture
def enable_missing_statistics() -> bool:
    return True


@pytest.fixture
def seed() -> int:
    return 1


@pytest.fixture
async def home(
    async_test_recorder: Any,
    hass_storage: dict[str, Any],
    world: World,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    seed: int,
) -> AsyncIterator[Home]:
    """Return a Home Assistant that ran for a while, with a server that goes on."""
    asyncio.get_running_loop().set_debug(False)
    freezer.move_to(BEGIN)
    plant = Plant(Random(seed), BEGIN)
    server = PlantServer(plant, tmp_path)
    made = Home(
        world=world,
        plant=plant,
        server=server,
        freezer=freezer,
        test_recorder=async_test_recorder,
    )
    await server.start()
    try:
        await made.start()
        yield made
    finally:
        if made.hass is not None:
            await made.stop()
        await server.stop()

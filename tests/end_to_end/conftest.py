"""One Home Assistant for all the tests; each leaves the building as it found it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.demo.house import DemoHouse
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed

VALUES_SECONDS = 60.0
ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Return where screenshots are kept."""
    return Path(os.environ.get("PLANTROOM_PICTURES") or ARTIFACTS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoHouse]:
    """Return a Home Assistant with Plantroom set up; time stands still in the building."""
    folder = tmp_path_factory.mktemp("home_assistant")
    async with DemoHouse(folder=folder, speed=0.0) as started:
        await started.set_up()
        await started.wait_for_entities()
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def entities(house: DemoHouse) -> Entities:
    """Return our entities as they are now."""
    return await house.wait_for_entities()


@pytest_asyncio.fixture(loop_scope="session")
async def feed(house: DemoHouse, entities: Entities) -> AsyncIterator[StateFeed]:
    """Return the states; every point has its value."""
    following = StateFeed()
    subscription = await following.start(house.api)
    await following.wait_for_values(entities.enabled_points, VALUES_SECONDS)
    yield following
    await house.api.unsubscribe(subscription)

"""Two simulated devices in which no time passes."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.building import Building

from .lease_bench import BOILER, VAV


@pytest.fixture
async def building() -> AsyncIterator[Building]:
    async with Building(profile="all", only=(VAV, BOILER), speed=0) as made:
        yield made

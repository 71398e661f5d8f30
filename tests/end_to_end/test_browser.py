"""A person adds the network and moves a setpoint with nothing but the browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.demo.dashboard import PATH, make_dashboard
from tests.demo.floors import make_floors
from tests.demo.house import DemoHouse
from tests.demo.metering import add_modbus
from tests.demo.writing import address_of
from tests.home_assistant.browser import Screen, open_screen
from tests.home_assistant.plantroom import LOOPBACK, find_entry
from tests.home_assistant.state_feed import StateFeed
from tests.peers.rusty_client import Opinion, RustyClient

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

SEARCH_MILLISECONDS = 60_000
VALUES_SECONDS = 60.0
ROOM, SETPOINT, STEPS = 2001, "analog-value,1", 3


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoHouse]:
    """Return a Home Assistant that does not know Plantroom yet."""
    folder = tmp_path_factory.mktemp("fresh")
    async with DemoHouse(folder=folder, speed=0.0) as started:
        await make_floors(started.api)
        yield started


async def test_network_is_added_and_a_setpoint_moved_in_the_browser(
    fresh: DemoHouse, pictures: Path
):
    async with open_screen(fresh.api, pictures) as screen:
        await add_network(screen, fresh)
        await add_lines(fresh)
        entities = await fresh.wait_for_entities()
        feed = StateFeed()
        await feed.start(fresh.api)
        await feed.wait_for_values(entities.enabled_points, VALUES_SECONDS)
        await make_dashboard(fresh.api, fresh.folder)
        entity_id = entities.of_point(ROOM, SETPOINT)
        before = float(feed.states[entity_id])
        await press_plus(screen, entity_id)
        wanted = round(before + STEPS * feed.attributes[entity_id]["step"], 1)
        await feed.wait_for(entity_id, str(wanted), VALUES_SECONDS)
        await screen.picture("setpoint_moved")
        assert screen.errors == []
    opinion = await second_opinion(fresh)
    assert opinion.present_value == pytest.approx(wanted)
    assert opinion.winning_priority == 8


async def add_network(screen: Screen, house: DemoHouse) -> None:
    """Go through Settings, Add integration, Plantroom, and take every device found."""
    await screen.add_integration("Plantroom")
    await screen.pick("In Home Assistant")
    await screen.pick("BACnet network")
    await screen.picture("add_network")
    await screen.fill("name", "Riverside Office")
    await screen.choose({"address": LOOPBACK, "port": house.building.port})
    await screen.submit()
    await screen.picture("searching")
    await screen.flow.get_by_text("Devices found").wait_for(timeout=SEARCH_MILLISECONDS)
    await screen.settle()
    await screen.picture("devices_found")
    await screen.submit()
    await screen.picture("devices_added")
    await screen.press("(Finish|Skip and finish)")


async def add_lines(house: DemoHouse) -> None:
    """Add the meters and thermostats as well, which the dashboard shows beside."""
    entry = await find_entry(house.api)
    assert entry is not None
    await add_modbus(house.api, entry["entry_id"], house.building)


async def press_plus(screen: Screen, entity_id: str) -> None:
    """Raise a setpoint on the dashboard, three steps."""
    await screen.open(f"/{PATH}/rooms", "hui-tile-card")
    card = screen.page.locator("hui-tile-card").filter(has_text="Setpoint").first
    await (
        card.get_by_role("button", name="Increase")
        .or_(card.locator("ha-control-number-buttons .plus"))
        .first.click(click_count=STEPS, delay=50)
    )
    await screen.settle()


async def second_opinion(house: DemoHouse) -> Opinion:
    """Return what an independent client reads of the setpoint."""
    async with RustyClient(port=house.building.port) as peer:
        return await peer.read_opinion(address_of(house.building, ROOM), SETPOINT)

"""A person sets up an alarm, and looks at a device's recipients, in the browser."""

from pathlib import Path

import pytest

from tests.demo.house import DemoHouse
from tests.home_assistant.browser import Screen, open_screen
from tests.home_assistant.plantroom import Entities, find_entry

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

AHU = 1001
PAGE = "/config/integrations/integration/plantroom"


async def test_an_alarm_is_set_up_in_the_browser(
    house: DemoHouse, entities: Entities, pictures: Path
) -> None:
    before = await rules_of(house)
    async with open_screen(house.api, pictures) as screen:
        await screen.open(PAGE, "ha-config-integration-page")
        await screen.page.get_by_role("button", name="Add alarms").first.click()
        await screen.flow.locator("step-flow-menu").first.wait_for()
        await screen.pick("Choose an entity")
        supply = entities.of_point(AHU, "analog-input,1")
        await screen.choose({"entity_id": supply})
        await screen.settle()
        await screen.submit()
        await screen.picture("alarm_kinds")
        await screen.pick("When it is too high")
        await screen.choose({"high": 31})
        await screen.settle()
        await screen.picture("alarm_rule")
        await screen.submit()
        await screen.flow.get_by_text("It would say").wait_for()
        await screen.picture("alarm_preview")
        await screen.flow.get_by_text("Keep it", exact=True).click()
        await screen.settle()
        assert screen.errors == []
    (added,) = await rules_of(house) - before
    assert added.endswith("above 31 °C")


async def test_a_device_s_recipients_are_shown_in_the_browser(
    house: DemoHouse, entities: Entities, pictures: Path
) -> None:
    assert entities.of_point(AHU, "analog-input,1")
    async with open_screen(house.api, pictures) as screen:
        await screen.open(PAGE, "ha-config-integration-page")
        await screen.change("AHU-1")
        await screen.pick("Its own alarms")
        await screen.flow.get_by_text("tells nobody").first.wait_for()
        await show_choice(screen)
        await screen.picture("device_alarms")
        assert screen.errors == []


async def show_choice(screen: Screen) -> None:
    """Choose some of the classes, which shows their list."""
    await screen.choose({"hearing": "choice"})
    await screen.settle()


async def rules_of(house: DemoHouse) -> set[str]:
    """Return the titles of the alarms that are set up."""
    entry = await find_entry(house.api)
    assert entry is not None
    listed = await house.api.command(
        "config_entries/subentries/list", entry_id=entry["entry_id"]
    )
    return {item["title"] for item in listed if item["subentry_type"] == "alarm_rule"}

"""The pictures of the documentation, taken from the running demo."""

import asyncio
from pathlib import Path

from tests.home_assistant.browser import Screen, open_screen
from tests.home_assistant.plantroom import DOMAIN, Entities
from tests.home_assistant.state_feed import StateFeed

from .dashboard import PATH
from .energy_view import MAIN, POWER
from .house import DemoHouse

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
BUSY_SECONDS = 150
VALUES_SECONDS = 60.0
# Setpoints of the supply air, the boilers, the chiller and a room, moved three times.
SETPOINTS = tuple((instance, "analog-value,1") for instance in (1001, 3001, 3002, 2001))
MOVES = ((19.0, 66.0, 8.5, 22.5), (15.5, 58.0, 6.5, 20.5), (17.0, 62.0, 7.0, 21.0))
ROOM_SETPOINT = (2001, "analog-value,1")
MAIN_METER = "Main meter"
DEMAND = (MAIN, f"{POWER}~demand")
# The utility's interval, and a minute to look at it
DEMAND_SECONDS = 16 * 60.0


async def take_pictures(house: DemoHouse, entities: Entities) -> None:
    """Let the building live for a while, so that the trends show something, then look."""
    feed = StateFeed()
    await feed.start(house.api)
    # Home Assistant leaves commands to entities without a value out, silently
    await feed.wait_for_values(entities.enabled_points, VALUES_SECONDS)
    for values in MOVES:
        for (instance, reference), value in zip(SETPOINTS, values, strict=True):
            entity_id = entities.of_point(instance, reference)
            await house.api.action(
                "number.set_value", {"entity_id": entity_id, "value": value}
            )
        await asyncio.sleep(BUSY_SECONDS / len(MOVES))
    async with open_screen(house.api, PICTURES) as screen:
        for page in ("building", "rooms", "plant", "alarms", "health"):
            await screen.open(f"/{PATH}/{page}")
            await screen.settle(2000)
            await screen.picture(page)
        await _settings(screen, house, entities)
        await _modbus(screen)
        await screen.open("/energy/electricity")
        await screen.settle(3000)
        await screen.picture("energy")
        await feed.wait_for_values([entities.of_point(*DEMAND)], DEMAND_SECONDS)
        await screen.open(f"/{PATH}/energy")
        await screen.settle(2000)
        await screen.picture("meters")


async def _modbus(screen: Screen) -> None:
    """Look at a meter's live values, and at one of them in all byte orders."""
    await screen.open(
        f"/config/integrations/integration/{DOMAIN}", "ha-config-integration-page"
    )
    await screen.change(MAIN_METER)
    await screen.pick("Look at the values; profile, word order")
    await screen.flow.get_by_text("A value looks wrong").wait_for()
    await screen.settle(1500)
    await screen.picture("modbus_values")
    await screen.pick("A value looks wrong")
    await screen.submit()
    await screen.flow.get_by_text("DCBA").first.wait_for()
    await screen.settle(1500)
    await screen.picture("modbus_orders")


async def _settings(screen: Screen, house: DemoHouse, entities: Entities) -> None:
    """Look at the integration's page, a device and the dialog of a setpoint."""
    await screen.open(
        f"/config/integrations/integration/{DOMAIN}", "ha-config-integration-page"
    )
    await screen.picture("integration")
    setpoint = entities.of_point(*ROOM_SETPOINT)
    device = next(e.device_id for e in entities.all if e.entity_id == setpoint)
    await screen.open(f"/config/devices/device/{device}", "ha-config-device-page")
    await screen.picture("device")
    await screen.more_info(setpoint)
    await screen.settle(1500)
    await screen.picture("setpoint")

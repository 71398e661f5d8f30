"""Between which BACnet networks the server routes is asked for in the options."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
    SecureConnectConfig,
    SecureNetworkConfig,
)

from .entries import plantroom_entry
from .fake_engine import World
from .fake_gateway import FILLED, served, served_entry
from .flow_steps import Walk, field

SECURE = SecureNetworkConfig(
    network_id="5ec00001",
    name="Tower",
    primary="wss://hub.example:4443",
    credentials="ours",
    instance=4193000,
)
SITE = replace(FILLED, secure_connect=SecureConnectConfig(networks=(SECURE,)))
PLAIN = FILLED.networks[0].network_id
ROWS = [
    {"network_id": PLAIN, "number": 10},
    {"network_id": SECURE.network_id, "number": 20},
]


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through the options."""
    return Walk(hass, hass.config_entries.options)


async def ask(hass: HomeAssistant, entry: Any, walk: Walk) -> Any:
    """Open the form of a server's routing."""
    if entry.state.value == "not_loaded":
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["routing", "limits", "events", "internetwork"]
    return await walk.choose(menu, "internetwork")


async def test_networks_are_joined_and_parted_without_a_reload(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = served_entry(hass, SITE)
    form = await ask(hass, entry, walk)
    assert field(form, "routed")[0].default() == []
    await walk.answer(form, {"routed": ROWS})
    await hass.async_block_till_done()
    assert world.running[0].site.secure_connect.routed == (
        RoutedNetworkConfig(network_id=PLAIN, number=10),
        RoutedNetworkConfig(network_id=SECURE.network_id, number=20),
    )
    assert len(world.connections) == 1
    form = await ask(hass, entry, walk)
    assert field(form, "routed")[0].default() == ROWS
    await walk.answer(form, {"routed": []})
    await hass.async_block_till_done()
    assert world.running[0].site.secure_connect.routed == ()


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        (ROWS[:1], "routed_alone"),
        ([ROWS[0], ROWS[0]], "routed_twice"),
        ([ROWS[0], ROWS[1] | {"number": 10}], "routed_twice"),
    ],
)
async def test_what_cannot_be_routed_is_refused(
    hass: HomeAssistant, walk: Walk, rows: list[dict[str, Any]], key: str
) -> None:
    form = await ask(hass, served_entry(hass, SITE), walk)
    refused = await walk.answer(form, {"routed": rows})
    assert refused["errors"] == {"routed": key}


async def test_own_devices_of_one_instance_are_refused(
    hass: HomeAssistant, walk: Walk
) -> None:
    same = replace(SECURE, instance=FILLED.networks[0].instance)
    site = replace(SITE, secure_connect=SecureConnectConfig(networks=(same,)))
    form = await ask(hass, served_entry(hass, site), walk)
    refused = await walk.answer(form, {"routed": ROWS})
    assert refused["errors"] == {"routed": "routed_instance"}


async def test_without_a_server_there_is_nothing_to_route(hass: HomeAssistant) -> None:
    entry = plantroom_entry(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert "internetwork" not in menu["menu_options"]

"""What all event subscriptions share is set once, and no password is shown again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.gateway.configuration import GatewayConfig

from .entries import plantroom_entry
from .fake_engine import World
from .fake_gateway import DATABASE, FILLED, LOG, PLANT, served, served_entry
from .flow_steps import Walk, field

URL = "redis://gateway:secret@cache.local:6379/0"
SITE = replace(
    FILLED,
    gateway=GatewayConfig(
        stores=(DATABASE,), subscriptions=(replace(PLANT, store_id="db"),)
    ),
)


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through the options."""
    return Walk(hass, hass.config_entries.options)


async def ask(hass: HomeAssistant, entry: Any, walk: Walk) -> Any:
    """Open the form of a server's events."""
    if entry.state.value == "not_loaded":
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["routing", "limits", "events"]
    return await walk.choose(menu, "events")


async def test_two_servers_share_a_redis(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = served_entry(hass, SITE)
    form = await ask(hass, entry, walk)
    assert field(form, "cache")[0].default() == "of_server"
    await walk.answer(form, {"cache": "redis", "redis_url": URL, "standby": True})
    await hass.async_block_till_done()
    gateway = world.running[0].site.gateway
    assert gateway == replace(SITE.gateway, redis_url=URL, standby=True)
    assert len(world.connections) == 1

    form = await ask(hass, entry, walk)
    marker, _ = field(form, "redis_url")
    assert marker.description is None
    assert field(form, "standby")[0].default()
    await walk.answer(form, {"cache": "redis", "standby": False})
    await hass.async_block_till_done()
    assert world.running[0].site.gateway.redis_url == URL
    form = await ask(hass, entry, walk)
    await walk.answer(form, {"cache": "of_server"})
    await hass.async_block_till_done()
    assert world.running[0].site.gateway == SITE.gateway
    assert "secret" not in str(entry.options)


@pytest.mark.parametrize("url", ["", "http://cache.local", "cache.local:6379"])
async def test_what_is_no_redis_is_refused_at_its_field(
    hass: HomeAssistant, walk: Walk, url: str
) -> None:
    form = await ask(hass, served_entry(hass, SITE), walk)
    refused = await walk.answer(
        form, {"cache": "redis", "redis_url": url, "standby": False}
    )
    assert refused["errors"] == {"redis_url": "bad_redis_url"}


async def test_a_log_that_senders_fill_is_of_one_server_alone(
    hass: HomeAssistant, walk: Walk
) -> None:
    filled = replace(LOG, http_token="0123456789abcdef")
    gateway = GatewayConfig(stores=(filled,), subscriptions=(PLANT,))
    entry = served_entry(hass, replace(FILLED, gateway=gateway))
    form = await ask(hass, entry, walk)
    refused = await walk.answer(
        form, {"cache": "redis", "redis_url": URL, "standby": True}
    )
    assert refused["errors"] == {"standby": "inlet_with_standby"}


async def test_where_two_servers_take_turns_no_log_is_filled(
    hass: HomeAssistant,
) -> None:
    gateway = GatewayConfig(stores=(LOG,), redis_url=URL, standby=True)
    entry = served_entry(hass, replace(FILLED, gateway=gateway))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    subentries = Walk(hass, hass.config_entries.subentries)
    item = next(i for i in entry.subentries.values() if i.title == "Event log")
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "event_store"),
        context={"source": "reconfigure", "subentry_id": item.subentry_id},
    )
    refused = await subentries.answer(form, {"http": True, "mqtt": False})
    assert refused["errors"] == {"base": "inlet_with_standby"}


async def test_an_engine_in_home_assistant_has_no_such_options(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["routing", "limits"]

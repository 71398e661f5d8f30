"""Our own device on BACnet/SC shows objects of its own, or those of another network."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.setup_flow.secure_network_form import (
    secure_network_from_form,
)

from .fake_engine import World
from .fake_gateway import FILLED, PLANT, served, served_entry
from .flow_steps import Walk, field
from .secure_site import network_answers

SECURE = SecureNetworkConfig(
    network_id="5ec00001",
    name="Tower",
    primary="wss://hub.example:4443",
    credentials="ours",
    instance=4193000,
)
PLAIN = FILLED.networks[0].network_id
PORT = 4443


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


async def settings(hass: HomeAssistant, site: SiteConfig) -> tuple[Walk, Any]:
    """Open the form that changes the network."""
    entry = served_entry(hass, site)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    walk = Walk(hass, hass.config_entries.subentries)
    [item] = entry.get_subentries_of_type("secure_network")
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "secure_network"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )
    return walk, await walk.choose(menu, "settings")


@pytest.mark.parametrize("shown", ["", PLAIN])
async def test_the_form_shows_whose_objects_they_are(
    hass: HomeAssistant, shown: str
) -> None:
    secure = replace(SECURE, objects_of=shown)
    site = replace(FILLED, secure_connect=SecureConnectConfig(networks=(secure,)))
    _, form = await settings(hass, site)
    marker, selector = field(form, "objects_of")
    assert (marker.description["suggested_value"] or "") == shown
    [option] = selector.config["options"]
    assert option == {"value": PLAIN, "label": FILLED.networks[0].name}


async def test_a_network_that_events_fill_shows_no_other_s_objects(
    hass: HomeAssistant,
) -> None:
    plant = replace(PLANT, network_id=SECURE.network_id)
    site = replace(
        FILLED,
        gateway=replace(FILLED.gateway, subscriptions=(plant,)),
        secure_connect=SecureConnectConfig(networks=(SECURE,)),
    )
    walk, form = await settings(hass, site)
    refused = await walk.answer(form, network_answers(PORT, objects_of=PLAIN))
    assert refused["errors"] == {"objects_of": "has_events"}


def test_what_is_left_empty_means_objects_of_its_own():
    before = replace(SECURE, objects_of=PLAIN)
    answers = network_answers(PORT)
    assert secure_network_from_form(before, answers).objects_of == ""
    answers = network_answers(PORT, objects_of=PLAIN)
    assert secure_network_from_form(SECURE, answers).objects_of == PLAIN

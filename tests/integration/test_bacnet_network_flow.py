"""Adding a network to a running engine, and changing one."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.models import (
    Health,
    NetworkStatus,
    ProblemCode,
)
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig

from .entries import AIR_HANDLER, BOILER, NETWORK, data_of, plantroom_entry, subentry
from .fake_engine import AT, World
from .flow_steps import Walk, field

ANSWERS: dict[str, Any] = {
    "name": "Annex",
    "address": "10.10.10.10/24",
    "port": 47809,
    "instance": 4194000,
    "across_subnets": {"bbmd": "10.9.0.1", "bbmd_ttl": 60},
}


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with one network and one device."""
    added = plantroom_entry(hass, devices=[AIR_HANDLER])
    assert await hass.config_entries.async_setup(added.entry_id)
    await hass.async_block_till_done()
    return added


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_network"), context={"source": SOURCE_USER}
    )


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_network"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, "network:cafe0001").subentry_id,
        },
    )


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


def down(code: str) -> Any:
    """Return a world where networks cannot be used."""

    def status(network: BacnetNetworkConfig) -> NetworkStatus:
        return NetworkStatus(
            network_id=network.network_id, health=Health.DOWN, since=AT, reason=code
        )

    return status


async def test_a_second_network_comes_with_its_devices(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [AIR_HANDLER, BOILER]
    form = await start(hass, entry)
    assert form["step_id"] == "user"
    devices = await walk.answer(form, ANSWERS)
    assert devices["step_id"] == "devices"
    done = await walk.answer(
        devices, {"devices": ["1001@10.10.10.20", "1002@10.10.10.21"]}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    network_id = done["data"]["network_id"]
    assert network_id != NETWORK.network_id
    assert data_of(entry, f"network:{network_id}")["bbmd"] == "10.9.0.1"
    assert {item.unique_id for item in entry.subentries.values()} == {
        "network:cafe0001",
        "device:cafe0001:1001",
        f"network:{network_id}",
        f"device:{network_id}:1001",
        f"device:{network_id}:1002",
    }
    (engine,) = world.running
    assert len(engine.site.networks) == 2
    assert len(engine.site.devices) == 3
    # The engine at first, two to try and search, one after the reload.
    assert len(world.connections) == 4


async def test_a_network_without_devices_is_fine(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await walk.answer(await start(hass, entry), ANSWERS)
    assert menu["step_id"] == "nothing_found"
    done = await walk.choose(menu, "without_devices")
    assert done["title"] == "Annex"


async def test_our_own_port_is_named_as_ours(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await start(hass, entry)
    result = await walk.answer(form, {**ANSWERS, "port": 47808})
    assert result["errors"] == {"port": "network_exists"}
    assert result["description_placeholders"]["network"] == "Building"
    assert len(world.connections) == 1


async def test_reconfigure_shows_the_network_as_it_is(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = await reconfigure(hass, entry)
    assert form["step_id"] == "reconfigure"
    assert field(form, "name")[0].default() == "Building"
    assert field(form, "address")[0].default() == "10.10.10.10/24"


async def test_a_new_name_tries_nothing(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.network_status = down("port_in_use")
    form = await reconfigure(hass, entry)
    done = await walk.answer(
        form,
        {
            **ANSWERS,
            "name": " East ",
            "port": 47808,
            "across_subnets": {"bbmd_ttl": 300},
        },
    )
    assert done["reason"] == "reconfigure_successful"
    assert subentry(entry, "network:cafe0001").title == "East"
    assert data_of(entry, "network:cafe0001")["name"] == "East"
    await hass.async_block_till_done()


async def test_a_change_is_tried_with_our_own_port_free(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    (engine,) = world.running
    seen: list[bool] = []

    def status(network: BacnetNetworkConfig) -> None:
        seen.append(engine.connected)

    world.network_status = status
    form = await reconfigure(hass, entry)
    done = await walk.answer(form, {**ANSWERS, "port": 47808})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert not any(seen)
    assert entry.state is ConfigEntryState.LOADED
    assert data_of(entry, "network:cafe0001")["bbmd"] == "10.9.0.1"
    (running,) = world.running
    assert running.site.networks == (
        replace(NETWORK, name="Annex", bbmd="10.9.0.1", bbmd_ttl=60),
    )
    assert [device.instance for device in running.site.devices] == [1001]


async def test_a_change_that_does_not_work_is_not_kept(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.network_status = down(ProblemCode.INTERFACE_GONE)
    form = await reconfigure(hass, entry)
    result = await walk.answer(form, {**ANSWERS, "address": "10.7.7.7/24"})
    assert result["errors"] == {"address": "interface_gone"}
    assert result["description_placeholders"]["address"] == "10.7.7.7/24"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert world.running[0].site.networks == (NETWORK,)
    assert data_of(entry, "network:cafe0001")["port"] == 47808


async def test_a_change_that_cannot_be_right_is_not_tried(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await reconfigure(hass, entry)
    result = await walk.answer(form, {**ANSWERS, "address": "here"})
    assert result["errors"] == {"address": "bad_interface"}
    assert len(world.connections) == 1


async def test_the_port_of_another_network_is_refused(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    other = replace(NETWORK, network_id="other", name="Annex", port=47809)
    entry = plantroom_entry(hass, networks=[NETWORK, other])
    form = await reconfigure(hass, entry)
    result = await walk.answer(form, ANSWERS)
    assert result["errors"] == {"port": "network_exists"}
    assert world.connections == []


async def test_an_entry_that_does_not_run_is_not_started_by_a_change(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = plantroom_entry(hass)
    form = await reconfigure(hass, entry)
    done = await walk.answer(form, ANSWERS)
    assert done["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert data_of(entry, "network:cafe0001")["port"] == 47809

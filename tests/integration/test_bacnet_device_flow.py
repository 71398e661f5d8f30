"""Adding devices with the running engine, and changing how one is served."""

import asyncio
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
    Access,
    Point,
    PointKind,
    PointRole,
)

from .entries import AIR_HANDLER, BOILER, NETWORK, data_of, plantroom_entry, subentry
from .fake_engine import World
from .flow_steps import Walk, field, labels

SUPPLY = Point(
    point_id="cafe0001:1001:analog-input,1",
    device_id="cafe0001:1001",
    reference="analog-input,1",
    kind=PointKind.ANALOG,
    role=PointRole.INPUT,
    access=Access.READ_ONLY,
    name="Supply",
    description="Supply air temperature",
)
LIMIT = replace(
    SUPPLY,
    point_id="cafe0001:1001:analog-value,2",
    reference="analog-value,2",
    role=PointRole.VALUE,
    access=Access.PLAIN,
    name="Limit",
    description="",
)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with one network and one device of two points."""
    world.points = {point.point_id: point for point in (SUPPLY, LIMIT)}
    added = plantroom_entry(hass, devices=[AIR_HANDLER])
    await run(hass, added)
    return added


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


async def run(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_device"), context={"source": SOURCE_USER}
    )


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, step: str = "options"
) -> Any:
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry.entry_id, "bacnet_device"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, "device:cafe0001:1001").subentry_id,
        },
    )
    assert menu["menu_options"] == [
        "options",
        "alarms",
        "metering",
        "on_dashboard",
        "history",
    ]
    return await Walk(hass, flows).choose(menu, step)


async def test_what_a_search_found_can_be_added_later_without_another(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await start(hass, entry)
    assert "last_search" not in menu["menu_options"]
    chiller = replace(BOILER, instance=1003, address="10.10.10.22", name="Chiller")
    world.found = [AIR_HANDLER, BOILER, chiller]
    devices = await walk.choose(menu, "discovering")
    await walk.answer(devices, {"devices": ["1002@10.10.10.21"]})
    searches = len(world.scans)

    again = await start(hass, entry)
    assert again["menu_options"] == ["last_search", "discovering", "by_address"]
    devices = await walk.choose(again, "last_search")
    assert labels(devices, "devices") == [
        "Chiller — Vendor Model (instance 1003, 10.10.10.22)"
    ]
    await walk.answer(devices, {"devices": ["1003@10.10.10.22"]})
    assert subentry(entry, "device:cafe0001:1003").title == "Chiller"
    assert len(world.scans) == searches
    assert "last_search" not in (await start(hass, entry))["menu_options"]


async def test_a_search_offers_only_what_is_not_configured(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    chiller = replace(BOILER, instance=1003, address="10.10.10.22", name="Chiller")
    world.found = [AIR_HANDLER, BOILER, chiller]
    menu = await start(hass, entry)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["discovering", "by_address"]
    devices = await walk.choose(menu, "discovering")
    assert [label.split()[0] for label in labels(devices, "devices")] == [
        "Boiler",
        "Chiller",
    ]
    assert len(world.connections) == 1
    done = await walk.answer(
        devices, {"devices": ["1002@10.10.10.21", "1003@10.10.10.22"]}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert data_of(entry, "device:cafe0001:1002")["address"] == ""
    (engine,) = world.running
    assert [d.instance for d in engine.site.devices] == [1001, 1003, 1002]
    # Two devices, one reload.
    assert len(world.connections) == 2


async def test_something_must_be_chosen(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [BOILER]
    devices = await walk.choose(await start(hass, entry), "discovering")
    result = await walk.answer(devices, {"devices": []})
    assert result["errors"] == {"devices": "nothing_chosen"}


async def test_nothing_new_offers_to_ask_an_address(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [AIR_HANDLER]
    menu = await walk.choose(await start(hass, entry), "discovering")
    assert menu["step_id"] == "nothing_found"
    assert menu["menu_options"] == ["discovering", "by_address"]
    form = await walk.choose(menu, "by_address")
    result = await walk.answer(form, {"instance": 1001})
    assert result["errors"] == {"base": "already_configured"}


async def test_a_device_is_added_by_its_address(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [BOILER]
    form = await walk.choose(await start(hass, entry), "by_address")
    devices = await walk.answer(form, {"address": "10.10.10.21"})
    done = await walk.answer(devices, {"devices": ["1002@10.10.10.21"]})
    assert done["data"]["address"] == "10.10.10.21"
    await hass.async_block_till_done()


async def test_a_device_added_meanwhile_is_not_added_again(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [BOILER]
    slow = await walk.choose(await start(hass, entry), "discovering")
    fast = await walk.choose(await start(hass, entry), "discovering")
    answers = {"devices": ["1002@10.10.10.21"]}
    assert (await walk.answer(fast, answers))["type"] is FlowResultType.CREATE_ENTRY
    assert (await walk.answer(slow, answers))["reason"] == "already_configured"
    await hass.async_block_till_done()


async def test_several_networks_are_asked_for_first(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    other = replace(NETWORK, network_id="other", name="Annex", port=47809)
    entry = plantroom_entry(hass, networks=[NETWORK, other])
    await run(hass, entry)
    form = await start(hass, entry)
    assert labels(form, "network_id") == ["Building", "Annex"]
    menu = await walk.answer(form, {"network_id": "other"})
    assert menu["description_placeholders"] == {"network": "Annex"}
    menu = await walk.answer(menu)
    assert menu["step_id"] == "how"
    await walk.choose(menu, "discovering")
    assert world.scans[0].network_id == "other"


async def test_a_network_must_be_there(hass: HomeAssistant, world: World) -> None:
    entry = plantroom_entry(hass, networks=[])
    await run(hass, entry)
    assert (await start(hass, entry))["reason"] == "no_networks"


async def test_the_engine_must_run(hass: HomeAssistant) -> None:
    entry = plantroom_entry(hass)
    assert (await start(hass, entry))["reason"] == "not_loaded"


async def test_an_engine_that_stopped_meanwhile_is_a_failed_search(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await start(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    result = await walk.choose(menu, "discovering")
    assert result["step_id"] == "search_failed"


async def test_a_network_removed_meanwhile_ends_the_flow(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    menu = await start(hass, entry)
    network = subentry(entry, "network:cafe0001")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    result = await walk.choose(menu, "discovering")
    assert result["reason"] == "network_gone"
    await hass.async_block_till_done()


async def test_a_network_removed_during_the_search_ends_the_flow(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    world.found = [BOILER]
    world.scan_gate = asyncio.Event()
    menu = await start(hass, entry)
    flows = hass.config_entries.subentries
    await flows.async_configure(menu["flow_id"], {"next_step_id": "discovering"})
    await world.scanning.wait()
    network = subentry(entry, "network:cafe0001")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    world.scan_gate.set()
    assert (await walk.answer(menu))["reason"] == "network_gone"
    await hass.async_block_till_done()


# Reconfigure

OPTIONS: dict[str, Any] = {
    "poll_seconds": 10,
    "priority": "10",
    "change_of_value": False,
    "name_source": "name",
    "all_points": True,
    "writable": [],
}


async def test_the_form_shows_what_is_and_all_points(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    form = await reconfigure(hass, entry)
    assert field(form, "poll_seconds")[0].default() == 60.0
    assert field(form, "priority")[0].default() == "8"
    assert field(form, "all_points")[0].default() is True
    assert labels(form, "points") == [
        "Limit (analog-value,2)",
        "Supply (analog-input,1) — Supply air temperature",
    ]
    assert labels(form, "writable") == ["Limit (analog-value,2)"]
    offered = field(form, "priority")[1].config["options"]
    assert not {"1", "2", "5", "6"} & set(offered)


async def test_how_a_device_is_served_changes_without_a_reload(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await reconfigure(hass, entry)
    done = await walk.answer(form, {**OPTIONS, "address": "10.10.10.50"})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (device,) = world.running[0].site.devices
    assert (device.poll_seconds, device.priority, device.change_of_value) == (
        10,
        10,
        False,
    )
    assert device.address == "10.10.10.50"
    assert device.points is None
    assert len(world.connections) == 1
    assert len(world.connections[0].sites) == 2


@pytest.mark.parametrize(
    ("answers", "data"),
    [
        (
            {"all_points": False, "points": ["analog-input,1"]},
            {"points": ["analog-input,1"]},
        ),
        ({"writable": ["analog-value,2"]}, {"writable": ["analog-value,2"]}),
        ({"name_source": "description"}, {"name_source": "description"}),
    ],
)
async def test_what_entities_show_changes_with_a_reload(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    walk: Walk,
    answers: dict[str, Any],
    data: dict[str, Any],
) -> None:
    await walk.answer(await reconfigure(hass, entry), {**OPTIONS, **answers})
    await hass.async_block_till_done()
    assert data_of(entry, "device:cafe0001:1001").items() >= data.items()
    assert len(world.connections) == 2


async def test_a_chosen_point_that_is_gone_can_be_kept(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    del world.points[SUPPLY.point_id]
    chosen = {**OPTIONS, "all_points": False, "points": ["analog-input,1"]}
    await walk.answer(await reconfigure(hass, entry), chosen)
    await hass.async_block_till_done()
    form = await reconfigure(hass, entry)
    assert labels(form, "points") == ["analog-input,1", "Limit (analog-value,2)"]
    assert field(form, "points")[0].default() == ["analog-input,1"]
    done = await walk.answer(form, chosen)
    assert done["reason"] == "reconfigure_successful"


async def test_an_address_that_is_none_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await reconfigure(hass, entry)
    result = await walk.answer(form, {**OPTIONS, "address": "AHU-1"})
    assert result["errors"] == {"address": "bad_address"}


async def test_points_that_are_not_known_stay_as_they_were(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk
) -> None:
    chosen = {**OPTIONS, "all_points": False, "points": ["analog-input,1"]}
    await walk.answer(await reconfigure(hass, entry), chosen)
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    form = await reconfigure(hass, entry)
    assert not {"all_points", "points", "writable"} & set(form["data_schema"].schema)
    answers = {
        key: value
        for key, value in OPTIONS.items()
        if key not in {"all_points", "writable"}
    }
    await walk.answer(form, answers)
    assert data_of(entry, "device:cafe0001:1001")["points"] == ["analog-input,1"]

"""Searching a network, asking one address, and choosing among what was found."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)

from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.events import Progress
from custom_components.plantroom.engine.models import FoundDevice

from .entries import AIR_HANDLER
from .fake_engine import FakeConnection, World
from .flow_steps import ANSWERS, answer, choose, field, labels, start

pytestmark = pytest.mark.usefixtures("world")

TWIN = FoundDevice(
    network_id="",
    instance=1001,
    address="10.10.10.99",
    duplicate_of="10.10.10.20",
)


async def searching(world: World) -> list[FakeConnection]:
    """Wait until a search runs; return the engines that run."""
    await world.scanning.wait()
    return world.running


async def test_the_search_shows_how_far_it_is(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [AIR_HANDLER]
    world.scan_gate = asyncio.Event()
    fractions: list[float] = []

    @callback
    def heard(event: Event) -> None:
        fractions.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, heard)
    form = await start(hass)
    flows = hass.config_entries.flow
    shown = await flows.async_configure(form["flow_id"], ANSWERS)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["description_placeholders"] == {"network": "Building", "found": "0"}
    (engine,) = await searching(world)
    task_id = world.scans[0].task_id
    engine.tell(Progress(task_id="another", fraction=0.9, text="9"))
    engine.tell(Progress(task_id=task_id, fraction=0.5, text="3"))
    engine.tell(Progress(task_id=task_id, fraction=1.5, text="AHU-1"))
    shown = await flows.async_configure(form["flow_id"])
    assert shown["description_placeholders"] == {"network": "Building", "found": "3"}
    world.scan_gate.set()
    await hass.async_block_till_done()
    assert fractions == [0.5, 1.0]
    assert (await flows.async_configure(form["flow_id"]))["step_id"] == "devices"
    assert world.running == []


async def test_closing_the_dialogue_stops_the_search(
    hass: HomeAssistant, world: World
) -> None:
    world.scan_gate = asyncio.Event()
    form = await start(hass)
    await hass.config_entries.flow.async_configure(form["flow_id"], ANSWERS)
    assert len(await searching(world)) == 1
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert world.running == []


async def test_nothing_found_offers_a_new_search_and_to_go_on_without(
    hass: HomeAssistant, world: World
) -> None:
    menu = await answer(hass, await start(hass), ANSWERS)
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "nothing_found"
    assert menu["menu_options"] == ["discovering", "by_address", "without_devices"]
    menu = await choose(hass, menu, "discovering")
    assert len(world.scans) == 2
    done = await choose(hass, menu, "without_devices")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert [i.subentry_type for i in done["result"].subentries.values()] == [
        "bacnet_network"
    ]


async def test_a_search_that_fails_says_why(hass: HomeAssistant, world: World) -> None:
    world.failures["scan"] = DeviceOfflineError("gone", device="AHU-1")
    menu = await answer(hass, await start(hass), ANSWERS)
    assert menu["step_id"] == "search_failed"
    said = menu["description_placeholders"]["reason"]
    assert said.startswith("Device AHU-1 does not answer.")
    world.failures.clear()
    world.found = [AIR_HANDLER]
    assert (await choose(hass, menu, "discovering"))["step_id"] == "devices"


async def test_a_search_without_end_is_ended(hass: HomeAssistant, world: World) -> None:
    world.scan_gate = asyncio.Event()
    with patch(
        "custom_components.plantroom.setup_flow.device_search.SEARCH_SECONDS", 0
    ):
        menu = await answer(hass, await start(hass), ANSWERS)
    assert menu["description_placeholders"] == {"reason": "That took too long."}


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({}, {"base": "address_or_instance"}),
        ({"address": "AHU-1"}, {"address": "bad_address"}),
        ({"address": "10.10.10.77"}, {"base": "no_answer"}),
        ({"instance": 7}, {"base": "no_answer"}),
    ],
)
async def test_one_device_that_cannot_be_asked_is_an_error(
    hass: HomeAssistant, world: World, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    menu = await answer(hass, await start(hass), ANSWERS)
    form = await choose(hass, menu, "by_address")
    assert form["step_id"] == "by_address"
    result = await answer(hass, form, answers)
    assert result["errors"] == errors


async def test_a_device_asked_by_address_keeps_its_address(
    hass: HomeAssistant, world: World
) -> None:
    menu = await answer(hass, await start(hass), ANSWERS)
    world.found = [AIR_HANDLER]
    form = await choose(hass, menu, "by_address")
    devices = await answer(hass, form, {"address": " 10.10.10.20 ", "instance": 1001})
    assert devices["step_id"] == "devices"
    assert (world.scans[-1].low, world.scans[-1].high) == (1001, 1001)
    done = await answer(hass, devices, {"devices": ["1001@10.10.10.20"]})
    _, device = done["result"].subentries.values()
    assert device.data["address"] == "10.10.10.20"


async def test_a_device_that_fails_when_asked_says_why(
    hass: HomeAssistant, world: World
) -> None:
    menu = await answer(hass, await start(hass), ANSWERS)
    form = await choose(hass, menu, "by_address")
    world.failures["scan"] = DeviceOfflineError("gone", device="AHU-1")
    result = await answer(hass, form, {"instance": 1001})
    assert result["errors"] == {"base": "search_failed"}
    said = result["description_placeholders"]["reason"]
    assert said.startswith("Device AHU-1 does not answer.")


async def test_a_duplicate_is_marked_and_not_ticked_and_never_chosen_with_its_twin(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [AIR_HANDLER, TWIN]
    devices = await answer(hass, await start(hass), ANSWERS)
    assert labels(devices, "devices")[0] == (
        "1001 (instance 1001, 10.10.10.99), duplicate of 10.10.10.20"
    )
    assert field(devices, "devices")[0].default() == ["1001@10.10.10.20"]
    both = {"devices": ["1001@10.10.10.20", "1001@10.10.10.99"]}
    refused = await answer(hass, devices, both)
    assert refused["errors"] == {"devices": "same_instance"}
    assert field(refused, "devices")[0].default() == both["devices"]
    done = await answer(hass, refused, {"devices": ["1001@10.10.10.99"]})
    _, device = done["result"].subentries.values()
    assert device.data["address"] == "10.10.10.99"
    assert device.title == "1001"


@pytest.mark.parametrize("twins", [[], [TWIN]])
async def test_duplicates_are_explained_where_there_are_any(
    hass: HomeAssistant, world: World, twins: list[FoundDevice]
) -> None:
    world.found = [AIR_HANDLER, *twins]
    devices = await answer(hass, await start(hass), ANSWERS)
    said = devices["description_placeholders"]["duplicates"]
    assert said.startswith("\n\nA duplicate has the instance") if twins else said == ""


async def test_labels_speak_the_language_of_the_house(
    hass: HomeAssistant, world: World
) -> None:
    hass.config.language = "de"
    world.found = [AIR_HANDLER]
    devices = await answer(hass, await start(hass), ANSWERS)
    assert labels(devices, "devices") == [
        "AHU-1 — Vendor Model, 35 Punkte (Instanz 1001, 10.10.10.20)"
    ]

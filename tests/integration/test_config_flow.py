"""Setting Plantroom up."""

from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .entries import AIR_HANDLER, BOILER, plantroom_entry
from .fake_engine import World
from .flow_steps import ANSWERS, answer, field, labels, start

pytestmark = pytest.mark.usefixtures("world")


async def test_the_first_network_and_the_devices_ticked_become_subentries(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [BOILER, AIR_HANDLER]
    form = await start(hass)
    assert form["step_id"] == "bacnet_network"
    assert labels(form, "address") == ["eth0 — 10.10.10.10/24"]

    devices = await answer(hass, form, ANSWERS)
    assert devices["step_id"] == "devices"
    assert labels(devices, "devices") == [
        "AHU-1 — Vendor Model, 35 points (instance 1001, 10.10.10.20)",
        "Boiler — Vendor Model (instance 1002, 10.10.10.21)",
    ]
    ticked = field(devices, "devices")[0].default()
    assert ticked == ["1001@10.10.10.20", "1002@10.10.10.21"]

    done = await answer(hass, devices, {"devices": ["1001@10.10.10.20"]})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == "Plantroom"
    assert done["data"] == {"connection": "direct"}
    entry = done["result"]
    assert entry.unique_id == "direct"
    network, device = entry.subentries.values()
    network_id = network.data["network_id"]
    assert network.unique_id == f"network:{network_id}"
    assert network.data == {
        "network_id": network_id,
        "name": "Building",
        "address": "10.10.10.10/24",
        "port": 47808,
        "instance": 4194000,
        "bbmd": "",
        "bbmd_ttl": 300,
        "declined": [1002],
    }
    assert device.unique_id == f"device:{network_id}:1001"
    assert device.title == "AHU-1"
    assert device.data == {
        "network_id": network_id,
        "instance": 1001,
        "address": "",
        "poll_seconds": 60.0,
        "priority": 8,
        "change_of_value": True,
        "name_source": "name",
        "points": None,
        "writable": [],
        "alarms": True,
        "notification_classes": [],
    }
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert [item.site.networks[0].network_id for item in world.running] == [network_id]


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({"address": "10.10.10.10"}, {"address": "bad_interface"}),
        ({"address": "ten/24"}, {"address": "bad_interface"}),
        (
            {"across_subnets": {"bbmd": "bbmd.example", "bbmd_ttl": 300}},
            {"base": "bad_bbmd"},
        ),
        (
            {"across_subnets": {"bbmd": "5:1@10.0.0.1", "bbmd_ttl": 300}},
            {"base": "bad_bbmd"},
        ),
    ],
)
async def test_an_address_that_is_none_is_refused(
    hass: HomeAssistant, world: World, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await answer(hass, await start(hass), {**ANSWERS, **answers})
    assert result["errors"] == errors
    assert world.connections == []
    result = await answer(hass, result, ANSWERS)
    assert result["step_id"] == "nothing_found"


async def test_a_port_out_of_range_is_refused_by_the_form(hass: HomeAssistant) -> None:
    form = await start(hass)
    with pytest.raises(InvalidData):
        await answer(hass, form, {**ANSWERS, "port": 70000})


async def test_no_device_needs_to_be_chosen(hass: HomeAssistant, world: World) -> None:
    world.found = [AIR_HANDLER]
    devices = await answer(hass, await start(hass), ANSWERS)
    done = await answer(hass, devices, {"devices": []})
    assert len(done["result"].subentries) == 1


async def test_loopback_is_offered_where_there_is_nothing_else(
    hass: HomeAssistant,
) -> None:
    with patch(
        "custom_components.plantroom.setup_flow.interfaces.async_get_adapters",
        return_value=[],
    ):
        form = await start(hass)
    assert field(form, "address")[0].default() == "127.0.0.1/8"


async def test_the_default_interface_is_proposed(hass: HomeAssistant) -> None:
    def adapter(name: str, address: str, **facts: Any) -> dict[str, Any]:
        return {
            "name": name,
            "enabled": True,
            "default": False,
            "ipv4": [{"address": address, "network_prefix": 16}],
            **facts,
        }

    with patch(
        "custom_components.plantroom.setup_flow.interfaces.async_get_adapters",
        return_value=[
            adapter("lo", "127.0.0.1"),
            adapter("eth1", "10.1.0.1", enabled=False),
            adapter("eth0", "10.0.0.1", default=True),
        ],
    ):
        form = await start(hass)
    assert field(form, "address")[0].default() == "10.0.0.1/16"
    assert labels(form, "address") == ["eth0 — 10.0.0.1/16", "lo — 127.0.0.1/16"]


async def test_a_second_engine_is_refused(hass: HomeAssistant) -> None:
    plantroom_entry(hass)
    result = await start(hass)
    assert result["reason"] == "already_set_up"


async def test_of_two_dialogues_the_slower_is_refused(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [AIR_HANDLER]
    slow = await answer(hass, await start(hass), ANSWERS)
    plantroom_entry(hass)
    result = await answer(hass, slow, {"devices": []})
    assert result["reason"] == "already_set_up"

"""Setting Plantroom up, and devices offered later."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_INTEGRATION_DISCOVERY,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import Event, HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
    InvalidData,
)
from homeassistant.helpers.discovery_flow import DiscoveryKey
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.config_flow import PlantroomConfigFlow
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.device_offers import withdraw_offers
from custom_components.plantroom.engine.errors import DeviceOfflineError, StorageError
from custom_components.plantroom.engine.events import (
    DeviceSeen,
    NetworkStatusChanged,
    Progress,
)
from custom_components.plantroom.engine.models import (
    FoundDevice,
    Health,
    NetworkStatus,
    Problem,
    ProblemCode,
)
from custom_components.plantroom.runtime import direct_client
from custom_components.plantroom.site import device_subentry
from custom_components.plantroom.subentries import add_subentries

from .entries import AIR_HANDLER, BOILER, NETWORK, plantroom_entry, subentry
from .fake_engine import AT, FakeConnection, World
from .flow_steps import Walk, field, labels

ANSWERS: dict[str, Any] = {
    "name": "Building",
    "address": "10.10.10.10/24",
    "port": 47808,
    "instance": 4194000,
    "across_subnets": {"bbmd_ttl": 300},
}
TWIN = FoundDevice(
    network_id="",
    instance=1001,
    address="10.10.10.99",
    duplicate_of="10.10.10.20",
)


@pytest.fixture(autouse=True)
def no_network(world: World) -> None:
    """Search a world and never a network."""


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def answer(
    hass: HomeAssistant, flow: ConfigFlowResult, answers: dict[str, Any] | None = None
) -> Any:
    return await Walk(hass, hass.config_entries.flow).answer(flow, answers)


async def searching(world: World) -> list[FakeConnection]:
    """Wait until a search runs; return the engines that run."""
    await world.scanning.wait()
    return world.running


async def choose(hass: HomeAssistant, flow: ConfigFlowResult, step: str) -> Any:
    return await Walk(hass, hass.config_entries.flow).choose(flow, step)


async def test_the_first_network_and_the_devices_ticked_become_subentries(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [BOILER, AIR_HANDLER]
    form = await start(hass)
    assert form["step_id"] == "user"
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
    }
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert [item.site.networks[0].network_id for item in world.running] == [network_id]


async def test_an_engine_that_only_tries_keeps_no_files(
    hass: HomeAssistant, world: World
) -> None:
    with patch(
        "custom_components.plantroom.setup_flow.network_check.direct_client",
        wraps=direct_client,
    ) as made:
        await answer(hass, await start(hass), ANSWERS)
    assert [call.args[0].data_folder for call in made.mock_calls] == [None, None]
    assert world.running == []


async def test_the_search_shows_how_far_it_is(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [AIR_HANDLER]
    world.scan_gate = asyncio.Event()
    fractions: list[float] = []

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


@pytest.mark.parametrize(
    ("code", "facts", "errors"),
    [
        (ProblemCode.PORT_IN_USE, {"owner": "hass (7)"}, {"port": "port_in_use"}),
        (ProblemCode.PORT_IN_USE, {}, {"port": "port_in_use_unknown"}),
        (ProblemCode.INTERFACE_GONE, {}, {"address": "interface_gone"}),
        (ProblemCode.BBMD_REFUSED, {"reason": "refused"}, {"base": "bbmd_refused"}),
        (ProblemCode.BBMD_REFUSED, {"reason": "silent"}, {"base": "bbmd_silent"}),
    ],
)
@pytest.mark.parametrize("told_by", ["status", "problem"])
async def test_a_network_that_does_not_open_says_what_to_do(
    hass: HomeAssistant,
    world: World,
    code: ProblemCode,
    facts: dict[str, str],
    errors: dict[str, str],
    told_by: str,
) -> None:
    if told_by == "status":
        world.network_status = lambda network: NetworkStatus(
            network_id=network.network_id,
            health=Health.DOWN,
            since=AT,
            reason=code,
            facts=facts,
        )
    else:
        world.problems = lambda site: (
            Problem(code=code, subject="another"),
            Problem(code=code, subject=site.networks[0].network_id, facts=facts),
        )
    result = await answer(hass, await start(hass), ANSWERS)
    assert result["step_id"] == "user"
    assert result["errors"] == errors
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders.items() >= {"port": "47808", **facts}.items()
    assert world.running == []

    world.network_status = world.problems = None
    world.found = [AIR_HANDLER]
    assert (await answer(hass, result, ANSWERS))["step_id"] == "devices"


async def test_a_network_gets_time_to_come_up(
    hass: HomeAssistant, world: World
) -> None:
    world.network_status = lambda network: NetworkStatus(
        network_id=network.network_id, health=Health.STARTING, since=AT
    )
    form = await start(hass)
    configuring = hass.async_create_task(answer(hass, form, ANSWERS))
    await world.configured.wait()
    (engine,) = world.running
    await asyncio.sleep(0)
    world.network_status = None
    engine.tell(Progress(task_id="", fraction=0))
    engine.tell(
        NetworkStatusChanged(
            status=NetworkStatus(
                network_id=engine.site.networks[0].network_id,
                health=Health.HEALTHY,
                since=AT,
            )
        )
    )
    assert (await configuring)["step_id"] == "nothing_found"


async def test_a_network_that_never_comes_up_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.network_status = lambda network: NetworkStatus(
        network_id=network.network_id, health=Health.STARTING, since=AT
    )
    with patch(
        "custom_components.plantroom.setup_flow.network_check.SETTLE_SECONDS", 0
    ):
        result = await answer(hass, await start(hass), ANSWERS)
    assert result["errors"] == {"base": "network_failed"}


async def test_an_engine_that_does_not_start_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["configure"] = StorageError("no room", path="", reason="")
    result = await answer(hass, await start(hass), ANSWERS)
    assert result["errors"] == {"base": "network_failed"}
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
    world.failures["scan"] = DeviceOfflineError("gone", device="")
    menu = await answer(hass, await start(hass), ANSWERS)
    assert menu["step_id"] == "search_failed"
    assert menu["description_placeholders"] == {"reason": "gone"}
    world.failures.clear()
    world.found = [AIR_HANDLER]
    assert (await choose(hass, menu, "discovering"))["step_id"] == "devices"


async def test_a_search_without_end_is_ended(hass: HomeAssistant, world: World) -> None:
    world.scan_gate = asyncio.Event()
    with patch(
        "custom_components.plantroom.setup_flow.device_search.SEARCH_SECONDS", 0
    ):
        menu = await answer(hass, await start(hass), ANSWERS)
    assert menu["description_placeholders"] == {"reason": "timeout"}


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
    world.failures["scan"] = DeviceOfflineError("gone", device="")
    result = await answer(hass, form, {"instance": 1001})
    assert result["errors"] == {"base": "search_failed"}
    assert result["description_placeholders"] == {"reason": "gone"}


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


async def test_no_device_needs_to_be_chosen(hass: HomeAssistant, world: World) -> None:
    world.found = [AIR_HANDLER]
    devices = await answer(hass, await start(hass), ANSWERS)
    done = await answer(hass, devices, {"devices": []})
    assert len(done["result"].subentries) == 1


async def test_labels_speak_the_language_of_the_house(
    hass: HomeAssistant, world: World
) -> None:
    hass.config.language = "de"
    world.found = [AIR_HANDLER]
    devices = await answer(hass, await start(hass), ANSWERS)
    assert labels(devices, "devices") == [
        "AHU-1 — Vendor Model, 35 Punkte (Instanz 1001, 10.10.10.20)"
    ]


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


# Devices that announce themselves


async def see(hass: HomeAssistant, world: World, device: FoundDevice) -> None:
    """Let the running engine hear a device."""
    (engine,) = world.running
    engine.tell(DeviceSeen(found=device))
    await hass.async_block_till_done(wait_background_tasks=True)


def offers(hass: HomeAssistant) -> list[ConfigFlowResult]:
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with one network and no devices."""
    added = plantroom_entry(hass)
    assert await hass.config_entries.async_setup(added.entry_id)
    await hass.async_block_till_done()
    return added


async def test_a_new_device_is_offered_and_added(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, AIR_HANDLER)
    (offer,) = offers(hass)
    assert offer["step_id"] == "confirm"
    assert offer["context"]["unique_id"] == "device:cafe0001:1001"
    assert offer["context"]["title_placeholders"] == {"name": "AHU-1 — Vendor Model"}
    form = await hass.config_entries.flow.async_configure(offer["flow_id"])
    assert form["description_placeholders"] == {
        "device": "AHU-1 — Vendor Model",
        "network": "Building",
        "instance": "1001",
        "address": "10.10.10.20",
    }
    done = await answer(hass, offer, {})
    assert done["reason"] == "device_added"
    await hass.async_block_till_done()
    assert subentry(entry, "device:cafe0001:1001").title == "AHU-1"
    assert [d.instance for d in world.running[0].site.devices] == [1001]


async def test_a_device_left_out_at_first_is_not_offered(
    hass: HomeAssistant, world: World
) -> None:
    world.found = [BOILER, AIR_HANDLER]
    devices = await answer(hass, await start(hass), ANSWERS)
    done = await answer(hass, devices, {"devices": ["1001@10.10.10.20"]})
    await hass.async_block_till_done()
    network = next(iter(done["result"].subentries.values()))
    network_id = network.data["network_id"]
    await see(hass, world, replace(BOILER, network_id=network_id))
    assert offers(hass) == []
    await see(hass, world, replace(BOILER, network_id=network_id, instance=1003))
    assert len(offers(hass)) == 1


async def test_a_device_without_a_name_is_offered_by_its_instance(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(
        hass,
        world,
        FoundDevice(network_id="cafe0001", instance=9, address="10.10.10.30"),
    )
    assert offers(hass)[0]["context"]["title_placeholders"] == {"name": "9"}


async def test_a_device_is_offered_once(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, AIR_HANDLER)
    await see(hass, world, AIR_HANDLER)
    assert len(offers(hass)) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await see(hass, world, AIR_HANDLER)
    assert len(offers(hass)) == 1


async def test_a_configured_device_is_not_offered(
    hass: HomeAssistant, world: World
) -> None:
    added = plantroom_entry(hass, devices=[AIR_HANDLER])
    await hass.config_entries.async_setup(added.entry_id)
    await see(hass, world, AIR_HANDLER)
    assert offers(hass) == []


async def test_a_device_that_was_ignored_stays_quiet_until_it_is_not_ignored(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, AIR_HANDLER)
    (offer,) = offers(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={
            "source": SOURCE_IGNORE,
            "discovery_key": offer["context"]["discovery_key"],
        },
        data={"unique_id": "device:cafe0001:1001", "title": "AHU-1"},
    )
    assert offers(hass) == []
    await hass.config_entries.async_reload(entry.entry_id)
    await see(hass, world, AIR_HANDLER)
    assert offers(hass) == []
    ignored = hass.config_entries.async_entry_for_domain_unique_id(
        DOMAIN, "device:cafe0001:1001"
    )
    assert ignored is not None
    await hass.config_entries.async_remove(ignored.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(offers(hass)) == 1


async def test_what_other_integrations_ignored_changes_nothing(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, BOILER)
    hass.config_entries.flow.async_abort(offers(hass)[0]["flow_id"])
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={
            "source": SOURCE_IGNORE,
            "discovery_key": DiscoveryKey(
                domain=DOMAIN, key="device:cafe0001:1001", version=1
            ),
        },
        data={"unique_id": "device:cafe0001:1001", "title": "AHU-1"},
    )
    ignored = hass.config_entries.async_entry_for_domain_unique_id(
        DOMAIN, "device:cafe0001:1001"
    )
    assert ignored is not None
    await hass.config_entries.async_remove(ignored.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert offers(hass) == []


async def test_an_offer_ends_when_the_device_is_added_another_way(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, AIR_HANDLER)
    await see(hass, world, BOILER)
    add_subentries(hass, entry, [device_subentry(AIR_HANDLER)])
    await hass.async_block_till_done()
    (left,) = offers(hass)
    assert left["context"]["unique_id"] == "device:cafe0001:1002"


async def test_an_offer_ends_with_its_network(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await see(hass, world, AIR_HANDLER)
    network = subentry(entry, "network:cafe0001")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    await hass.async_block_till_done()
    assert offers(hass) == []


@pytest.mark.parametrize("gone", ["entry", "network", "added"])
async def test_an_offer_taken_too_late_says_so(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, gone: str
) -> None:
    await see(hass, world, AIR_HANDLER)
    (offer,) = offers(hass)
    flow = hass.config_entries.flow._progress[offer["flow_id"]]
    assert isinstance(flow, PlantroomConfigFlow)
    target = "custom_components.plantroom.config_flow."
    match gone:
        case "entry":
            change = patch.object(
                hass.config_entries, "async_get_entry", return_value=None
            )
        case "network":
            change = patch(target + "network_of", return_value=None)
        case _:
            change = patch(target + "configured_ids", return_value={flow.unique_id})
    with change:
        result = await answer(hass, offer, {})
    expected = "already_configured" if gone == "added" else "network_gone"
    assert result["reason"] == expected


async def test_offers_of_another_entry_and_dialogues_are_left_alone(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={"entry_id": entry.entry_id, "found": BOILER},
    )
    with patch(
        "custom_components.plantroom.config_flow.network_of", return_value=NETWORK
    ):
        await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_INTEGRATION_DISCOVERY},
            data={
                "entry_id": entry.entry_id,
                "found": replace(AIR_HANDLER, network_id="gone"),
            },
        )
    other = plantroom_entry(hass, unique_id="other")
    withdraw_offers(hass, other)
    assert len(offers(hass)) == 2
    withdraw_offers(hass, entry)
    (left,) = offers(hass)
    assert left["context"]["unique_id"] == "device:cafe0001:1002"

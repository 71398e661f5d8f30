"""Devices that announce themselves and are offered."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.discovery_flow import DiscoveryKey
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.config_flow import PlantroomConfigFlow
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.device_offers import withdraw_offers
from custom_components.plantroom.engine.events import DeviceSeen
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.site import device_subentry
from custom_components.plantroom.subentries import add_subentries

from .entries import AIR_HANDLER, BOILER, NETWORK, plantroom_entry, subentry
from .fake_engine import World
from .flow_steps import ANSWERS, answer, start

pytestmark = pytest.mark.usefixtures("world")


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

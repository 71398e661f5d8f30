"""The life of a config entry: set-up, changes, reload, removal."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom import async_remove_config_entry_device
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import ConfigurationError, StorageError
from custom_components.plantroom.engine.models import Device, DeviceStatus
from custom_components.plantroom.host import data_folder, lasting_host
from custom_components.plantroom.site import device_subentry, network_subentry
from custom_components.plantroom.subentries import add_subentries

from .entries import AIR_HANDLER, BOILER, NETWORK, plantroom_entry, subentry
from .fake_engine import AT, World


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with one network and one device."""
    world.devices["cafe0001:1001"] = Device(
        device_id="cafe0001:1001",
        network_id="cafe0001",
        instance=1001,
        name="AHU-1",
        address="10.10.10.20",
    )
    added = plantroom_entry(hass, devices=[AIR_HANDLER])
    await run(hass, added)
    return added


async def run(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def online(answers: bool) -> DeviceStatus:
    return DeviceStatus(device_id="cafe0001:1001", online=answers, since=AT)


async def test_the_engine_runs_what_the_subentries_ask_for(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    assert entry.state is ConfigEntryState.LOADED
    (engine,) = world.running
    assert engine.site.networks == (NETWORK,)
    (device,) = engine.site.devices
    assert device.device_id == "cafe0001:1001"


async def test_the_engine_keeps_its_files_where_backups_find_them(
    hass: HomeAssistant,
) -> None:
    host = lasting_host(hass, "entry")
    assert host.data_folder == Path(hass.config.config_dir) / ".storage" / "plantroom"
    assert host.time_zone == hass.config.time_zone


async def test_unload_stops_the_engine_and_reload_starts_another(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert world.running == []
    await run(hass, entry)
    assert len(world.running) == 1


async def test_the_engine_stops_with_home_assistant_and_no_state_tells_of_it(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    world.statuses["cafe0001:1001"] = online(True)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    assert "on" in before.values()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert world.running == []
    assert before == {state.entity_id: state.state for state in hass.states.async_all()}


async def test_an_entry_unloaded_while_home_assistant_ends_leaves_quietly(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert world.running == []
    assert "Unable to remove unknown job listener" not in caplog.text


async def test_an_engine_that_cannot_start_is_tried_again(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["connect"] = StorageError("disk full", path="x", reason="y")
    entry = plantroom_entry(hass)
    await run(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "engine_cannot_start"
    placeholders = entry.error_reason_translation_placeholders
    assert placeholders is not None
    assert placeholders["reason"] == "disk full"


async def test_a_configuration_that_cannot_be_used_is_not_tried_again(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass, networks=[NETWORK])
    with patch(
        "custom_components.plantroom.engine_start.entry_site",
        side_effect=ConfigurationError("port must be 1 to 65535", field="port"),
    ):
        await run(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "configuration_wrong"


async def test_platforms_that_fail_leave_no_engine_behind(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass)
    with patch.object(
        hass.config_entries, "async_forward_entry_setups", side_effect=RuntimeError
    ):
        await run(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert world.running == []


async def test_several_changes_at_once_are_one_reload(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    other = replace(NETWORK, network_id="other", port=47809)
    add_subentries(
        hass,
        entry,
        [
            device_subentry(BOILER),
            network_subentry(other),
            device_subentry(replace(BOILER, network_id="other")),
        ],
    )
    await hass.async_block_till_done()
    assert len(world.connections) == 2
    assert len(world.running[0].site.devices) == 3


async def test_a_change_that_entities_do_not_show_reaches_the_running_engine(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    device = subentry(entry, "device:cafe0001:1001")
    hass.config_entries.async_update_subentry(
        entry, device, data={**device.data, "poll_seconds": 5}
    )
    await hass.async_block_till_done()
    (engine,) = world.connections
    assert engine.site.devices[0].poll_seconds == 5


async def test_a_change_the_engine_refuses_is_told(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world.failures["configure"] = ConfigurationError("not like this", field="x")
    device = subentry(entry, "device:cafe0001:1001")
    hass.config_entries.async_update_subentry(
        entry, device, data={**device.data, "poll_seconds": 5}
    )
    await hass.async_block_till_done()
    assert "not like this" in caplog.text


async def test_a_device_that_is_added_while_plantroom_is_set_up_is_not_forgotten(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass)
    forward = hass.config_entries.async_forward_entry_setups

    async def add_and_forward(*arguments: Any) -> None:
        if f"device:{BOILER.device_id}" not in {
            item.unique_id for item in entry.subentries.values()
        }:
            add_subentries(hass, entry, [device_subentry(BOILER)])
        await forward(*arguments)

    with patch.object(
        hass.config_entries, "async_forward_entry_setups", side_effect=add_and_forward
    ):
        await run(hass, entry)
        await hass.async_block_till_done()
    (device,) = world.running[0].site.devices
    assert device.device_id == BOILER.device_id
    assert len(world.connections) == 2


async def test_a_change_in_the_last_moment_does_not_outlive_the_entry(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    device = subentry(entry, "device:cafe0001:1001")
    hass.config_entries.async_update_subentry(entry, device, title="AHU-1 east")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert len(world.connections) == 1


async def test_a_network_takes_its_devices_along(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    network = subentry(entry, "network:cafe0001")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    await hass.async_block_till_done()
    assert entry.subentries == {}
    (site,) = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert site.identifiers == {(DOMAIN, entry.entry_id)}
    (engine,) = world.running
    assert engine.site.networks == engine.site.devices == ()


async def test_devices_that_lost_their_network_while_nothing_ran_go_at_the_start(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass, networks=[], devices=[AIR_HANDLER])
    await run(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.subentries == {}


async def test_subentries_of_types_to_come_are_left_alone(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass)
    line = ConfigSubentry(
        data=MappingProxyType({}), subentry_type="line", title="Line", unique_id="line"
    )
    hass.config_entries.async_add_subentry(entry, line)
    await run(hass, entry)
    assert line.subentry_id in entry.subentries
    assert world.running[0].site.networks == (NETWORK,)


async def test_removing_the_entry_deletes_what_the_engine_kept(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, tmp_path: Path
) -> None:
    hass.config.config_dir = str(tmp_path)
    folder = data_folder(hass)
    await hass.async_add_executor_job(_fill, folder)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not folder.exists()
    assert world.running == []


def _fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "plantroom.db").write_text("kept")


def registered(registry: dr.DeviceRegistry, entry: MockConfigEntry, ident: str) -> Any:
    device = registry.async_get_device_by_identifier((DOMAIN, ident), entry.entry_id)
    assert device is not None
    return device


async def remove(
    hass: HomeAssistant, entry: MockConfigEntry, ident: str
) -> tuple[bool, set[str | None]]:
    """Ask to remove a device; return the answer and the subentries that are left."""
    device = registered(dr.async_get(hass), entry, ident)
    answer = await async_remove_config_entry_device(hass, entry, device)
    await hass.async_block_till_done()
    return answer, {item.unique_id for item in entry.subentries.values()}


async def test_a_device_that_answers_is_not_removed(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    world.statuses["cafe0001:1001"] = online(True)
    await hass.config_entries.async_reload(entry.entry_id)
    answer, left = await remove(hass, entry, "cafe0001:1001")
    assert not answer
    assert "device:cafe0001:1001" in left


@pytest.mark.parametrize("status", [None, online(False)])
async def test_a_vanished_device_is_removed_with_its_subentry(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    status: DeviceStatus | None,
) -> None:
    if status is not None:
        world.statuses["cafe0001:1001"] = status
    await hass.config_entries.async_reload(entry.entry_id)
    answer, left = await remove(hass, entry, "cafe0001:1001")
    assert answer
    assert left == {"network:cafe0001"}
    assert world.running[0].site.devices == ()


async def test_a_device_can_be_removed_while_the_engine_does_not_run(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    answer, left = await remove(hass, entry, "cafe0001:1001")
    assert answer
    assert left == {"network:cafe0001"}


async def test_a_network_is_removed_as_a_subentry_only(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    answer, left = await remove(hass, entry, "cafe0001")
    assert not answer
    assert "network:cafe0001" in left


async def test_a_device_of_no_subentry_is_not_ours_to_remove(
    hass: HomeAssistant, world: World, entry: MockConfigEntry
) -> None:
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "engine")}
    )
    answer, _ = await remove(hass, entry, "engine")
    assert not answer

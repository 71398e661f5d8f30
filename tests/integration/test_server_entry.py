"""Entities of an engine that runs in a server: a real process and real devices."""

import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from plantroom_server import VERSION

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.diagnostics import async_get_config_entry_diagnostics
from custom_components.plantroom.system_health import system_health_info
from tests.simulators.building import Building
from tests.site import site_of, until

from .office import entity_id_of
from .server_entries import server_entry
from .server_process import ServerProcess, server_process

AHU = 1001
SUPPLY = "n:1001:analog-input,1"


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    """Run an air handler."""
    async with Building(profile="office", only=(AHU,)) as started:
        yield started


@pytest.fixture
async def server(building: Building, tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


def state_of(hass: HomeAssistant, unique_id: str) -> str:
    state = hass.states.get(entity_id_of(hass, unique_id))
    return "" if state is None else state.state


def has_value(hass: HomeAssistant, unique_id: str) -> bool:
    return state_of(hass, unique_id) not in {"", "unknown", "unavailable"}


async def set_up(hass: HomeAssistant, entry: Any) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_entities_show_what_the_server_reads_and_come_back_with_it(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, site_of(building, AHU))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    client = entry.runtime_data.client
    await until(lambda: client.mirror.points_of("n:1001"))
    await hass.async_block_till_done()
    await until(lambda: has_value(hass, SUPPLY), 60)

    await server.stop()
    await until(lambda: state_of(hass, SUPPLY) == "unavailable")
    await server.start()
    await until(lambda: has_value(hass, SUPPLY), 60)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_server_that_is_not_there_is_tried_again(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, site_of(building, AHU))
    await server.stop()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "server_unreachable"
    assert not ir.async_get(hass).issues


async def test_a_token_that_is_wrong_asks_for_the_right_one(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, token="of a server before")
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_pages_of_support_say_where_the_engine_runs_and_no_secret(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server)
    await set_up(hass, entry)
    info = await system_health_info(hass)
    assert info["engine_runs"] == f"127.0.0.1:{server.port} ({VERSION})"
    facts = await async_get_config_entry_diagnostics(hass, entry)
    assert facts["server_version"] == VERSION
    assert facts["may_configure"]
    assert server.token not in str(facts)
    assert facts["entry"]["data"]["token"] == "**REDACTED**"


async def test_after_a_restart_nothing_is_shown_that_was_not_read_again(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, site_of(building, AHU, poll_seconds=2))
    await set_up(hass, entry)
    client = entry.runtime_data.client
    await until(lambda: client.mirror.points_of("n:1001"))
    await hass.async_block_till_done()
    await until(lambda: has_value(hass, SUPPLY), 60)
    seen: list[str] = []

    @callback
    def take(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        seen.append("" if state is None else state.state)

    async_track_state_change_event(hass, entity_id_of(hass, SUPPLY), take)
    await server.stop(signal.SIGKILL)
    await until(lambda: seen)
    # Nothing to be read: the server comes back, the device does not
    building.unplug(AHU)
    began = datetime.now(UTC)
    await server.start()
    await until(lambda: client.connected, 30)
    await hass.async_block_till_done()
    assert set(seen) <= {"unavailable", "unknown"}
    building.plug(AHU)
    await until(lambda: has_value(hass, SUPPLY), 60)
    assert client.mirror.readings[SUPPLY].at > began
    assert await hass.config_entries.async_unload(entry.entry_id)

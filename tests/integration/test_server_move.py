"""Moving the engine to a server and back: entities, totals and ports."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom import host
from custom_components.plantroom.const import (
    CONNECTION,
    DIRECT,
    DOMAIN,
    SERVER,
    TITLE,
)
from custom_components.plantroom.engine.requests import SetMeterRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.runtime import server_client
from custom_components.plantroom.site_mirror import site_subentries
from tests.simulators.building import Building
from tests.site import site_of, until

from .flow_steps import answer, choose
from .office import entity_id_of
from .server_entries import settings_for
from .server_process import TOKEN, ServerProcess, server_process

AHU, BOILER = 1001, 3001
GAS = "n:3001:accumulator,1"
SUPPLY = "n:1001:analog-input,1"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path / "here")


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    """Run an air handler and a boiler with a gas meter."""
    async with Building(profile="office", only=(AHU, BOILER)) as started:
        yield started


@pytest.fixture
async def server(
    building: Building, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


async def direct_entry(hass: HomeAssistant, site: SiteConfig) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=TITLE,
        data={CONNECTION: DIRECT},
        unique_id=DIRECT,
        subentries_data=site_subentries(site, {}),
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def shows(hass: HomeAssistant, unique_id: str) -> str:
    """Return what an entity shows, once it does."""
    async with asyncio.timeout(60):
        while True:
            await hass.async_block_till_done()
            try:
                state = hass.states.get(entity_id_of(hass, unique_id))
            except StopIteration:
                state = None
            if state is not None and state.state not in {"unknown", "unavailable"}:
                return state.state
            await asyncio.sleep(0.05)


def totals_of(hass: HomeAssistant, unique_id: str) -> list[float]:
    """Return a list that gets every number that an entity shows from now on."""
    seen: list[float] = []

    @callback
    def take(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.state not in {"unknown", "unavailable"}:
            seen.append(float(state.state))

    async_track_state_change_event(hass, entity_id_of(hass, unique_id), take)
    return seen


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )
    assert menu["type"] is FlowResultType.MENU
    assert step in menu["menu_options"]
    return await choose(hass, menu, step)


def where(server: ServerProcess) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "tls": "none", "token": TOKEN}


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {e.unique_id: (e.entity_id, e.id, e.name, e.disabled_by) for e in found}


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


async def test_there_and_back_entities_totals_and_options_stay(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await direct_entry(hass, site_of(building, AHU, poll_seconds=5))
    await shows(hass, SUPPLY)
    er.async_get(hass).async_update_entity(
        entity_id_of(hass, SUPPLY), name="Supply air", new_entity_id="sensor.mine"
    )
    before, subentries = entities(hass, entry), dict(entry.subentries)
    options = dict(entry.options)

    form = await reconfigure(hass, entry, "move_to_server")
    confirm = await answer(hass, form, where(server))
    assert confirm["step_id"] == "move_confirm"
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved", done
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data[CONNECTION] == SERVER
    assert entry.unique_id == server.server_id
    assert entry.title == "Plantroom (127.0.0.1)"
    await shows(hass, SUPPLY)
    assert hass.states.get("sensor.mine") is not None
    assert entities(hass, entry) == before
    assert dict(entry.subentries) == subentries
    assert dict(entry.options) == options

    confirm = await reconfigure(hass, entry, "move_home")
    assert confirm["step_id"] == "move_confirm"
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved", done
    assert entry.data == {CONNECTION: DIRECT}
    assert entry.unique_id == DIRECT
    await shows(hass, SUPPLY)
    assert entities(hass, entry) == before
    assert await hass.config_entries.async_unload(entry.entry_id)
    # The server let the port go as well
    assert is_free(building.port)


async def move_away(
    hass: HomeAssistant, entry: MockConfigEntry, server: ServerProcess
) -> None:
    form = await reconfigure(hass, entry, "move_to_server")
    confirm = await answer(hass, form, where(server))
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved", done


async def test_what_meters_counted_goes_on_there_and_back(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await direct_entry(hass, site_of(building, BOILER, poll_seconds=1))
    await shows(hass, GAS)
    # The meter was replaced once: its own number is not what people have counted
    client = entry.runtime_data.client
    seen = totals_of(hass, GAS)
    await client.set_meter(SetMeterRequest(point_id=GAS, total=1000.0))
    await until(lambda: seen)
    await move_away(hass, entry, server)
    await shows(hass, GAS)
    count = len(seen)
    assert count > 1
    confirm = await reconfigure(hass, entry, "move_home")
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved", done
    await shows(hass, GAS)
    assert len(seen) > count
    # It counts on: not from nothing, not from the number that the meter itself has
    assert seen == sorted(seen)
    assert 1000 <= seen[0] <= seen[-1] < 1100
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_totals_are_left_behind_only_on_purpose(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await direct_entry(hass, site_of(building, AHU))
    await move_away(hass, entry, server)
    await server.stop()
    confirm = await reconfigure(hass, entry, "move_home")
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "move_failed"
    assert entry.data[CONNECTION] == SERVER
    confirm = await reconfigure(hass, entry, "move_home")
    done = await answer(hass, confirm, {"without_totals": True})
    assert done["reason"] == "moved", done
    await shows(hass, SUPPLY)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_server_that_goes_in_the_middle_leaves_all_as_it_was(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await direct_entry(hass, site_of(building, AHU))
    await shows(hass, SUPPLY)
    form = await reconfigure(hass, entry, "move_to_server")
    confirm = await answer(hass, form, where(server))
    await server.stop()
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "move_failed"
    assert done["description_placeholders"]["reason"]
    assert entry.data == {CONNECTION: DIRECT}
    assert entry.state is ConfigEntryState.LOADED
    await shows(hass, SUPPLY)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_the_server_serves_now_is_named_before_it_is_replaced(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    other = server_client(hass, await settings_for(hass, server, client_id="other"))
    await other.start(site_of(building, AHU))
    await other.stop()
    entry = await direct_entry(hass, SiteConfig())
    form = await reconfigure(hass, entry, "move_to_server")
    confirm = await answer(hass, form, where(server))
    assert confirm["step_id"] == "move_replacing"
    assert confirm["description_placeholders"]["served"] == "1"
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved"
    assert entry.runtime_data.client.may_configure
    assert (await entry.runtime_data.client.site()).all_networks == ()
    assert await hass.config_entries.async_unload(entry.entry_id)

"""Changing how an entry's server is reached, who configures it, and which one it is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom import host
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.runtime import server_client
from tests.ports import free_port
from tests.site import network_config

from .entries import plantroom_entry, subentry
from .flow_steps import answer, choose
from .server_entries import server_entry, settings_for
from .server_process import TOKEN, ServerProcess, server_process


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an engine in Home Assistant keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path / "here")


@pytest.fixture
async def server(
    socket_enabled: None, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


def site(network_id: str = "n") -> SiteConfig:
    return SiteConfig(networks=(network_config(free_port(), network_id),))


def where(server: ServerProcess) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "tls": "none", "token": TOKEN}


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )
    assert step in menu["menu_options"]
    return await choose(hass, menu, step)


async def add(hass: HomeAssistant, server: ServerProcess) -> Any:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await answer(hass, await choose(hass, menu, "server"), where(server))


async def other_serves(
    hass: HomeAssistant, server: ServerProcess, wanted: SiteConfig
) -> None:
    """Let another Home Assistant configure the server and go."""
    settings = await settings_for(hass, server, client_id="another-home-assistant")
    other = server_client(hass, settings, take_over=True)
    await other.start(wanted)
    await other.stop()


async def test_a_server_that_moved_is_entered_with_its_new_address(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, site(), host="plant.local", port=1)
    hass.config_entries.async_update_entry(entry, title="Plantroom (plant.local)")
    form = await reconfigure(hass, entry, "connection")
    shown = {str(m): m.description for m in form["data_schema"].schema}
    assert shown["host"] == {"suggested_value": "plant.local"}
    done = await answer(hass, form, where(server))
    assert done["reason"] == "reconfigure_successful", done
    await hass.async_block_till_done()
    assert (entry.data["host"], entry.data["port"]) == ("127.0.0.1", server.port)
    assert entry.title == "Plantroom (127.0.0.1)"
    assert entry.state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_title_of_ones_own_stays(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server)
    hass.config_entries.async_update_entry(entry, title="Boiler house")
    form = await reconfigure(hass, entry, "connection")
    done = await answer(hass, form, where(server))
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.title == "Boiler house"
    assert entry.state is ConfigEntryState.LOADED


async def test_who_followed_configures_from_now_on(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    await other_serves(hass, server, site())
    entry = await server_entry(hass, server, follows=True)
    await set_up(hass, entry)
    assert not entry.runtime_data.client.may_configure
    done = await reconfigure(hass, entry, "configure_here")
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert not entry.data["follows"]
    assert entry.runtime_data.client.may_configure
    assert subentry(entry, "network:n").title == "Network n"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_a_file_decides_is_not_configured_from_here(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("{}")
    async with server_process(tmp_path / "server", "--site", str(file)) as server:
        entry = await server_entry(hass, server, follows=True)
        await set_up(hass, entry)
        done = await reconfigure(hass, entry, "configure_here")
        assert done["reason"] == "decided_by_file"
        direct = plantroom_entry(hass, networks=[])
        form = await reconfigure(hass, direct, "move_to_server")
        done = await answer(hass, form, where(server))
        assert done["reason"] == "server_already_set_up"
        await hass.config_entries.async_remove(entry.entry_id)
        form = await reconfigure(hass, direct, "move_to_server")
        done = await answer(hass, form, where(server))
        assert done["reason"] == "decided_by_file"
        entry = await server_entry(hass, server, follows=True)
        await server.stop()
        done = await reconfigure(hass, entry, "configure_here")
        assert done["reason"] == "server_refused"


async def test_another_server_takes_the_place_of_one(
    hass: HomeAssistant, server: ServerProcess, tmp_path: Path
) -> None:
    entry = await server_entry(hass, server, site())
    await set_up(hass, entry)
    async with server_process(tmp_path / "second") as second:
        form = await reconfigure(hass, entry, "connection")
        confirm = await answer(hass, form, where(second))
        assert confirm["step_id"] == "move_confirm"
        done = await answer(hass, confirm, {"without_totals": False})
        assert done["reason"] == "moved", done
        assert entry.unique_id == second.server_id
        client = entry.runtime_data.client
        assert [n.network_id for n in (await client.site()).networks] == ["n"]
        assert await hass.config_entries.async_unload(entry.entry_id)
    # The one before serves nothing any more, and is anybody's
    settings = await settings_for(hass, server, client_id="another-home-assistant")
    other = server_client(hass, settings)
    await other.start(None)
    assert await other.site() == SiteConfig()
    assert other.may_configure
    await other.stop()


async def test_an_interface_that_is_not_there_is_asked_for(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    network = network_config(free_port(), address="10.98.76.54/24")
    entry = plantroom_entry(hass, networks=[network])
    form = await reconfigure(hass, entry, "move_to_server")
    step = await answer(hass, form, where(server))
    assert step["step_id"] == "move_interfaces"
    (marker, selector), *rest = step["data_schema"].schema.items()
    assert (str(marker), rest) == ("Network n", [])
    offered = [option["value"] for option in selector.config["options"]]
    assert offered[-1] == "127.0.0.1/8"
    confirm = await answer(hass, step, {"Network n": "127.0.0.1/8"})
    done = await answer(hass, confirm, {"without_totals": False})
    assert done["reason"] == "moved", done
    assert subentry(entry, "network:n").data["address"] == "127.0.0.1/8"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_servers_with_the_same_network_ids_are_not_mixed(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    await other_serves(hass, server, site("cafe0001"))
    plantroom_entry(hass)
    result = await add(hass, server)
    assert result["reason"] == "network_ids_taken"
    assert result["description_placeholders"]["networks"] == "cafe0001"


async def test_a_server_is_added_once_and_a_second_time_updated(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, port=1)
    result = await add(hass, server)
    assert result["reason"] == "server_already_set_up"
    assert entry.data["port"] == server.port


async def test_who_cannot_take_over_is_told_why(
    hass: HomeAssistant, server: ServerProcess, tmp_path: Path
) -> None:
    await other_serves(hass, server, site())
    menu = await add(hass, server)
    assert menu["menu_options"] == ["follow", "take_over"]
    await server.stop()
    form = await choose(hass, menu, "take_over")
    assert form["errors"] == {"port": "server_refused"}
    file = tmp_path / "site.yaml"
    file.write_text("{}")
    await server.start("--site", str(file))
    menu = await answer(hass, form, where(server))
    assert menu["menu_options"] == ["follow"]

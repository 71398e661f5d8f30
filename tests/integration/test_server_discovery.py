"""Servers that announce themselves, and tokens that are asked for anew."""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_ZEROCONF, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.server_settings import Tls

from .flow_steps import answer
from .server_entries import server_entry
from .server_process import TOKEN, ServerProcess, encrypted_server, server_process

PLAIN = {"host": "127.0.0.1", "token": TOKEN, "tls": "none"}


@pytest.fixture
async def server(
    socket_enabled: None, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


def announced(server: ServerProcess, **facts: Any) -> ZeroconfServiceInfo:
    properties = {"id": server.server_id, "schema": "1", "minimum": "1", "tls": "0"}
    return ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        port=server.port,
        hostname="plant.local.",
        type="_plantroom._tcp.local.",
        name="Plant._plantroom._tcp.local.",
        properties={**properties, **facts},
    )


async def announce(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Any:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )


async def test_a_server_that_announces_itself_is_offered(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    form = await announce(hass, announced(server))
    assert form["step_id"] == "zeroconf_confirm"
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["title_placeholders"] == {"name": "Plant (127.0.0.1)"}
    assert flow["context"]["unique_id"] == server.server_id
    wrong = await answer(hass, form, {"token": "of another server"})
    assert wrong["errors"] == {"token": "wrong_token"}
    menu = await answer(hass, wrong, {**PLAIN, "port": server.port})
    assert menu["step_id"] == "protocol"


async def test_what_announces_no_id_is_left_alone(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    result = await announce(hass, announced(server, id="Plant room"))
    assert result["reason"] == "not_plantroom"


async def test_a_known_server_is_found_at_its_new_address_if_it_can_prove_who_it_is(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> None:
    async with encrypted_server(tmp_path) as server:
        entry = await server_entry(
            hass,
            server,
            port=1,
            tls=Tls.PINNED,
            fingerprint=server.fingerprint,
        )
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        result = await announce(hass, announced(server, tls="1"))
        assert result["reason"] == "already_configured"
        await hass.async_block_till_done()
        assert entry.data["port"] == server.port
        assert entry.state is ConfigEntryState.LOADED
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_token_is_never_sent_to_whoever_announces_itself(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, port=1)
    result = await announce(hass, announced(server))
    assert result["reason"] == "already_configured"
    assert entry.data["port"] == 1


async def test_the_new_token_is_tried_before_it_is_kept(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, token="of a server before")
    await hass.config_entries.async_setup(entry.entry_id)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["step_id"] == "reauth_confirm"
    form = await answer(hass, flow, {"token": "of another server"})
    assert form["errors"] == {"token": "wrong_token"}
    done = await answer(hass, form, {"token": TOKEN})
    assert done["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["token"] == TOKEN


async def test_a_token_of_another_server_is_not_kept(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, token="of a server before")
    hass.config_entries.async_update_entry(entry, unique_id="f" * 32)
    await hass.config_entries.async_setup(entry.entry_id)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    done = await answer(hass, flow, {"token": TOKEN})
    assert done["reason"] == "another_server"

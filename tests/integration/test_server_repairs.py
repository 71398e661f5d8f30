"""What a person has to mend between Home Assistant and its server, while both run."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from plantroom_server import certificate as certificates
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.connection import websocket
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.engine.wire import frames
from custom_components.plantroom.repairs import async_create_fix_flow
from custom_components.plantroom.runtime import server_client
from custom_components.plantroom.server_settings import Tls
from tests.simulators.building import Building
from tests.site import site_of, until

from .server_entries import server_entry, settings_for
from .server_process import (
    ServerProcess,
    encrypted_server,
    make_certificate,
    server_process,
)

AHU = 1001


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Come back to a server at once."""
    monkeypatch.setattr(websocket, "FIRST_WAIT_SECONDS", 0.01)


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    """Run an air handler."""
    async with Building(profile="office", only=(AHU,)) as started:
        yield started


@pytest.fixture
async def server(
    building: Building, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


def issues(hass: HomeAssistant) -> dict[str | None, ir.IssueEntry]:
    return {
        issue.translation_key: issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    }


async def mend(hass: HomeAssistant, key: str) -> Any:
    """Return the flow of an issue, and its first step."""
    issue = issues(hass)[key]
    assert issue.is_fixable
    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    flow.hass, flow.issue_id = hass, issue.issue_id
    return flow


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_token_that_changes_while_we_run_is_asked_for(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    entry = await server_entry(hass, server, site_of(building, AHU))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await server.stop()
    server.token = "a token of tomorrow"
    await server.start()
    flows = hass.config_entries.flow
    await until(lambda: flows.async_progress_by_handler(DOMAIN), 30)
    (flow,) = flows.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    done = await flows.async_configure(flow["flow_id"], {"token": server.token})
    assert done["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("ours", "key"),
    [((7, 7), "server_too_old"), ((0, 0), "integration_too_old")],
)
async def test_a_version_that_does_not_fit_is_told_until_it_does(
    hass: HomeAssistant,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    ours: tuple[int, int],
    key: str,
) -> None:
    with monkeypatch.context() as patched:
        for module in (frames, websocket):
            patched.setattr(module, "SCHEMA", ours[0])
            patched.setattr(module, "MINIMUM_SCHEMA", ours[1])
        entry = await server_entry(hass, server)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "schema"
        assert [*issues(hass)] == [key]
        assert "?" not in (issues(hass)[key].translation_placeholders or {}).values()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert issues(hass) == {}


async def test_another_certificate_is_trusted_by_a_person_only(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> None:
    async with encrypted_server(tmp_path) as server:
        pinned = {"tls": Tls.PINNED, "fingerprint": server.fingerprint}
        entry = await server_entry(hass, server, **pinned)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.LOADED
        given = make_certificate(tmp_path)
        await server.stop()
        await server.start()
        await until(lambda: "certificate_changed" in issues(hass), 30)
        assert not entry.runtime_data.client.connected

        flow = await mend(hass, "certificate_changed")
        step = await flow.async_step_init()
        shown = certificates.fingerprint(given)
        assert step["description_placeholders"]["fingerprint"] == shown
        assert (await flow.async_step_wait())["reason"] == "waiting"
        assert entry.data["fingerprint"] == server.fingerprint

        done = await flow.async_step_trust()
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert entry.data["fingerprint"] == shown
        assert entry.state is ConfigEntryState.LOADED
        assert issues(hass) == {}
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_certificate_that_cannot_be_seen_is_not_trusted(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> None:
    async with encrypted_server(tmp_path) as server:
        wrong = {"tls": Tls.PINNED, "fingerprint": "0" * 64}
        entry = await server_entry(hass, server, **wrong)
        await set_up(hass, entry)
        assert entry.error_reason_translation_key == "certificate"
        flow = await mend(hass, "certificate_changed")
        await server.stop()
        assert (await flow.async_step_init())["reason"] == "unreachable"
        assert await hass.config_entries.async_remove(entry.entry_id)
        assert issues(hass) == {}


async def another_one_configures(
    hass: HomeAssistant, server: ServerProcess, site: SiteConfig
) -> None:
    """Let another client take the server over and go again."""
    settings = await settings_for(hass, server, client_id="another-home-assistant")
    other = server_client(hass, settings, take_over=True)
    await other.start(site)
    await other.stop()


@pytest.fixture
async def taken(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> MockConfigEntry:
    """Return an entry whose server another one configures by now."""
    entry = await server_entry(hass, server, site_of(building, AHU))
    await set_up(hass, entry)
    assert issues(hass) == {}
    site = site_of(building, AHU, poll_seconds=7)
    await another_one_configures(hass, server, site)
    await until(lambda: "server_read_only" in issues(hass), 30)
    return entry


async def test_who_lost_the_server_to_another_takes_it_back(
    hass: HomeAssistant, taken: MockConfigEntry
) -> None:
    assert not taken.runtime_data.client.may_configure
    flow = await mend(hass, "server_read_only")
    menu = await flow.async_step_init()
    assert menu["menu_options"] == ["take_over", "follow"]
    done = await flow.async_step_take_over()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    client = taken.runtime_data.client
    assert client.may_configure
    assert (await client.site()).devices[0].poll_seconds == 60
    assert issues(hass) == {}
    assert await hass.config_entries.async_unload(taken.entry_id)


async def test_who_lost_the_server_to_another_follows_it(
    hass: HomeAssistant, taken: MockConfigEntry
) -> None:
    flow = await mend(hass, "server_read_only")
    done = await flow.async_step_follow()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert taken.data["follows"]
    device = next(
        s for s in taken.subentries.values() if s.unique_id == "device:n:1001"
    )
    assert device.data["poll_seconds"] == 7
    assert issues(hass) == {}
    assert await hass.config_entries.async_unload(taken.entry_id)


async def test_what_another_one_adds_and_removes_is_followed(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    await another_one_configures(hass, server, SiteConfig())
    settings = await settings_for(hass, server, client_id="another-home-assistant")
    other = server_client(hass, settings)
    await other.start(site_of(building, AHU))
    entry = await server_entry(hass, server, follows=True)
    await set_up(hass, entry)
    known = {s.unique_id for s in entry.subentries.values()}
    assert known == {"network:n", "device:n:1001"}
    await other.configure(site_of(building))
    await until(lambda: len(entry.subentries) == 1, 30)
    await hass.async_block_till_done()
    await other.configure(site_of(building, AHU))
    await until(lambda: len(entry.subentries) == 2, 30)
    await hass.async_block_till_done()
    await other.stop()
    removed = next(s for s in entry.subentries.values() if "1001" in str(s.unique_id))
    hass.config_entries.async_remove_subentry(entry, removed.subentry_id)
    await until(lambda: len(entry.subentries) == 2, 30)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)

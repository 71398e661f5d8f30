"""The engine in the Plantroom app; of the Supervisor only its API is made up."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import (
    SOURCE_HASSIO,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plantroom import host
from custom_components.plantroom.app import APP_SLUG
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import SchemaError
from custom_components.plantroom.repairs import async_create_fix_flow
from custom_components.plantroom.server_issues import report_failure
from tests.site import until

from .entries import plantroom_entry
from .fake_supervisor import FakeSupervisor
from .flow_steps import answer, choose
from .server_entries import server_entry
from .server_process import ServerProcess


@pytest.fixture
async def supervisor(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> AsyncIterator[FakeSupervisor]:
    """Run Home Assistant under a Supervisor that knows the app."""
    server = ServerProcess(tmp_path / "server")
    made = FakeSupervisor(server)
    hass.config.components.add("hassio")
    with patch(
        "homeassistant.components.hassio.addon_manager.get_supervisor_client",
        return_value=made,
    ):
        yield made
        await hass.async_block_till_done()
    await server.stop()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an engine in Home Assistant keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path / "here")


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Look again at once whether the app answers."""
    with patch("custom_components.plantroom.setup_flow.app_steps.LOOK_SECONDS", 0.01):
        yield


async def choose_app(hass: HomeAssistant) -> Any:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["menu_options"] == ["direct", "app", "server"]
    return await settled(hass, await choose(hass, menu, "app"))


async def settled(hass: HomeAssistant, flow: Any) -> Any:
    """Return the step after those that only wait."""
    while flow["type"] in {
        FlowResultType.SHOW_PROGRESS,
        FlowResultType.SHOW_PROGRESS_DONE,
    }:
        await hass.async_block_till_done()
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"])
    return flow


async def test_the_app_is_installed_started_and_used(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    menu = await choose_app(hass)
    assert menu["step_id"] == "protocol", menu
    assert supervisor.done == ["install", "start"]
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["unique_id"] == supervisor.server.server_id


async def test_an_app_that_runs_is_only_used(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    supervisor.installed = True
    await supervisor.server.start()
    menu = await choose_app(hass)
    assert menu["step_id"] == "protocol"
    assert supervisor.done == []


@pytest.mark.parametrize("broken", ["info", "install", "start"])
async def test_what_the_supervisor_cannot_do_is_told(
    hass: HomeAssistant, supervisor: FakeSupervisor, broken: str
) -> None:
    supervisor.failing = {broken}
    result = await choose_app(hass)
    assert result["reason"] == "app_failed"
    assert f"{broken} is broken" in result["description_placeholders"]["message"]


def discovered(supervisor: FakeSupervisor, **facts: Any) -> HassioServiceInfo:
    wanted = {"name": "Plantroom server", "slug": APP_SLUG, "uuid": "1234"}
    return HassioServiceInfo(config=supervisor.config, **wanted | facts)


async def discover(hass: HomeAssistant, info: HassioServiceInfo) -> Any:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_HASSIO}, data=info
    )


async def test_an_app_that_was_installed_by_hand_is_offered(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    supervisor.installed = True
    await supervisor.server.start()
    form = await discover(hass, discovered(supervisor))
    assert form["step_id"] == "hassio_confirm"
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["title_placeholders"] == {"name": "Plantroom server"}
    menu = await settled(hass, await answer(hass, form, {}))
    assert menu["step_id"] == "protocol"


async def test_an_app_of_somebody_else_is_left_alone(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    await supervisor.server.start()
    other = discovered(supervisor, slug="core_mosquitto")
    assert (await discover(hass, other))["reason"] == "not_plantroom"
    supervisor.server.token = ""
    strange = discovered(supervisor)
    strange.config["port"] = "8740"
    assert (await discover(hass, strange))["reason"] == "not_plantroom"


async def test_an_app_with_a_new_token_is_known_again(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    supervisor.installed = True
    await supervisor.server.start()
    entry = await server_entry(
        hass, supervisor.server, addon=APP_SLUG, token="of an app before"
    )
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    result = await discover(hass, discovered(supervisor))
    assert result["reason"] == "already_configured"
    assert entry.data["token"] == supervisor.server.token
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_the_app_is_started_for_its_entry(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    supervisor.installed = True
    await supervisor.server.start()
    entry = await server_entry(hass, supervisor.server, addon=APP_SLUG)
    await supervisor.server.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "app_not_running"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert supervisor.done == ["start"]
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_an_app_that_nothing_is_known_of_is_tried_again(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    await supervisor.server.start()
    entry = await server_entry(hass, supervisor.server, addon=APP_SLUG)
    supervisor.failing = {"info"}
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "app_unknown"
    assert supervisor.done == []


async def test_an_app_that_was_removed_is_installed_again(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    await supervisor.server.start()
    entry = await server_entry(hass, supervisor.server, addon=APP_SLUG)
    await supervisor.server.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == "app_not_installed"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert supervisor.done == ["install", "start"]


async def test_an_engine_moves_to_the_app(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    entry = plantroom_entry(hass, networks=[])
    await hass.config_entries.async_setup(entry.entry_id)
    menu = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )
    assert menu["menu_options"] == ["move_to_app", "move_to_server"]
    confirm = await settled(hass, await choose(hass, menu, "move_to_app"))
    assert confirm["step_id"] == "move_confirm", confirm
    done = await settled(hass, await answer(hass, confirm, {"without_totals": False}))
    assert done["reason"] == "moved", done
    assert entry.data["addon"] == APP_SLUG
    assert entry.state is ConfigEntryState.LOADED


async def test_an_app_that_somebody_stopped_is_started_from_its_repair(
    hass: HomeAssistant, supervisor: FakeSupervisor
) -> None:
    supervisor.installed = True
    await supervisor.server.start()
    entry = await server_entry(hass, supervisor.server, addon=APP_SLUG)
    assert await hass.config_entries.async_setup(entry.entry_id)
    client = entry.runtime_data.client
    await supervisor.server.stop()
    await until(lambda: not client.connected)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=200))
    await hass.async_block_till_done()
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_key == "app_stopped"
    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    flow.hass, flow.issue_id = hass, issue.issue_id
    assert (await flow.async_step_init())["step_id"] == "confirm"
    supervisor.failing = {"start"}
    assert (await flow.async_step_confirm({}))["reason"] == "start_failed"
    supervisor.failing = set()
    done = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await until(lambda: client.connected, 30)
    await hass.async_block_till_done()
    assert not ir.async_get(hass).issues
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("update_available", [True, False])
async def test_an_app_that_is_too_old_is_updated_from_its_repair(
    hass: HomeAssistant, supervisor: FakeSupervisor, update_available: bool
) -> None:
    supervisor.installed, supervisor.update_available = True, update_available
    await supervisor.server.start()
    entry = await server_entry(hass, supervisor.server, addon=APP_SLUG)
    report_failure(
        hass, entry, SchemaError("too old", side="server", schema=1, minimum=2)
    )
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_key == "app_too_old"
    assert issue.is_fixable
    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    flow.hass, flow.issue_id = hass, issue.issue_id
    form = await flow.async_step_init()
    assert form["description_placeholders"]["minimum"] == "2"
    done = await flow.async_step_confirm({})
    await hass.async_block_till_done()
    if update_available:
        assert done["type"] is FlowResultType.CREATE_ENTRY
        assert supervisor.done == ["backup", "update"]
        assert entry.state is ConfigEntryState.LOADED
    else:
        assert done["reason"] == "no_update"

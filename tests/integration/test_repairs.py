"""The engine's problems as repairs, and what a person does about them."""

from dataclasses import replace

import pytest
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import ConfirmRepairFlow, repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.events import PointsChanged, ProblemsChanged
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.repairs import async_create_fix_flow

from .entries import NETWORK
from .office import AHU, TEMPERATURE, entity_id_of, open_office, state_of

# Home Assistant's own web server, which repairs depend on
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

PORT = Problem(
    code=ProblemCode.PORT_IN_USE,
    subject=NETWORK.network_id,
    facts={"name": "Building", "port": "47808", "address": "10.10.10.10", "owner": ""},
)
VANISHED = Problem(
    code=ProblemCode.DEVICE_VANISHED,
    subject=AHU,
    facts={"name": "AHU-1", "instance": "1001", "address": "10.10.10.20"},
)
GONE = Problem(
    code=ProblemCode.POINTS_GONE,
    subject=AHU,
    facts={"name": "AHU-1", "count": "1", "points": "analog-input,1"},
)


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    found = ir.async_get(hass).issues.values()
    return {i.translation_key: i for i in found if i.domain == DOMAIN and i.active}


async def begin(hass: HomeAssistant, key: str):
    assert await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    flow = await manager.async_init(
        DOMAIN, context={"issue_id": issues(hass)[key].issue_id}
    )
    return manager, flow


async def test_problems_and_repairs_match_exactly(hass, world):
    world.problems = lambda _: (PORT,)
    entry, engine = await open_office(hass, world)
    issue = issues(hass)["port_in_use"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.config_entry_id == entry.entry_id
    assert issue.translation_placeholders["port"] == "47808"
    assert issue.translation_placeholders["owner"] == "?"
    assert not issue.is_fixable
    engine.tell(ProblemsChanged(problems=(VANISHED,)))
    assert [*issues(hass)] == ["device_vanished"]
    engine.tell(ProblemsChanged(problems=()))
    assert issues(hass) == {}


@pytest.mark.parametrize("code", [*ProblemCode])
async def test_every_problem_has_a_text_for_all_its_facts(hass, world, code):
    _, engine = await open_office(hass, world)
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    engine.tell(ProblemsChanged(problems=(Problem(code=code, subject=AHU),)))
    assert [*issues(hass)] == [code.value]


async def test_vanished_device_can_be_removed(hass, world):
    entry, engine = await open_office(hass, world)
    engine.tell(ProblemsChanged(problems=(VANISHED,)))
    manager, flow = await begin(hass, "device_vanished")
    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"]["address"] == "10.10.10.20"
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "remove"})
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "AHU-1" not in {item.title for item in entry.subentries.values()}
    assert issues(hass) == {}


async def test_vanished_device_can_be_waited_for(hass, world):
    entry, engine = await open_office(hass, world)
    engine.tell(ProblemsChanged(problems=(VANISHED,)))
    manager, flow = await begin(hass, "device_vanished")
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "wait"})
    assert done["reason"] == "waiting"
    assert issues(hass)["device_vanished"].dismissed_version is not None
    assert await hass.config_entries.async_reload(entry.entry_id)
    world.running[0].tell(ProblemsChanged(problems=(VANISHED,)))
    assert "AHU-1" in {item.title for item in entry.subentries.values()}


async def test_gone_points_are_removed_once_accepted(hass, world):
    _, engine = await open_office(hass, world)
    gone = entity_id_of(hass, TEMPERATURE.point_id)
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    engine.tell(ProblemsChanged(problems=(GONE,)))
    manager, flow = await begin(hass, "points_gone")
    assert flow["step_id"] == "confirm"
    done = await manager.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert er.async_get(hass).async_get(gone) is None
    engine.tell(ProblemsChanged(problems=(GONE, PORT)))
    assert [*issues(hass)] == ["port_in_use"]


async def test_accepted_point_that_comes_back_gets_an_entity_again(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    er.async_get(hass).async_remove(entity_id_of(hass, TEMPERATURE.point_id))
    await hass.async_block_till_done()
    engine.tell(PointsChanged(device_id=AHU, added=(TEMPERATURE,)))
    await hass.async_block_till_done()
    engine.read(TEMPERATURE.point_id, 20.0)
    assert state_of(hass, TEMPERATURE).state == "20.0"


async def test_points_of_an_unknown_device_are_no_repair(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(ProblemsChanged(problems=(replace(GONE, subject="cafe0001:9"),)))
    assert issues(hass) == {}


@pytest.mark.parametrize("loaded", [True, False])
async def test_repair_without_a_flow_of_its_own_is_only_confirmed(hass, world, loaded):
    entry, _ = await open_office(hass, world)
    data = {"entry_id": entry.entry_id, "code": "port_in_use", "subject": "x"}
    if not loaded:
        assert await hass.config_entries.async_unload(entry.entry_id)
        data["code"] = "points_gone"
    flow = await async_create_fix_flow(hass, "issue", data)
    assert isinstance(flow, ConfirmRepairFlow)

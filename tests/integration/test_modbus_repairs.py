"""What Modbus lines, units and meters may need a person for."""

from dataclasses import replace

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.events import ProblemsChanged
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.repair_word_order import WordOrderFlow

from .entries import data_of, subentry
from .fake_units import words_of_float
from .plant import LINE, METER, open_plant
from .test_repairs import begin, issues

pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

IN_USE = Problem(
    code=ProblemCode.LINE_IN_USE,
    subject=LINE.network_id,
    facts={"name": "Riser", "line": "Riser", "reason": "9600 8N1", "owner": "Roof"},
)
UNREACHABLE = Problem(
    code=ProblemCode.LINE_UNREACHABLE,
    subject=LINE.network_id,
    facts={"name": "Riser", "line": "Riser", "reason": "refused"},
)
SILENT = Problem(
    code=ProblemCode.UNIT_SILENT,
    subject=METER.device_id,
    facts={"name": "Main meter", "unit_id": "5", "line": "Riser"},
)
SUSPECTED = Problem(
    code=ProblemCode.WORD_ORDER_SUSPECTED,
    subject=METER.device_id,
    facts={"name": "Main meter", "count": "1", "points": "power"},
)
REPLACED = Problem(
    code=ProblemCode.METER_REPLACED,
    subject=METER.device_id,
    facts={
        "name": "Energy",
        "points": f"{METER.device_id}:energy, {METER.device_id}:power",
        "old": "1234.5",
        "new": "0.3",
        "unit": "kilowatt-hours",
        "at": "2026-11-21T12:00:00+00:00",
    },
)


async def test_a_line_in_use_names_who_uses_it(hass, world):
    _, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(IN_USE,)))
    issue = issues(hass)["line_in_use"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert not issue.is_fixable
    said = issue.translation_placeholders
    assert (said["owner"], said["reason"]) == ("Roof", "9600 8N1")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("refused", "it refuses connections."),
        ("of a kind to come", "of a kind to come"),
        ("", "?"),
    ],
)
async def test_a_line_that_cannot_be_reached_says_why(hass, world, reason, text):
    _, engine = await open_plant(hass, world)
    facts = {**UNREACHABLE.facts, "reason": reason}
    engine.tell(ProblemsChanged(problems=(replace(UNREACHABLE, facts=facts),)))
    placeholders = issues(hass)["line_unreachable"].translation_placeholders
    assert placeholders["reason"].startswith(text)


async def test_a_silent_unit_can_be_removed(hass, world):
    entry, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(SILENT,)))
    manager, flow = await begin(hass, "unit_silent")
    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"]["line"] == "Riser"
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "remove"})
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert "Main meter" not in {item.title for item in entry.subentries.values()}


async def test_a_silent_unit_can_be_waited_for(hass, world):
    _, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(SILENT,)))
    manager, flow = await begin(hass, "unit_silent")
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "wait"})
    assert done["reason"] == "waiting"


async def suspect(hass: HomeAssistant, world):
    entry, engine = await open_plant(hass, world)
    high, low = words_of_float(231.4)
    world.units[5].words = {(Space.INPUT, 0): (low, high, 1, 2)}
    world.problems = lambda _: (SUSPECTED,)
    engine.tell(ProblemsChanged(problems=(SUSPECTED,)))
    return entry, *(await begin(hass, "word_order_suspected"))


async def test_words_are_exchanged_with_one_press_after_both_were_shown(hass, world):
    entry, manager, flow = await suspect(hass, world)
    assert flow["menu_options"] == ["swap", "keep"]
    header, _, row = flow["description_placeholders"]["values"].splitlines()
    assert header == "| Point | As it is read | Words exchanged |"
    assert row.startswith("| Power | ")
    assert row.endswith(" | 231.4 kW |")
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "swap"})
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert data_of(entry, "device:line0001:5")["swap_words"] is True
    (engine,) = world.running
    assert [unit.swap_words for unit in engine.site.modbus_devices] == [True, False]
    assert len(world.connections) == 1


async def test_values_that_are_right_are_kept(hass, world):
    entry, manager, flow = await suspect(hass, world)
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "keep"})
    assert done["reason"] == "kept"
    assert issues(hass)["word_order_suspected"].dismissed_version is not None
    assert "swap_words" not in data_of(entry, "device:line0001:5")


async def test_values_that_nobody_named_are_all_shown(hass, world):
    entry, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(SUSPECTED,)))
    manager, flow = await begin(hass, "word_order_suspected")
    manager.async_abort(flow["flow_id"])
    engine.tell(ProblemsChanged(problems=(SILENT, replace(SUSPECTED, facts={}))))
    _, flow = await begin(hass, "word_order_suspected")
    assert len(flow["description_placeholders"]["values"].splitlines()) == 4
    # Solved while somebody looks at it
    entry.runtime_data.client.mirror.problems = ()
    late = WordOrderFlow(entry, METER.device_id)
    late.hass, late.issue_id = hass, issues(hass)["word_order_suspected"].issue_id
    shown = await late.async_step_init()
    assert len(shown["description_placeholders"]["values"].splitlines()) == 4


async def test_a_unit_that_does_not_answer_shows_no_values(hass, world):
    _, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(SUSPECTED,)))
    world.units.clear()
    _, flow = await begin(hass, "word_order_suspected")
    assert "does not answer" in flow["description_placeholders"]["values"]


async def test_a_device_that_was_removed_needs_no_repair(hass, world):
    entry, manager, flow = await suspect(hass, world)
    item = subentry(entry, "device:line0001:5")
    hass.config_entries.async_remove_subentry(entry, item.subentry_id)
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": "swap"})
    assert done["reason"] == "device_gone"
    late = WordOrderFlow(entry, METER.device_id)
    assert (await late.async_step_init())["reason"] == "device_gone"
    await hass.async_block_till_done()


async def test_a_replaced_meter_is_confirmed_for_all_its_counters(hass, world):
    _, engine = await open_plant(hass, world)
    world.problems = lambda _: (SILENT, REPLACED)
    engine.tell(ProblemsChanged(problems=(SILENT, REPLACED)))
    manager, flow = await begin(hass, "meter_replaced")
    assert flow["step_id"] == "confirm"
    said = flow["description_placeholders"]
    assert (said["old"], said["new"], said["unit"]) == ("1234.5", "0.3", "kWh")
    assert said["at"] == "2026-11-21 04:00"
    world.failures["set_meter"] = StorageError("no room", path="", reason="")
    again = await manager.async_configure(flow["flow_id"], {})
    assert again["errors"] == {"base": "engine"}
    assert again["description_placeholders"]["message"].endswith(": no room")
    world.failures.clear()
    done = await manager.async_configure(flow["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert [request.point_id for request in world.meters_set] == [
        f"{METER.device_id}:energy",
        f"{METER.device_id}:power",
    ]
    assert {request.total for request in world.meters_set} == {None}


async def test_a_meter_without_facts_is_no_trouble(hass, world):
    _, engine = await open_plant(hass, world)
    engine.tell(ProblemsChanged(problems=(replace(REPLACED, facts={}),)))
    placeholders = issues(hass)["meter_replaced"].translation_placeholders
    assert (placeholders["unit"], placeholders["at"]) == ("", "?")

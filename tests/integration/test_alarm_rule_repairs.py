"""Rules whose points vanish: repairs, orphans, and points that people deselect."""

from typing import Any

import pytest
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.plantroom.alarm_rules import alarm_rule_subentry
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.configuration import (
    AlarmRule,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.events import PointsChanged
from custom_components.plantroom.site import entry_site
from custom_components.plantroom.subentries import add_subentries

from .entries import data_of, subentry
from .fake_engine import FakeConnection, World
from .office import AHU, FAN, SETPOINT, TEMPERATURE, open_office

# Home Assistant's own web server, which repairs depend on
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")

HIGH = AlarmRule(
    rule_id="high",
    kind=RuleKind.HIGH,
    point_id=TEMPERATURE.point_id,
    high=30,
    enable=EnableCondition(
        point_id=FAN.point_id, comparison=Comparison.EQUAL, value=True
    ),
)
ELSEWHERE = AlarmRule(
    rule_id="far",
    kind=RuleKind.DEVIATION,
    point_id=SETPOINT.point_id,
    other_point_id="cafe0001:1002:analog-input,1",
    tolerance=2,
)


@pytest.fixture
async def opened(
    hass: HomeAssistant, world: World
) -> tuple[ConfigEntry, FakeConnection]:
    """Run the office with an alarm on its supply temperature."""
    entry, engine = await open_office(hass, world)
    await add(hass, entry, HIGH)
    return entry, engine


async def add(hass: HomeAssistant, entry: ConfigEntry, *rules: AlarmRule) -> None:
    add_subentries(
        hass,
        entry,
        [alarm_rule_subentry(rule, f"Alarm {rule.rule_id}") for rule in rules],
    )
    await hass.async_block_till_done()


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    return [
        i for (domain, _), i in ir.async_get(hass).issues.items() if domain == DOMAIN
    ]


async def fix(hass: HomeAssistant, step: str) -> Any:
    assert await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    (issue,) = issues(hass)
    flow = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    assert flow["description_placeholders"] == issue.translation_placeholders
    done = await manager.async_configure(flow["flow_id"], {"next_step_id": step})
    await hass.async_block_till_done()
    return done


async def test_a_rule_whose_point_is_gone_is_a_repair_until_it_is_back(
    hass: HomeAssistant, opened: tuple[ConfigEntry, FakeConnection]
) -> None:
    _, engine = opened
    assert issues(hass) == []
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    (issue,) = issues(hass)
    assert issue.translation_key == "alarm_rule_without_point"
    assert issue.translation_placeholders == {
        "rule": "Alarm high",
        "points": TEMPERATURE.point_id,
    }
    engine.tell(PointsChanged(device_id=AHU, added=(TEMPERATURE,)))
    assert issues(hass) == []
    engine.tell(PointsChanged(device_id=AHU, removed=(FAN.point_id,)))
    (issue,) = issues(hass)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["points"] == FAN.point_id


async def test_the_repair_removes_the_rule_or_waits(
    hass: HomeAssistant, opened: tuple[ConfigEntry, FakeConnection]
) -> None:
    entry, engine = opened
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    assert (await fix(hass, "wait"))["reason"] == "waiting"
    (issue,) = issues(hass)
    assert issue.dismissed_version is not None
    await fix(hass, "remove")
    assert issues(hass) == []
    assert entry_site(entry).alarming.rules == ()
    assert engine.site.alarming.rules == ()


async def test_a_rule_goes_with_its_device_and_is_a_repair_without_the_other(
    hass: HomeAssistant,
    world: World,
    opened: tuple[ConfigEntry, FakeConnection],
) -> None:
    entry, _ = opened
    await add(hass, entry, ELSEWHERE)
    assert issues(hass) == []
    boiler = subentry(entry, "device:cafe0001:1002")
    hass.config_entries.async_remove_subentry(entry, boiler.subentry_id)
    await hass.async_block_till_done()
    (issue,) = issues(hass)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["rule"] == "Alarm far"
    handler = subentry(entry, f"device:{AHU}")
    hass.config_entries.async_remove_subentry(entry, handler.subentry_id)
    await hass.async_block_till_done()
    assert not [*entry.get_subentries_of_type("alarm_rule")]
    assert world.running[0].site.alarming.rules == ()
    assert issues(hass) == []


async def test_a_silent_device_that_was_never_read_is_no_repair(
    hass: HomeAssistant, opened: tuple[ConfigEntry, FakeConnection]
) -> None:
    entry, _ = opened
    await add(hass, entry, ELSEWHERE)
    assert issues(hass) == []


async def test_a_point_that_people_deselect_is_read_for_its_rule(
    hass: HomeAssistant, opened: tuple[ConfigEntry, FakeConnection]
) -> None:
    entry, _ = opened
    kept = subentry(entry, f"device:{AHU}")
    chosen = {**kept.data, "points": ["analog-value,1"]}
    hass.config_entries.async_update_subentry(entry, kept, data=chosen)
    await hass.async_block_till_done()
    device = next(d for d in entry_site(entry).devices if d.device_id == AHU)
    assert device.points == ("analog-value,1", "analog-input,1", "binary-output,1")
    assert data_of(entry, f"device:{AHU}")["points"] == ["analog-value,1"]


async def test_the_repairs_go_with_the_entry(
    hass: HomeAssistant, opened: tuple[ConfigEntry, FakeConnection]
) -> None:
    entry, engine = opened
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    assert issues(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass) == []

"""What is attached to a bug report, and what system information says."""

import json

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from custom_components.plantroom.alarm_rules import (
    alarm_rule_data,
    alarm_rule_subentry,
)
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.plantroom.engine.alarms.configuration import AlarmRule, RuleKind
from custom_components.plantroom.engine.alarms.models import TransitionKind
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.subentries import add_subentries
from custom_components.plantroom.system_health import async_register, system_health_info

from .entries import BOILER, NETWORK
from .fake_alarms import alarm_of
from .fake_engine import AT
from .office import AHU, POINTS, SETPOINT, open_office
from .test_services import ROW


def device_of(hass: HomeAssistant, entry, identifier: str) -> dr.DeviceEntry:
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )


async def test_entry_diagnostics_tell_all_but_secrets(hass, world):
    world.problems = lambda _: (
        Problem(code=ProblemCode.PORT_IN_USE, subject=NETWORK.network_id),
    )
    entry, _ = await open_office(hass, world)
    found = await async_get_config_entry_diagnostics(hass, entry)
    (device,) = found["devices"]
    assert device["serial_number"] == "**REDACTED**"
    assert (device["points"], device["entities"]) == (len(POINTS), len(POINTS))
    assert found["networks"][0]["health"] == "healthy"
    assert found["problems"][0]["code"] == "port_in_use"
    assert "S-1" not in json.dumps(found, default=str)


async def test_diagnostics_count_alarms(hass, world):
    alarm = alarm_of(SETPOINT.point_id, "Setpoint", AT)
    world.alarms.happen(TransitionKind.RAISED, alarm, AT)
    entry, _ = await open_office(hass, world)
    found = (await async_get_config_entry_diagnostics(hass, entry))["alarms"]
    assert (found["open"], found["by_severity"], found["journal"]) == (
        1, {"high": 1}, 1,
    )  # fmt: skip
    assert (found["flood"], found["maintenance"]) == (None, [])
    for name, expected in ((AHU, 1), (NETWORK.network_id, 1), (BOILER.device_id, 0)):
        device = device_of(hass, entry, name)
        counts = (await async_get_device_diagnostics(hass, entry, device))["alarms"]
        assert counts["unacknowledged"] == expected
    # Neither an enumeration nor a counter would be JSON to a browser
    assert json.loads(json.dumps(found, default=str))["by_severity"] == {"high": 1}


async def test_diagnostics_show_rules_and_hide_who_is_told(hass, world):
    entry, _ = await open_office(hass, world)
    rule = AlarmRule(
        rule_id="hot", kind=RuleKind.HIGH, point_id=SETPOINT.point_id, high=30
    )
    add_subentries(hass, entry, [alarm_rule_subentry(rule, "Hot")])
    hass.config_entries.async_update_entry(
        entry, options={"routes": {"critical": ["person.ann"]}, "flood_alarms": 7}
    )
    await hass.async_block_till_done()
    found = (await async_get_config_entry_diagnostics(hass, entry))["entry"]
    told = [i["data"] for i in found["subentries"] if i["title"] == "Hot"]
    assert told == [alarm_rule_data(rule)]
    assert found["options"]["flood_alarms"] == 7
    assert "person.ann" not in json.dumps(found, default=str)


async def test_device_diagnostics_tell_points_readings_and_writes(hass, world):
    world.audit = [ROW]
    entry, _ = await open_office(hass, world)
    found = await async_get_device_diagnostics(hass, entry, device_of(hass, entry, AHU))
    points = {item["point_id"]: item for item in found["points"]}
    assert points[SETPOINT.point_id]["reading"]["value"] == 20.0
    assert points[SETPOINT.point_id]["has_entity"] is True
    assert [row["actor"] for row in found["writes"]] == ["Demo"]


async def test_diagnostics_of_a_network_and_of_a_device_never_read(hass, world):
    entry, _ = await open_office(hass, world)
    network = device_of(hass, entry, NETWORK.network_id)
    found = await async_get_device_diagnostics(hass, entry, network)
    assert found["network"]["health"] == "healthy"
    boiler = device_of(hass, entry, BOILER.device_id)
    found = await async_get_device_diagnostics(hass, entry, boiler)
    assert (found["device"], found["points"]) == (None, [])


async def test_system_health_counts(hass, world):
    _, engine = await open_office(hass, world)
    registration = SystemHealthRegistration(hass, DOMAIN)
    async_register(hass, registration)
    assert registration.info_callback is system_health_info
    assert await system_health_info(hass) == {
        "engine": "ok",
        "engine_runs": "Home Assistant",
        "port": "ok",
        "modbus": "ok",
        "networks_up": "1 / 1",
        "devices_online": "1 / 1",
        "subscriptions_running": "0 / 0",
        "points": len(POINTS),
        "points_read": len(POINTS),
    }
    engine.lose()
    assert (await system_health_info(hass))["engine"] == {
        "type": "failed", "error": "stopped",
    }  # fmt: skip


async def test_system_health_says_that_a_port_is_taken(hass, world):
    world.problems = lambda _: (
        Problem(code=ProblemCode.PORT_IN_USE, subject=NETWORK.network_id),
    )
    await open_office(hass, world)
    info = await system_health_info(hass)
    assert info["port"] == {"type": "failed", "error": "port_in_use"}

"""Rules that suit a device may be had over every wire, and raise what they say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bacpypes3.basetypes import EventTransitionBits, LimitEnable
from bacpypes3.primitivedata import Real

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Severity
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    PlantroomError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.modbus.configuration import ModbusDeviceConfig
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.modbus.served_units import served, unit
from tests.engine.modbus.test_profiles_served import served_words
from tests.engine.modbus.vectors import VECTORS
from tests.site import site_of, until

from .conftest import OpenOffice, OpenWire
from .office import VAV

NILAN = "nilan_cts400"
UNIT = "line:30"


def air_handler() -> Any:
    """Return a unit as a recording found it: with an alarm, and a dirty filter."""
    profile, vector = next(
        each.values
        for each in VECTORS
        if each.values[0].id == NILAN and each.values[1].expect.get("alarm") == "Active"
    )
    return unit(30, served_words(profile, vector))


async def test_alarms_that_a_profile_suggests_are_raised_once_they_are_asked_for(
    wire: OpenWire, tmp_path: Path
):
    async with served(air_handler()) as line, wire(tmp_path) as connection:
        client = EngineClient(connection)
        device = ModbusDeviceConfig(
            network_id="line", unit_id=30, name="Ventilation", profile=NILAN
        )
        site = SiteConfig(modbus_lines=(line,), modbus_devices=(device,))
        try:
            await client.start(site)
            rules = await client.alarm_suggestions(UNIT)
            assert [(rule.rule_id, rule.severity) for rule in rules] == [
                (f"{UNIT}:alarm", Severity.MEDIUM),
                (f"{UNIT}:filter", Severity.LOW),
            ]
            assert client.mirror.alarms == {}
            await client.configure(replace(site, alarming=AlarmingConfig(rules=rules)))
            await until(lambda: len(client.mirror.alarms) == len(rules))
            texts = {alarm.text for alarm in client.mirror.alarms.values()}
            assert texts == {
                "Ventilation reports an alarm",
                "Ventilation: the filter has to be changed",
            }
        finally:
            await client.stop()


async def test_alarm_of_a_point_that_nobody_wanted_is_not_suggested(
    wire: OpenWire, tmp_path: Path
):
    async with served(air_handler()) as line, wire(tmp_path) as connection:
        client = EngineClient(connection)
        device = ModbusDeviceConfig(
            network_id="line", unit_id=30, profile=NILAN, points=("filter", "humidity")
        )
        site = SiteConfig(modbus_lines=(line,), modbus_devices=(device,))
        try:
            await client.start(site)
            (rule,) = await client.alarm_suggestions(UNIT)
            assert rule.point_id == f"{UNIT}:filter"
        finally:
            await client.stop()


async def test_limits_that_a_device_tells_nobody_of_are_suggested(office: OpenOffice):
    opened = await office(VAV)
    setpoint = opened.building.device(VAV).object("analog-value,1")
    setpoint.highLimit, setpoint.lowLimit = Real(26), Real(18)
    setpoint.limitEnable = LimitEnable([0, 1])
    setpoint.eventEnable = EventTransitionBits([0, 0, 0])
    (rule,) = await opened.client.alarm_suggestions(f"n:{VAV}")
    assert rule.point_id == f"n:{VAV}:analog-value,1"
    assert (rule.kind, rule.high, rule.low) == (RuleKind.HIGH, 26.0, None)
    site = site_of(opened.building, VAV)
    await opened.client.configure(replace(site, alarming=AlarmingConfig(rules=(rule,))))
    opened.building.set(VAV, "analog-value,1", "presentValue", 26.5)
    await until(lambda: rule.alarm_id in opened.client.mirror.alarms)


@pytest.mark.parametrize(
    ("device_id", "error"),
    [
        ("n:9", UnknownTargetError),
        ("nowhere:1", UnknownTargetError),
        (f"n:{VAV}", DeviceOfflineError),
    ],
)
async def test_device_that_cannot_be_asked_is_an_error(
    office: OpenOffice, device_id: str, error: type[PlantroomError]
):
    opened = await office(VAV)
    opened.building.unplug(VAV)
    with pytest.raises(error):
        await opened.client.alarm_suggestions(device_id)

"""A configuration is told by what a person changed, and no more."""

from dataclasses import replace
from typing import Any

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRule,
    RuleKind,
)
from custom_components.plantroom.engine.audit.configuration import AuditConfig
from custom_components.plantroom.engine.audit.site_changes import (
    SiteChange,
    site_changes,
)
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
)
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.site_config import (
    SiteConfig,
    site_config_to_dict,
)
from tests.engine.modbus.register_points import register
from tests.site import device_config, network_config

SITE = SiteConfig(
    networks=(network_config(47808),), devices=(device_config(1), device_config(2))
)
RULE = AlarmRule(rule_id="hot", kind=RuleKind.HIGH, point_id="n:1:a", high=26.0)


def changes(old: SiteConfig, new: SiteConfig) -> list[SiteChange]:
    return site_changes(site_config_to_dict(old), site_config_to_dict(new))


def told(old: SiteConfig, new: SiteConfig) -> list[tuple[Any, ...]]:
    return [(c.action, c.subject, c.option, c.old, c.new) for c in changes(old, new)]


def modbus(*registers: Any) -> SiteConfig:
    return SiteConfig(
        modbus_lines=(
            ModbusLineConfig(
                network_id="l",
                name="Line",
                transport=ModbusTransport.TCP,
                host="127.0.0.1",
            ),
        ),
        modbus_devices=(
            ModbusDeviceConfig(network_id="l", unit_id=7, registers=registers),
        ),
    )


def test_same_site_is_no_change_whoever_says_so():
    assert changes(SITE, replace(SITE, changed_by="Ada")) == []


def test_option_of_a_device_is_told_with_its_old_and_new_value():
    after = replace(
        SITE,
        devices=(device_config(1, poll_seconds=5.0, points=("a,1",)), SITE.devices[1]),
    )
    assert told(SITE, after) == [
        ("configure", "n:1", "poll_seconds", 60.0, 5.0),
        ("configure", "n:1", "points", None, '["a,1"]'),
    ]


def test_devices_and_networks_that_come_and_go_are_told():
    found = told(SiteConfig(), SITE)
    assert [each[:3] for each in found] == [
        ("add_network", "n", ""), ("add_device", "n:1", ""), ("add_device", "n:2", ""),
    ]  # fmt: skip
    gone = told(SITE, replace(SITE, devices=SITE.devices[:1]))
    assert [(each[0], each[1], each[4]) for each in gone] == [
        ("remove_device", "n:2", None)
    ]


def test_rule_and_site_options_are_told():
    alarming = AlarmingConfig(rules=(RULE,))
    before = replace(SITE, alarming=alarming)
    harder = replace(alarming, rules=(replace(RULE, high=28.0),), journal_days=90)
    after = replace(before, alarming=harder, audit=AuditConfig(keep_days=30))
    assert [each[:2] for each in told(SITE, before)] == [("add_alarm_rule", "rule:hot")]
    assert told(before, after) == [
        ("configure", "rule:hot", "high", 26.0, 28.0),
        ("configure", "", "alarming.journal_days", 365, 90),
        ("configure", "", "audit.keep_days", 730, 30),
    ]


def test_register_is_told_by_its_key():
    before = modbus(register("flow", 10), register("back", 11))
    after = modbus(register("flow", 10, scale=0.1), register("back", 11))
    assert told(before, after) == [
        ("configure", "l:7", "registers.flow.scale", 1.0, 0.1)
    ]


def test_map_that_was_replaced_is_one_change_with_a_digest():
    before = modbus(*(register(f"a{n}", n) for n in range(50)))
    after = modbus(*(register(f"b{n}", n) for n in range(50)))
    (change,) = changes(before, after)
    assert (change.action, change.subject) == ("configure", "l:7")
    assert "options" in change.option
    assert isinstance(change.new, str)
    assert len(change.new) < 300
    assert change.old != change.new


def test_secret_that_changed_is_told_and_not_shown():
    def site(password: str) -> SiteConfig:
        store = EventStoreConfig(
            store_id="db",
            kind=StoreKind.KURRENTDB,
            uri="kurrentdb://db",
            user="gateway",
            password=password,
        )
        return replace(SITE, gateway=GatewayConfig(stores=(store,)))

    assert told(site("first"), site("second")) == [
        ("configure", "", "gateway.stores.db.password", "(secret)", "(secret)")
    ]
    for before, after in ((SITE, site("first")), (site("first"), SITE)):
        rows = told(before, after)
        assert rows
        assert "first" not in str(rows)

"""A site that a server serves becomes subentries that ask for exactly that site."""

from dataclasses import fields, replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import CONNECTION, DIRECT, DOMAIN, SERVER
from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRoute,
    AlarmRule,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Severity
from custom_components.plantroom.engine.audit.configuration import AuditConfig
from custom_components.plantroom.engine.energy.configuration import MeteringConfig
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.leases.configuration import LeaseConfig
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
)
from custom_components.plantroom.site import entry_site
from custom_components.plantroom.site_mirror import (
    mirror_site,
    site_options,
    site_subentries,
)
from custom_components.plantroom.subentries import remove_orphans

from .entries import subentry

NETWORK = BacnetNetworkConfig(
    network_id="lan",
    name="Lan",
    address="10.0.0.1/24",
    port=47809,
    instance=4193999,
    bbmd="10.0.9.1",
    bbmd_ttl=60,
)
DEVICE = BacnetDeviceConfig(
    network_id="lan",
    instance=1001,
    address="10.0.0.9",
    poll_seconds=7,
    priority=9,
    change_of_value=False,
    points=("analog-input,1",),
    writable=("analog-value,1",),
    metering=MeteringConfig(energy_from=("analog-input,5",), demand_minutes=30),
    alarms=False,
    notification_classes=(3,),
)
LINE = ModbusLineConfig(network_id="riser", name="Riser", host="meters.local")
UNIT = ModbusDeviceConfig(
    network_id="riser", unit_id=5, name="Main meter", profile="acme", poll_seconds=3
)
RULE = AlarmRule(
    rule_id="r1", kind=RuleKind.HIGH, point_id="lan:1001:analog-input,1", high=30.0
)
SECURE = SecureNetworkConfig(
    network_id="sc",
    name="Tower",
    primary="wss://192.0.2.1:4443",
    failover="wss://192.0.2.2:4443",
    credentials="node",
    instance=4193000,
    check_host_names=True,
    direct_port=4445,
    direct_uri="wss://192.0.2.3:4445",
    dial_directly=True,
    objects_of="lan",
)
SITE = SiteConfig(
    networks=(NETWORK,),
    devices=(DEVICE,),
    modbus_lines=(LINE,),
    modbus_devices=(UNIT,),
    alarming=AlarmingConfig(
        rules=(RULE,),
        routes=(AlarmRoute(severity=Severity.HIGH, targets=("notify.pager",)),),
        flood_alarms=5,
        flood_seconds=30.0,
        journal_days=90,
    ),
    audit=AuditConfig(keep_days=30, most_rows=5000),
    leases=LeaseConfig(client_gone_seconds=70.0),
    gateway=GatewayConfig(
        stores=(EventStoreConfig(store_id="events"),),
        subscriptions=(
            SubscriptionConfig(
                subscription_id="plant",
                store_id="events",
                network_id="lan",
                stream="plant",
            ),
        ),
        redis_url="redis://:secret@localhost",
    ),
    secure_connect=SecureConnectConfig(
        networks=(SECURE,),
        hubs=(
            SecureHubConfig(
                hub_id="hub", name="Hub", credentials="hub", port=4444, max_nodes=20
            ),
        ),
        routed=(
            RoutedNetworkConfig(network_id="lan", number=1),
            RoutedNetworkConfig(network_id="sc", number=2),
        ),
    ),
)
OWN = BacnetDeviceConfig(network_id="lan", instance=NETWORK.instance)
# What events make of our own device is shown without anybody asking for it
SHOWN = replace(SITE, devices=(DEVICE, OWN))
NAMES = {"lan:1001": "AHU-1", RULE.point_id: "Supply temperature"}


def entry_of(
    hass: HomeAssistant, site: SiteConfig, connection: str = SERVER
) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONNECTION: connection},
        options=site_options(site),
        subentries_data=site_subentries(site, NAMES),
    )
    entry.add_to_hass(hass)
    return entry


async def test_what_is_taken_asks_for_the_same_site(hass: HomeAssistant) -> None:
    assert entry_site(entry_of(hass, SITE)) == SHOWN
    assert entry_site(entry_of(hass, SHOWN)) == SHOWN


async def test_gateway_waits_while_the_engine_is_where_none_can_be(
    hass: HomeAssistant,
) -> None:
    entry = entry_of(hass, SITE, DIRECT)
    waiting = {"gateway": GatewayConfig(), "secure_connect": SecureConnectConfig()}
    assert entry_site(entry) == replace(SHOWN, **waiting)
    hass.config_entries.async_update_entry(entry, data={CONNECTION: SERVER})
    assert entry_site(entry) == SHOWN


async def test_gateway_of_a_network_that_is_removed_asks_for_no_more_than_there_is(
    hass: HomeAssistant,
) -> None:
    entry = entry_of(hass, SITE)
    network = subentry(entry, "network:lan")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    assert entry_site(entry).gateway == replace(SITE.gateway, subscriptions=())


async def test_what_hangs_on_an_event_store_goes_with_it(hass: HomeAssistant) -> None:
    entry = entry_of(hass, SITE)
    store = subentry(entry, "event_store:events")
    hass.config_entries.async_remove_subentry(entry, store.subentry_id)
    assert entry_site(entry).gateway == GatewayConfig(redis_url=SITE.gateway.redis_url)
    assert entry_site(entry).devices == (DEVICE,)
    remove_orphans(hass, entry)
    ids = {item.unique_id for item in entry.subentries.values()}
    assert "event_subscription:plant" not in ids
    assert {"network:lan", "device:lan:1001"} <= ids
    assert f"device:{OWN.device_id}" not in ids


async def test_our_own_device_goes_with_the_last_subscription_of_its_network(
    hass: HomeAssistant,
) -> None:
    second = replace(SITE.gateway.subscriptions[0], subscription_id="other")
    gateway = replace(SITE.gateway, subscriptions=(*SITE.gateway.subscriptions, second))
    entry = entry_of(hass, replace(SITE, gateway=gateway))
    for subscription_id, left in (("plant", (DEVICE, OWN)), ("other", (DEVICE,))):
        item = subentry(entry, f"event_subscription:{subscription_id}")
        hass.config_entries.async_remove_subentry(entry, item.subentry_id)
        assert entry_site(entry).devices == left


async def test_gateway_that_cannot_be_read_shows_no_password(
    hass: HomeAssistant,
) -> None:
    entry = entry_of(hass, SITE)
    gateway = {"stores": "nonsense", "redis_url": "redis://:secret@localhost"}
    hass.config_entries.async_update_entry(entry, options={"gateway": gateway})
    with pytest.raises(ConfigurationError) as caught:
        entry_site(entry)
    assert "secret" not in str(caught.value)
    hass.config_entries.async_update_entry(entry, options={})
    item = subentry(entry, "event_store:events")
    nonsense = {**item.data, "password": "secret", "kind": "no kind"}
    hass.config_entries.async_update_subentry(entry, item, data=nonsense)
    with pytest.raises(ConfigurationError) as caught:
        entry_site(entry)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "config",
    [NETWORK, DEVICE, SITE, SITE.audit, SITE.leases, SECURE],
    ids=lambda c: type(c).__name__,
)
def test_no_option_of_a_site_a_network_or_a_device_is_at_its_default_above(
    config: Any,
) -> None:
    """Hold that a field that is new is taken along too."""
    required = {"network_id", "name", "address", "instance", "changed_by"}
    required |= {"primary", "credentials"}
    other = type(config)(
        **{
            each.name: getattr(config, each.name)
            for each in fields(config)
            if each.name in required
        }
    )
    for each in fields(config):
        if each.name not in required:
            assert getattr(config, each.name) != getattr(other, each.name), each.name


async def test_names_are_those_that_devices_and_points_have(
    hass: HomeAssistant,
) -> None:
    entry = entry_of(hass, SITE)
    titles = {item.unique_id: item.title for item in entry.subentries.values()}
    assert titles["device:lan:1001"] == "AHU-1"
    assert titles["device:riser:5"] == "Main meter"
    assert titles["alarm_rule:r1"] == "Supply temperature"


async def test_following_keeps_ids_and_what_is_home_assistants_own(
    hass: HomeAssistant,
) -> None:
    entry = entry_of(hass, SITE)
    device = subentry(entry, "device:lan:1001")
    own = {"name_source": "description", "dashboard_role": "grid"}
    hass.config_entries.async_update_subentry(
        entry, device, data={**device.data, **own}
    )
    changed = SiteConfig(
        networks=SITE.networks,
        devices=(
            BacnetDeviceConfig(network_id="lan", instance=1001, poll_seconds=11),
            BacnetDeviceConfig(network_id="lan", instance=1002),
        ),
    )
    mirror_site(hass, entry, changed, {})
    assert entry_site(entry) == changed
    after = subentry(entry, "device:lan:1001")
    assert after.subentry_id == device.subentry_id
    assert after.title == "AHU-1"
    assert own.items() <= after.data.items()
    assert {item.unique_id for item in entry.subentries.values()} == {
        "network:lan",
        "device:lan:1001",
        "device:lan:1002",
    }


async def test_devices_on_bacnet_sc_wait_for_a_server(hass: HomeAssistant) -> None:
    device = BacnetDeviceConfig(network_id="sc", instance=7)
    entry = entry_of(hass, replace(SITE, devices=(DEVICE, device)), DIRECT)
    assert device not in entry_site(entry).devices
    assert DEVICE in entry_site(entry).devices


async def test_what_is_on_a_bacnet_sc_network_goes_with_it(
    hass: HomeAssistant,
) -> None:
    device = BacnetDeviceConfig(network_id="sc", instance=7)
    entry = entry_of(hass, replace(SITE, devices=(DEVICE, device)))
    network = subentry(entry, "network:sc")
    hass.config_entries.async_remove_subentry(entry, network.subentry_id)
    site = entry_site(entry)
    assert device not in site.devices
    assert (site.secure_connect.networks, site.secure_connect.routed) == ((), ())

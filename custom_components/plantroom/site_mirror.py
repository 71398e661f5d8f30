"""A site that a server serves, as subentries: what is followed, or taken over."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant, callback

from .alarm_options import (
    NOBODY,
    OPTION_AUDIT_DAYS,
    OPTION_AUDIT_ROWS,
    OPTION_CLIENT_GONE,
    OPTION_FLOOD_ALARMS,
    OPTION_FLOOD_SECONDS,
    OPTION_JOURNAL_DAYS,
    OPTION_ROUTES,
    OPTION_SILENT_SECONDS,
    OPTION_SILENT_SEVERITY,
)
from .alarm_rules import alarm_rule_subentry
from .client import EngineClient
from .const import (
    CONF_ALARMS,
    CONF_CHANGE_OF_VALUE,
    CONF_METERING,
    CONF_NOTIFICATION_CLASSES,
    CONF_OWN,
    CONF_POINTS,
    CONF_POLL_SECONDS,
    CONF_PRIORITY,
    CONF_WRITABLE,
    SUBENTRY_ALARM_RULE,
    SUBENTRY_DEVICE,
    SUBENTRY_LINE,
    SUBENTRY_NETWORK,
    SUBENTRY_SECURE_HUB,
    SUBENTRY_SECURE_NETWORK,
    SUBENTRY_STORE,
    SUBENTRY_SUBSCRIPTION,
    SUBENTRY_UNIT,
)
from .engine.models import FoundDevice
from .engine.site_config import (
    BacnetConfig,
    BacnetDeviceConfig,
    SiteConfig,
)
from .gateway_options import OPTION_GATEWAY, gateway_option
from .gateway_subentries import gateway_subentries
from .modbus_subentries import line_subentry, metering_data, unit_subentry
from .secure_subentries import OPTION_ROUTED, routed_option, secure_subentries
from .site import device_subentry, network_subentry, own_device_subentry
from .subentries import add_subentries

MIRRORED = frozenset(
    {
        SUBENTRY_ALARM_RULE,
        SUBENTRY_DEVICE,
        SUBENTRY_LINE,
        SUBENTRY_NETWORK,
        SUBENTRY_SECURE_HUB,
        SUBENTRY_SECURE_NETWORK,
        SUBENTRY_STORE,
        SUBENTRY_SUBSCRIPTION,
        SUBENTRY_UNIT,
    }
)


def site_subentries(
    site: SiteConfig, names: Mapping[str, str]
) -> list[ConfigSubentryData]:
    """Return the subentries that ask for a site, and show what events make of it.

    names: what devices and points call themselves, by id.
    """
    own = {f"{each.network_id}:{each.instance}": each for each in _filled(site)}
    known = {device.device_id for device in site.devices}
    return [
        *(network_subentry(network) for network in site.networks),
        *(
            _device_subentry(device, names, own=device.device_id in own)
            for device in site.devices
        ),
        *(own_device_subentry(own[each]) for each in own if each not in known),
        *(line_subentry(line) for line in site.modbus_lines),
        *(unit_subentry(device) for device in site.modbus_devices),
        *(
            alarm_rule_subentry(
                rule, rule.text or names.get(rule.point_id) or rule.point_id
            )
            for rule in site.alarming.rules
        ),
        *gateway_subentries(site.gateway, names),
        *secure_subentries(site.secure_connect),
    ]


def site_options(site: SiteConfig) -> dict[str, Any]:
    """Return the options that ask for what a site says beside networks and devices."""
    alarming = site.alarming
    return {
        OPTION_AUDIT_DAYS: site.audit.keep_days,
        OPTION_AUDIT_ROWS: site.audit.most_rows,
        OPTION_CLIENT_GONE: site.leases.client_gone_seconds,
        OPTION_FLOOD_ALARMS: alarming.flood_alarms,
        OPTION_FLOOD_SECONDS: alarming.flood_seconds,
        OPTION_GATEWAY: gateway_option(site.gateway),
        OPTION_JOURNAL_DAYS: alarming.journal_days,
        OPTION_ROUTED: routed_option(site.secure_connect),
        OPTION_ROUTES: {
            route.severity.value: [*route.targets] for route in alarming.routes
        },
        OPTION_SILENT_SECONDS: alarming.silent_seconds,
        OPTION_SILENT_SEVERITY: alarming.silent_severity or NOBODY,
    }


def names_of(client: EngineClient) -> dict[str, str]:
    """Return what devices and points call themselves, by id."""
    mirror = client.mirror
    devices = {item.device_id: item.name for item in mirror.devices.values()}
    return devices | {item.point_id: item.name for item in mirror.points.values()}


@callback
def mirror_site(
    hass: HomeAssistant, entry: ConfigEntry, site: SiteConfig, names: Mapping[str, str]
) -> None:
    """Make a site the entry's subentries and options; ids and our own options stay."""
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, **site_options(site)}
    )
    asked = {item["unique_id"]: item for item in site_subentries(site, names)}
    for kept in [*entry.subentries.values()]:
        if kept.subentry_type not in MIRRORED:
            continue
        item = asked.pop(kept.unique_id, None)
        if item is None or item["subentry_type"] != kept.subentry_type:
            hass.config_entries.async_remove_subentry(entry, kept.subentry_id)
            if item is not None:
                asked[kept.unique_id] = item
            continue
        _update(hass, entry, kept, item)
    add_subentries(hass, entry, asked.values())


def _update(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kept: ConfigSubentry,
    item: ConfigSubentryData,
) -> None:
    """Take over what the site says; the rest of the data is Home Assistant's own."""
    said = _said(item)
    hass.config_entries.async_update_subentry(
        entry,
        kept,
        data=MappingProxyType({**item["data"], **kept.data, **said}),
        title=item["title"] if _has_name(item) else kept.title,
    )


def _said(item: ConfigSubentryData) -> dict[str, Any]:
    """Return the data that a site decides; what it leaves out has its default."""
    own = {"declined", "name_source", "dashboard_role"}
    return {key: value for key, value in item["data"].items() if key not in own}


def _has_name(item: ConfigSubentryData) -> bool:
    return item["title"] != str(item["data"].get("instance", ""))


def _filled(site: SiteConfig) -> list[BacnetConfig]:
    """Return the networks on which events give our own device objects."""
    wanted = {each.network_id for each in site.gateway.subscriptions}
    return [each for each in site.bacnet_networks if each.network_id in wanted]


def _device_subentry(
    device: BacnetDeviceConfig, names: Mapping[str, str], *, own: bool
) -> ConfigSubentryData:
    found = FoundDevice(
        network_id=device.network_id,
        instance=device.instance,
        address=device.address,
        name=names.get(device.device_id, ""),
    )
    subentry = device_subentry(found, device.address)
    points, classes = device.points, device.notification_classes
    said = {
        CONF_POLL_SECONDS: device.poll_seconds,
        CONF_PRIORITY: device.priority,
        CONF_CHANGE_OF_VALUE: device.change_of_value,
        CONF_POINTS: None if points is None else [*points],
        CONF_WRITABLE: [*device.writable],
        CONF_METERING: metering_data(device.metering),
        CONF_ALARMS: device.alarms,
        CONF_NOTIFICATION_CLASSES: None if classes is None else [*classes],
    }
    marked = {CONF_OWN: True} if own else {}
    subentry["data"] = {**subentry["data"], **said, **marked}
    return subentry

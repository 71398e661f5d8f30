"""A config entry's subentries as the site configuration the engine takes, and back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.const import CONF_ADDRESS, CONF_NAME, CONF_PORT

from .alarm_options import alarming_config, audit_config, lease_config
from .alarm_rules import alarm_rule, device_id_of_point
from .const import (
    CONF_ALARMS,
    CONF_BACKFILL,
    CONF_BBMD,
    CONF_BBMD_TTL,
    CONF_CHANGE_OF_VALUE,
    CONF_DASHBOARD_ROLE,
    CONF_DECLINED,
    CONF_INSTANCE,
    CONF_METERING,
    CONF_NAME_SOURCE,
    CONF_NETWORK_ID,
    CONF_NOTIFICATION_CLASSES,
    CONF_OWN,
    CONF_POINT_ID,
    CONF_POINTS,
    CONF_POLL_SECONDS,
    CONF_PRIORITY,
    CONF_STORE_ID,
    CONF_SWAP_WORDS,
    CONF_WRITABLE,
    CONNECTION,
    DIRECT,
    NAME_SOURCE_NAME,
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
from .engine.alarms.configuration import AlarmRule
from .engine.energy.derived_points import source_id
from .engine.gateway.configuration import GatewayConfig
from .engine.models import FoundDevice
from .engine.secure_connect.configuration import SecureNetworkConfig
from .engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    DeviceConfig,
    SiteConfig,
)
from .gateway_options import gateway_config
from .gateway_subentries import event_store, networks_with_events, subscription
from .modbus_subentries import line_config, metering_config, unit_config
from .secure_subentries import (
    OPTION_ROUTED,
    secure_connect_config,
    without_secure_connect,
)

# What a device's entities do not show: the running engine takes a change of these.
LIVE_KEYS = {
    SUBENTRY_DEVICE: frozenset(
        {
            CONF_ADDRESS,
            CONF_ALARMS,
            CONF_BACKFILL,
            CONF_CHANGE_OF_VALUE,
            CONF_DASHBOARD_ROLE,
            CONF_METERING,
            CONF_NOTIFICATION_CLASSES,
            CONF_POLL_SECONDS,
            CONF_PRIORITY,
        }
    ),
    # Of other events the server begins anew, under another id
    SUBENTRY_SUBSCRIPTION: frozenset(
        {
            CONF_NETWORK_ID,
            CONF_STORE_ID,
            *("command_stream", "event_types", "group", "offset"),
            *("stream", "stream_kind"),
        }
    ),
    SUBENTRY_UNIT: frozenset(
        {CONF_DASHBOARD_ROLE, CONF_METERING, CONF_POLL_SECONDS, CONF_SWAP_WORDS}
    ),
}
_NETWORKS = frozenset({SUBENTRY_NETWORK, SUBENTRY_SECURE_NETWORK, SUBENTRY_LINE})
_DEVICES = frozenset({SUBENTRY_DEVICE, SUBENTRY_UNIT})
# No device and no entity depends on these: the running engine takes each change
_LIVE_TYPES = frozenset({SUBENTRY_ALARM_RULE, SUBENTRY_STORE})


def network_unique_id(network_id: str) -> str:
    """Return the unique id of a network's subentry."""
    return f"network:{network_id}"


def device_unique_id(network_id: str, instance: int) -> str:
    """Return the unique id of a device's subentry."""
    return f"device:{network_id}:{instance}"


def device_id_of_subentry(subentry: ConfigSubentry) -> str:
    """Return the engine's id of the device that a subentry asks for."""
    return (subentry.unique_id or "").removeprefix("device:")


def entry_site(entry: ConfigEntry) -> SiteConfig:
    """Return what a config entry asks for; raises ConfigurationError.

    An engine in this process has neither gateway nor BACnet/SC: they wait for a server.
    """
    site = site_config(entry.subentries.values(), entry.options)
    here = entry.data.get(CONNECTION) == DIRECT
    if not here:
        return site
    return without_secure_connect(replace(site, gateway=GatewayConfig()))


def site_config(
    subentries: Iterable[ConfigSubentry], options: Mapping[str, Any] | None = None
) -> SiteConfig:
    """Return what the subentries and options ask for; raises ConfigurationError.

    What hangs on something that is gone is left out: see orphans.
    """
    all_items = [*subentries]
    lost = {item.subentry_id for item in orphans(all_items)}
    data: dict[str, list[Mapping[str, Any]]] = {}
    for item in all_items:
        if item.subentry_id not in lost:
            data.setdefault(item.subentry_type, []).append(item.data)
    rules = [*map(alarm_rule, data.get(SUBENTRY_ALARM_RULE, ()))]
    options = options or {}
    return SiteConfig(
        networks=tuple(map(network_config, data.get(SUBENTRY_NETWORK, ()))),
        devices=tuple(
            _with_points_of(rules, device_config(each))
            for each in data.get(SUBENTRY_DEVICE, ())
        ),
        modbus_lines=tuple(map(line_config, data.get(SUBENTRY_LINE, ()))),
        modbus_devices=tuple(
            _with_points_of(rules, unit_config(each))
            for each in data.get(SUBENTRY_UNIT, ())
        ),
        alarming=alarming_config(rules, options),
        audit=audit_config(options),
        leases=lease_config(options),
        gateway=gateway_config(
            options,
            map(event_store, data.get(SUBENTRY_STORE, ())),
            map(subscription, data.get(SUBENTRY_SUBSCRIPTION, ())),
        ),
        secure_connect=secure_connect_config(
            data.get(SUBENTRY_SECURE_NETWORK, ()),
            data.get(SUBENTRY_SECURE_HUB, ()),
            options.get(OPTION_ROUTED, {}),
            {
                each[CONF_NETWORK_ID]
                for kind in (SUBENTRY_NETWORK, SUBENTRY_SECURE_NETWORK)
                for each in data.get(kind, ())
            },
        ),
    )


def network_config(data: Mapping[str, Any]) -> BacnetNetworkConfig:
    """Return the network that a subentry's data describe."""
    return BacnetNetworkConfig(
        network_id=data[CONF_NETWORK_ID],
        name=data[CONF_NAME],
        address=data[CONF_ADDRESS],
        port=data[CONF_PORT],
        instance=data[CONF_INSTANCE],
        bbmd=data[CONF_BBMD],
        bbmd_ttl=data[CONF_BBMD_TTL],
    )


def device_config(data: Mapping[str, Any]) -> BacnetDeviceConfig:
    """Return the device that a subentry's data describe."""
    points = data[CONF_POINTS]
    return BacnetDeviceConfig(
        network_id=data[CONF_NETWORK_ID],
        instance=data[CONF_INSTANCE],
        address=data[CONF_ADDRESS],
        poll_seconds=data[CONF_POLL_SECONDS],
        priority=data[CONF_PRIORITY],
        change_of_value=data[CONF_CHANGE_OF_VALUE],
        points=None if points is None else tuple(points),
        writable=tuple(data[CONF_WRITABLE]),
        metering=metering_config(data.get(CONF_METERING)),
        alarms=data.get(CONF_ALARMS, True),
        notification_classes=_classes(data.get(CONF_NOTIFICATION_CLASSES, ())),
    )


def network_subentry(
    network: BacnetNetworkConfig, declined: Iterable[int] = ()
) -> ConfigSubentryData:
    """Return the subentry of a network; declined: instances nobody wants offered."""
    return ConfigSubentryData(
        data={
            CONF_NETWORK_ID: network.network_id,
            CONF_NAME: network.name,
            CONF_ADDRESS: network.address,
            CONF_PORT: network.port,
            CONF_INSTANCE: network.instance,
            CONF_BBMD: network.bbmd,
            CONF_BBMD_TTL: network.bbmd_ttl,
            CONF_DECLINED: sorted(declined),
        },
        subentry_type=SUBENTRY_NETWORK,
        title=network.name,
        unique_id=network_unique_id(network.network_id),
    )


def device_subentry(found: FoundDevice, address: str = "") -> ConfigSubentryData:
    """Return the subentry for a device; address "" lets Who-Is find it again."""
    plain = BacnetDeviceConfig(network_id=found.network_id, instance=found.instance)
    return ConfigSubentryData(
        data={
            CONF_NETWORK_ID: found.network_id,
            CONF_INSTANCE: found.instance,
            CONF_ADDRESS: address,
            CONF_POLL_SECONDS: plain.poll_seconds,
            CONF_PRIORITY: plain.priority,
            CONF_CHANGE_OF_VALUE: plain.change_of_value,
            CONF_NAME_SOURCE: NAME_SOURCE_NAME,
            CONF_POINTS: None,
            CONF_WRITABLE: [],
        },
        subentry_type=SUBENTRY_DEVICE,
        title=found.name or str(found.instance),
        unique_id=device_unique_id(found.network_id, found.instance),
    )


def own_device_subentry(
    network: BacnetNetworkConfig | SecureNetworkConfig,
) -> ConfigSubentryData:
    """Return the subentry of the device that we are on a network ourselves."""
    ours = FoundDevice(
        network_id=network.network_id,
        instance=network.instance,
        address="",
        name=f"Plantroom {network.name}",
    )
    subentry = device_subentry(ours)
    subentry["data"] = {**subentry["data"], CONF_OWN: True}
    return subentry


def orphans(subentries: Iterable[ConfigSubentry]) -> list[ConfigSubentry]:
    """Return what hangs on something that is gone.

    Devices without their network, subscriptions without network or store, ourselves
    where no subscription fills us any more, and rules without their device.
    """
    kept = [*subentries]
    networks = {
        item.data[CONF_NETWORK_ID] for item in kept if item.subentry_type in _NETWORKS
    }
    lost = _lost_subscriptions(kept, networks)
    filled = networks_with_events(
        item.data
        for item in kept
        if item.subentry_type == SUBENTRY_SUBSCRIPTION and item not in lost
    )
    devices = [item for item in kept if item.subentry_type in _DEVICES]
    lost += [
        item
        for item in devices
        if item.data[CONF_NETWORK_ID]
        not in (filled if item.data.get(CONF_OWN) else networks)
    ]
    served = {device_id_of_subentry(item) for item in devices if item not in lost}
    return [
        *lost,
        *(
            item
            for item in kept
            if item.subentry_type == SUBENTRY_ALARM_RULE
            and device_id_of_point(item.data[CONF_POINT_ID]) not in served
        ),
    ]


def shape(
    subentries: Iterable[ConfigSubentry],
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return all that Home Assistant's devices and entities depend on.

    Two subentry sets of one shape differ only in what a running engine can take.
    """
    return {
        item.subentry_id: (
            item.title,
            {
                key: value
                for key, value in item.data.items()
                if key not in LIVE_KEYS.get(item.subentry_type, ())
            },
        )
        for item in subentries
        if item.subentry_type not in _LIVE_TYPES
    }


def _lost_subscriptions(
    kept: Iterable[ConfigSubentry], networks: Collection[str]
) -> list[ConfigSubentry]:
    items = [*kept]
    stores = {
        item.data[CONF_STORE_ID]
        for item in items
        if item.subentry_type == SUBENTRY_STORE
    }
    return [
        item
        for item in items
        if item.subentry_type == SUBENTRY_SUBSCRIPTION
        and not (
            item.data[CONF_NETWORK_ID] in networks
            and item.data[CONF_STORE_ID] in stores
        )
    ]


def _with_points_of[C: DeviceConfig](rules: Iterable[AlarmRule], config: C) -> C:
    """Return a device that also serves what rules look at, chosen by people or not."""
    if config.points is None:
        return config
    named = {
        source_id(point_id).removeprefix(f"{config.device_id}:")
        for rule in rules
        for point_id in rule.reads
        if device_id_of_point(point_id) == config.device_id
    }
    missing = sorted(named.difference(config.points))
    return replace(config, points=(*config.points, *missing)) if missing else config


def _classes(chosen: Iterable[int] | None) -> tuple[int, ...] | None:
    return None if chosen is None else tuple(chosen)

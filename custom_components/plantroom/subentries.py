"""A config entry's networks and devices as Home Assistant keeps them."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant, callback

from .const import (
    CONF_DECLINED,
    CONF_INSTANCE,
    CONF_NETWORK_ID,
    CONF_OWN,
    SUBENTRY_DEVICE,
    SUBENTRY_LINE,
    SUBENTRY_NETWORK,
    SUBENTRY_SECURE_NETWORK,
    SUBENTRY_UNIT,
)
from .engine.models import Protocol
from .engine.secure_connect.configuration import SecureNetworkConfig
from .engine.site_config import BacnetNetworkConfig
from .secure_subentries import has_server, secure_networks_of
from .site import (
    device_unique_id,
    network_config,
    orphans,
    own_device_subentry,
)


def network_subentries(
    entry: ConfigEntry,
) -> Iterator[tuple[ConfigSubentry, Protocol]]:
    """Yield the networks and lines."""
    for item in entry.get_subentries_of_type(SUBENTRY_NETWORK):
        yield item, Protocol.BACNET
    for item in entry.get_subentries_of_type(SUBENTRY_SECURE_NETWORK):
        yield item, Protocol.BACNET
    for item in entry.get_subentries_of_type(SUBENTRY_LINE):
        yield item, Protocol.MODBUS


def device_subentries(
    entry: ConfigEntry,
) -> Iterator[tuple[ConfigSubentry, Protocol]]:
    """Yield the devices of all networks and lines."""
    for item in entry.get_subentries_of_type(SUBENTRY_DEVICE):
        yield item, Protocol.BACNET
    for item in entry.get_subentries_of_type(SUBENTRY_UNIT):
        yield item, Protocol.MODBUS


def networks_of(entry: ConfigEntry) -> list[BacnetNetworkConfig]:
    """Return the networks configured."""
    return [
        network_config(item.data)
        for item in entry.get_subentries_of_type(SUBENTRY_NETWORK)
    ]


def searchable_networks_of(
    entry: ConfigEntry,
) -> list[BacnetNetworkConfig | SecureNetworkConfig]:
    """Return the networks on which BACnet devices can be found, of either kind."""
    secure = secure_networks_of(entry) if has_server(entry) else []
    return [*networks_of(entry), *secure]


def serving_networks_of(
    entry: ConfigEntry,
) -> list[BacnetNetworkConfig | SecureNetworkConfig]:
    """Return the networks on which our own device has objects of its own."""
    return [
        network
        for network in searchable_networks_of(entry)
        if isinstance(network, BacnetNetworkConfig) or not network.objects_of
    ]


def network_of(
    entry: ConfigEntry, network_id: str
) -> BacnetNetworkConfig | SecureNetworkConfig | None:
    """Return a BACnet network of either kind, or None when it is not configured."""
    for network in networks_of(entry):
        if network.network_id == network_id:
            return network
    for secure in secure_networks_of(entry):
        if secure.network_id == network_id:
            return secure
    return None


def declined_ids(entry: ConfigEntry) -> set[str]:
    """Return the unique ids of the devices left out when their network was added."""
    return {
        device_unique_id(item.data[CONF_NETWORK_ID], instance)
        for item in entry.get_subentries_of_type(SUBENTRY_NETWORK)
        for instance in item.data.get(CONF_DECLINED, ())
    }


def configured_ids(entry: ConfigEntry) -> set[str | None]:
    """Return the unique ids of all subentries."""
    return {item.unique_id for item in entry.subentries.values()}


@callback
def add_subentries(
    hass: HomeAssistant, entry: ConfigEntry, added: Iterable[ConfigSubentryData]
) -> None:
    """Add subentries; raises AbortFlow for a unique id that is there already."""
    for item in added:
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(item["data"]),
                subentry_type=item["subentry_type"],
                title=item["title"],
                unique_id=item["unique_id"],
            ),
        )


@callback
def follow_own_device(
    hass: HomeAssistant,
    entry: ConfigEntry,
    network: BacnetNetworkConfig | SecureNetworkConfig,
) -> None:
    """Have our own device on a network shown under the instance that it gets."""
    for item in [*entry.get_subentries_of_type(SUBENTRY_DEVICE)]:
        is_ours = item.data.get(CONF_OWN)
        if not is_ours or item.data[CONF_NETWORK_ID] != network.network_id:
            continue
        if item.data[CONF_INSTANCE] == network.instance:
            continue
        hass.config_entries.async_remove_subentry(entry, item.subentry_id)
        own = own_device_subentry(network)
        own["data"] = {**item.data, CONF_INSTANCE: network.instance}
        add_subentries(hass, entry, [own])


@callback
def remove_orphans(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove what hangs on something that was removed."""
    for item in orphans(entry.subentries.values()):
        hass.config_entries.async_remove_subentry(entry, item.subentry_id)

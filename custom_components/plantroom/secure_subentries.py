"""BACnet/SC networks and hubs as subentries, and back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from mashumaro.codecs.basic import BasicDecoder, BasicEncoder

from .const import (
    CONNECTION,
    SERVER,
    SUBENTRY_SECURE_HUB,
    SUBENTRY_SECURE_NETWORK,
)
from .engine.secure_connect.configuration import (
    RoutedNetworkConfig,
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from .engine.site_config import SiteConfig

OPTION_ROUTED: Final = "routed"

_decode_network: Final = BasicDecoder(SecureNetworkConfig).decode
_encode_network: Final = BasicEncoder(SecureNetworkConfig).encode
_decode_hub: Final = BasicDecoder(SecureHubConfig).decode
_encode_hub: Final = BasicEncoder(SecureHubConfig).encode


def secure_network(data: Mapping[str, Any]) -> SecureNetworkConfig:
    """Return the network that a subentry's data describe."""
    return _decode_network(dict(data))


def secure_hub(data: Mapping[str, Any]) -> SecureHubConfig:
    """Return the hub that a subentry's data describe."""
    return _decode_hub(dict(data))


def secure_network_subentry(network: SecureNetworkConfig) -> ConfigSubentryData:
    """Return the subentry of a network that is joined through hubs."""
    return ConfigSubentryData(
        data=_encode_network(network),
        subentry_type=SUBENTRY_SECURE_NETWORK,
        title=network.name,
        unique_id=f"network:{network.network_id}",
    )


def secure_hub_subentry(hub: SecureHubConfig) -> ConfigSubentryData:
    """Return the subentry of a hub of our own."""
    return ConfigSubentryData(
        data=_encode_hub(hub),
        subentry_type=SUBENTRY_SECURE_HUB,
        title=hub.name,
        unique_id=f"secure_hub:{hub.hub_id}",
    )


def secure_subentries(config: SecureConnectConfig) -> list[ConfigSubentryData]:
    """Return the subentries that ask for networks and hubs."""
    return [
        *map(secure_network_subentry, config.networks),
        *map(secure_hub_subentry, config.hubs),
    ]


def secure_connect_config(
    networks: Iterable[Mapping[str, Any]],
    hubs: Iterable[Mapping[str, Any]],
    routed: Mapping[str, int],
    known: Collection[str],
) -> SecureConnectConfig:
    """Return what subentries and the option ask for; raises ConfigurationError.

    routed: network numbers by id; networks that are not known any more do not count.
    """
    kept = tuple(
        RoutedNetworkConfig(network_id=network_id, number=int(number))
        for network_id, number in routed.items()
        if network_id in known
    )
    return SecureConnectConfig(
        networks=tuple(
            _with_known_objects(secure_network(each), known) for each in networks
        ),
        hubs=tuple(map(secure_hub, hubs)),
        routed=kept if len(kept) > 1 else (),
    )


def routed_option(config: SecureConnectConfig) -> dict[str, int]:
    """Return the option that asks for the routing of a site."""
    return {each.network_id: each.number for each in config.routed}


def secure_networks_of(entry: ConfigEntry) -> list[SecureNetworkConfig]:
    """Return the BACnet/SC networks configured."""
    return [
        secure_network(item.data)
        for item in entry.get_subentries_of_type(SUBENTRY_SECURE_NETWORK)
    ]


def has_server(entry: ConfigEntry) -> bool:
    """Return whether the engine runs in a server, which alone can do BACnet/SC."""
    return bool(entry.data.get(CONNECTION) == SERVER)


def without_secure_connect(site: SiteConfig) -> SiteConfig:
    """Return what an engine can serve that cannot do BACnet/SC: it waits for a server."""
    secure = {each.network_id for each in site.secure_connect.networks}
    if not secure:
        return replace(site, secure_connect=SecureConnectConfig())
    kept = tuple(each for each in site.devices if each.network_id not in secure)
    return replace(site, secure_connect=SecureConnectConfig(), devices=kept)


def _with_known_objects(
    network: SecureNetworkConfig, known: Collection[str]
) -> SecureNetworkConfig:
    """Return a network that shows the objects of no network that was removed."""
    gone = bool(network.objects_of) and network.objects_of not in known
    return replace(network, objects_of="") if gone else network

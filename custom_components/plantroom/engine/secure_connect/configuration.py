"""What is asked of BACnet/SC: networks joined through hubs, and hubs of our own."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..checks import require

MAX_INSTANCE = 4194302
MAX_NETWORK_NUMBER = 65534
HUB_PORT = 4443


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureNetworkConfig:
    """A BACnet/SC network that we join as a node.

    primary, failover: URIs of hubs, "wss://hub.example:4443"; failover "" without.
    credentials: id of the certificate and key, kept by the server, that name us.
    check_host_names: hubs have to be named by their certificates; many are not.
    direct_port: where peers may connect directly, 0 for nowhere; direct_uri: how they
    reach it, told to those who ask. dial_directly: to peers that offer it.
    objects_of: a BACnet/IP network whose objects our device shows here as well.
    """

    network_id: str
    name: str
    primary: str
    credentials: str
    failover: str = ""
    instance: int = 4194000
    check_host_names: bool = False
    direct_port: int = 0
    direct_uri: str = ""
    dial_directly: bool = False
    objects_of: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.network_id), "network_id", "must not be empty")
        require(bool(self.credentials), "credentials", "must not be empty")
        require(
            0 <= self.instance <= MAX_INSTANCE,
            "instance",
            f"must be 0 to {MAX_INSTANCE}",
        )
        require_uri(self.primary, "primary")
        if self.failover:
            require_uri(self.failover, "failover")
            require(self.failover != self.primary, "failover", "is the primary hub")
        require(0 <= self.direct_port < 65536, "direct_port", "must be 0 to 65535")
        if self.direct_uri:
            require_uri(self.direct_uri, "direct_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureHubConfig:
    """A hub of our own, to which nodes of a site connect.

    host: address to listen on, "" for every interface. credentials: whose authorities
    vouch for the nodes as well. max_nodes: those beyond it are refused.
    """

    hub_id: str
    name: str
    credentials: str
    host: str = ""
    port: int = HUB_PORT
    max_nodes: int = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.hub_id), "hub_id", "must not be empty")
        require(bool(self.credentials), "credentials", "must not be empty")
        require(0 < self.port < 65536, "port", "must be 1 to 65535")
        require(1 <= self.max_nodes <= 10000, "max_nodes", "must be 1 to 10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedNetworkConfig:
    """A network that takes part in routing, with its BACnet network number."""

    network_id: str
    number: int

    def __post_init__(self) -> None:
        """Refuse a number that no network may have (135-2020, 6.2.2.1)."""
        require(
            1 <= self.number <= MAX_NETWORK_NUMBER,
            "number",
            f"must be 1 to {MAX_NETWORK_NUMBER}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureConnectConfig:
    """All of BACnet/SC; routed: networks between which we route, none or two or more."""

    networks: tuple[SecureNetworkConfig, ...] = ()
    hubs: tuple[SecureHubConfig, ...] = ()
    routed: tuple[RoutedNetworkConfig, ...] = ()

    def __post_init__(self) -> None:
        """Refuse ids, ports and numbers used twice, and a route to nowhere."""
        _require_once([each.hub_id for each in self.hubs], "hubs", "an id")
        _require_once([(each.host, each.port) for each in self.hubs], "hubs", "a port")
        _require_once([each.network_id for each in self.routed], "routed", "a network")
        _require_once([each.number for each in self.routed], "routed", "a number")
        require(len(self.routed) != 1, "routed", "needs two networks at least")


def require_uri(uri: str, name: str) -> None:
    """Refuse what is no secure WebSocket URI with a host (135-2020, AB.7.1)."""
    try:
        parts = urlsplit(uri)
        is_one = parts.scheme == "wss" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    require(is_one, name, "must be like wss://hub.example:4443")


def _require_once(values: list[object], name: str, what: str) -> None:
    require(len(set(values)) == len(values), name, f"use {what} twice")

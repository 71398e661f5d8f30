"""How BACnet/SC is doing, as clients see it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HubConnection(StrEnum):
    """Through which hub a node takes part (135-2020, SC_Hub_Connector_State)."""

    NONE = "none"
    PRIMARY = "primary"
    FAILOVER = "failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureNetworkStatus:
    """A node's place on a network.

    since: of the connection or its loss. reason: an error code why there is none, or
    why the primary is not used; facts in detail. vmac, hub_vmac: "02:…" or "". drops:
    connections lost since the start. direct_peers: connected directly, by VMAC.
    """

    network_id: str
    connection: HubConnection = HubConnection.NONE
    since: datetime
    reason: str = ""
    detail: str = ""
    vmac: str = ""
    hub_vmac: str = ""
    hub_uri: str = ""
    drops: int = 0
    direct_peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HubNode:
    """A node that is connected to our hub; subject: of its certificate."""

    vmac: str
    device_uuid: str
    address: str
    subject: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureHubStatus:
    """Our hub; reason: an error code why it does not listen, "" while it does.

    nodes: how many are connected; ask secure_hub_nodes for who. refused: connections
    without a certificate that we trust, or beyond the limits, since the start. dropped:
    frames for nodes that do not read fast enough.
    """

    hub_id: str
    listening: bool
    since: datetime
    reason: str = ""
    detail: str = ""
    nodes: int = 0
    refused: int = 0
    dropped: int = 0

"""What an engine tells its listeners."""

from dataclasses import dataclass

from .alarms.models import AlarmFlood, AlarmTransition, Maintenance
from .gateway.models import SubscriptionStatus
from .leases.models import Lease
from .models import (
    Device,
    DeviceStatus,
    FoundDevice,
    NetworkStatus,
    Point,
    Problem,
    Reading,
    WriteResult,
)
from .secure_connect.certificates import CertificateStock
from .secure_connect.models import SecureHubStatus, SecureNetworkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChanged:
    """A device is known, or describes itself differently."""

    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRemoved:
    """A device is no longer configured; its points are gone with it."""

    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsChanged:
    """Points of a device came, changed their description, or vanished from it."""

    device_id: str
    added: tuple[Point, ...] = ()
    changed: tuple[Point, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsChanged:
    """New readings as (point id, reading), oldest first."""

    readings: tuple[tuple[str, Reading], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatusChanged:
    """A device went, came back, or is read differently."""

    status: DeviceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStatusChanged:
    """A network's health changed."""

    status: NetworkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRemoved:
    """A network is no longer configured; its devices went before it."""

    network_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsChanged:
    """All problems that stand now; one that is missing is solved."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen:
    """A device that is not configured announced itself."""

    found: FoundDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scan or survey is; fraction 0 to 1, devices found so far."""

    task_id: str
    fraction: float
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDone:
    """A write ended; everybody may know its verdict."""

    result: WriteResult
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsChanged:
    """What happened to alarms, oldest first; all of it is in the journal.

    transitions: () after a gap, which alarms_since fills.
    """

    transitions: tuple[AlarmTransition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFloodChanged:
    """Alarms come faster than people can take, or do so no longer."""

    flood: AlarmFlood | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceChanged:
    """All maintenance that goes on now; what is missing has ended."""

    maintenance: tuple[Maintenance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseChanged:
    """A lease came, in place of an earlier one of its point and priority, or ends."""

    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseEnded:
    """A lease is over; cause: a LeaseCause."""

    lease: Lease
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged:
    """An event gateway's subscription does otherwise than before."""

    status: SubscriptionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRemoved:
    """A subscription is configured no more."""

    subscription_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureNetworkChanged:
    """Our node on a BACnet/SC network is connected otherwise than before."""

    status: SecureNetworkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureNetworkRemoved:
    """A BACnet/SC network is configured no more."""

    network_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureHubChanged:
    """A BACnet/SC hub of ours does otherwise than before."""

    status: SecureHubStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureHubRemoved:
    """A BACnet/SC hub of ours is configured no more."""

    hub_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesChanged:
    """All certificates that are kept now, but those issued to others."""

    stock: CertificateStock


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent:
    """Something that an engine newer than its client tells; kind: what it calls it."""

    kind: str


type EngineEvent = (
    DeviceChanged
    | DeviceRemoved
    | PointsChanged
    | ReadingsChanged
    | DeviceStatusChanged
    | NetworkStatusChanged
    | NetworkRemoved
    | ProblemsChanged
    | DeviceSeen
    | Progress
    | WriteDone
    | AlarmsChanged
    | AlarmFloodChanged
    | MaintenanceChanged
    | LeaseChanged
    | LeaseEnded
    | SubscriptionChanged
    | SubscriptionRemoved
    | SecureNetworkChanged
    | SecureNetworkRemoved
    | SecureHubChanged
    | SecureHubRemoved
    | CertificatesChanged
    | UnknownEvent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedEvent:
    """An event with its number; numbers rise by one and are never used twice."""

    number: int
    event: EngineEvent

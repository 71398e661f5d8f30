"""The arguments of the engine's commands, where one value is not enough."""

from dataclasses import dataclass, field
from datetime import datetime

from .alarms.models import Alarm, AlarmFlood, Maintenance
from .checks import require
from .gateway.models import SubscriptionStatus
from .leases.models import Lease
from .modbus.registers.register_map import RegisterPoint, Space
from .models import (
    Device,
    DeviceStatus,
    NetworkStatus,
    Point,
    PointValue,
    Problem,
    Reading,
)
from .secure_connect.certificates import CertificateStock
from .secure_connect.models import SecureHubStatus, SecureNetworkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """Look for devices on a network.

    low, high: instance range, 0 to 4194303; on a Modbus line unit ids, of which those
    from 1 to 247 are asked. address: ask only this address ("192.168.1.20",
    "192.168.1.20:47809", "2001:7@192.168.1.1" behind a router; on BACnet/SC the VMAC,
    "02:1a:2b:3c:4d:5e").
    """

    network_id: str
    task_id: str
    low: int = 0
    high: int = 4194303
    address: str = ""
    seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """Keep exactly these points fresh for the client that asks."""

    client_id: str
    point_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPropertyRequest:
    """Read one property of one object of a device, whatever it is.

    reference: "analog-input,1". property_name: "priority-array" or its number.
    """

    device_id: str
    reference: str
    property_name: str
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyAnswer:
    """A property's value as JSON can carry it: lists and maps where it has parts."""

    device_id: str
    reference: str
    property_name: str
    value: PointValue | list[object] | dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegistersRequest:
    """Read addresses of a unit, configured or not; count: 1 to 125."""

    network_id: str
    unit_id: int
    space: Space
    address: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistersAnswer:
    """The words, or bits as 0 and 1, as they were on the wire."""

    words: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRequest:
    """Read points of a unit that need not be configured.

    profile: an id, "sunspec", or "" with registers given.
    """

    network_id: str
    unit_id: int
    profile: str = ""
    registers: tuple[RegisterPoint, ...] = ()
    swap_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Points as they would be, each with its reading."""

    device: Device
    points: tuple[tuple[Point, Reading], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSummary:
    """A device profile one can choose."""

    id: str
    maker: str
    model: str
    kind: str
    points: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMeterRequest:
    """Say what a counter shows from now on.

    total: in the point's unit. None: the meter was replaced, the total goes on from
    what it shows; that also settles a replacement the engine noticed by itself.
    """

    point_id: str
    total: float | None = None
    actor: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which audit rows to return, newest first; what is "" or None chooses nothing.

    device_id: of a device or network, with all that is theirs. since, until: aware,
    until not included. before: only rows with a lower number, to go on from there.
    """

    point_id: str = ""
    limit: int = 100
    device_id: str = ""
    actor: str = ""
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        for name, at in (("since", self.since), ("until", self.until)):
            aware = at is None or at.tzinfo is not None
            require(aware, name, "must say its time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the audit log; at is ISO 8601 with offset.

    point_id: what it is about, a device or network too. via: what acted in the name
    of actor, an automation say. hash: which the next row is chained to.
    """

    number: int
    at: str
    actor: str
    action: str
    point_id: str
    old: PointValue
    new: PointValue
    priority: int | None
    verdict: str
    detail: str = ""
    via: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All a client needs to be right, as of the event numbered cursor.

    alarm_cursor: the number of the latest transition of an alarm.
    """

    cursor: int
    networks: tuple[NetworkStatus, ...]
    devices: tuple[Device, ...]
    statuses: tuple[DeviceStatus, ...]
    points: tuple[Point, ...]
    readings: tuple[tuple[str, Reading], ...]
    problems: tuple[Problem, ...]
    alarms: tuple[Alarm, ...] = ()
    alarm_cursor: int = 0
    maintenance: tuple[Maintenance, ...] = ()
    flood: AlarmFlood | None = None
    leases: tuple[Lease, ...] = ()
    subscriptions: tuple[SubscriptionStatus, ...] = ()
    secure_networks: tuple[SecureNetworkStatus, ...] = ()
    secure_hubs: tuple[SecureHubStatus, ...] = ()
    certificates: CertificateStock = field(default_factory=CertificateStock)

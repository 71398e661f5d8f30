"""What engine and clients talk about; every type is immutable and serialisable."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .checks import require

LONGEST_LEASE_SECONDS = 30 * 86400.0

type PointValue = bool | int | float | str | None


class Protocol(StrEnum):
    """What a network speaks."""

    BACNET = "bacnet"
    MODBUS = "modbus"


class Quantity(StrEnum):
    """What a point measures, where its unit does not tell or tariffs depend on it.

    POWER: the whole of a meter, positive when energy is taken in. ENERGY_EXPORT:
    given back. PRODUCTION: made here, by an inverter.
    """

    NONE = ""
    POWER = "power"
    POWER_PRODUCTION = "power_production"
    ENERGY_IMPORT = "energy_import"
    ENERGY_EXPORT = "energy_export"
    ENERGY_PRODUCTION = "energy_production"
    HEAT = "heat"
    COOLING = "cooling"
    GAS = "gas"
    WATER = "water"


class PointKind(StrEnum):
    """What sort of value a point holds, protocol aside."""

    ANALOG = "analog"
    INTEGER = "integer"
    BINARY = "binary"
    MULTI_STATE = "multi_state"
    COUNTER = "counter"
    TEXT = "text"


class PointRole(StrEnum):
    """What a point is for: measured, driving an actuator, or a value in between."""

    INPUT = "input"
    OUTPUT = "output"
    VALUE = "value"
    LOOP = "loop"


class Access(StrEnum):
    """How a present value may be changed.

    PLAIN: the standard allows a write, only trying tells whether the device does.
    """

    READ_ONLY = "read_only"
    PLAIN = "plain"
    COMMANDABLE = "commandable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFlags:
    """BACnet status flags (clause 12, BACnetStatusFlags)."""

    in_alarm: bool = False
    fault: bool = False
    overridden: bool = False
    out_of_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A field device as it described itself; device_id is network:instance.

    instance: of a BACnet device, or the unit id of a Modbus one. profile: what a
    Modbus device's points are from.
    """

    device_id: str
    network_id: str
    instance: int
    name: str
    address: str
    vendor: str = ""
    vendor_id: int = 0
    model: str = ""
    firmware: str = ""
    software: str = ""
    serial_number: str = ""
    description: str = ""
    location: str = ""
    max_apdu: int = 480
    segmentation: bool = False
    services: tuple[str, ...] = ()
    router: str = ""
    database_revision: int | None = None
    protocol: Protocol = Protocol.BACNET
    profile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One BACnet object or Modbus register; point_id is device_id:reference.

    reference: "analog-input,1". unit: the name BACnet gives it
    ("degrees-celsius"), "" without one. states: texts of a multi-state point from
    state 1 on, or (inactive, active) of a binary one. scale: what a counter's present
    value is multiplied with to be in its unit. rollover: the value, in the unit, at
    which a counter begins again. enabled: whether people look at it daily, None when
    nobody said. derived_from: the reference this one is computed from.
    """

    point_id: str
    device_id: str
    reference: str
    kind: PointKind
    role: PointRole
    access: Access
    name: str
    description: str = ""
    unit: str = ""
    states: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    resolution: float | None = None
    cov_increment: float | None = None
    device_type: str = ""
    scale: float = 1.0
    quantity: Quantity = Quantity.NONE
    rollover: float | None = None
    enabled: bool | None = None
    category: str = ""
    derived_from: str = ""


class ReadingSource(StrEnum):
    """How a reading reached us."""

    COV = "cov"
    POLL = "poll"
    READ_BACK = "read_back"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A point's value at a moment.

    at: when it was read, aware; a later poll that finds the same makes no new
    reading. error: why there is no value, as the standard names it, "" when there
    is one. priority: the level in command of a commandable point (1-16), None when
    relinquished or not known.
    """

    value: PointValue
    at: datetime
    source: ReadingSource
    flags: StatusFlags = StatusFlags()
    reliability: str = "no-fault-detected"
    error: str = ""
    priority: int | None = None


class Verdict(StrEnum):
    """What became of a write."""

    VERIFIED = "verified"
    OVERRIDDEN = "overridden"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """Command a point, or release it with value None.

    priority: 1-16, None for the device's default. allow_reserved: priorities
    1, 2, 5 and 6 (life safety, critical equipment, minimum on/off) are meant.
    lease_seconds: after which it is taken back. bound: taken back as well when
    `client`, whose id a server fills in, is gone. via: what acts in actor's name.
    """

    point_id: str
    value: PointValue
    priority: int | None = None
    actor: str = ""
    allow_reserved: bool = False
    lease_seconds: float | None = None
    bound: bool = False
    client: str = ""
    via: str = ""

    def __post_init__(self) -> None:
        """Refuse a lease that makes no sense, saying why."""
        seconds = self.lease_seconds
        require(
            seconds is None or 1 <= seconds <= LONGEST_LEASE_SECONDS,
            "lease_seconds",
            f"must be 1 to {LONGEST_LEASE_SECONDS:.0f}",
        )
        require(
            self.value is not None or not self.is_leased,
            "lease_seconds",
            "is of no use to a release",
        )

    @property
    def is_leased(self) -> bool:
        """Return whether the write ends by itself."""
        return self.lease_seconds is not None or self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What a write did, as read back from the device.

    overridden_by: the priority in command, with verdict OVERRIDDEN.
    priority_array: 16 values, empty where the point has none.
    reason: with FAILED, as the standard names it or one of ours.
    """

    point_id: str
    verdict: Verdict
    requested: PointValue
    present_value: PointValue = None
    priority: int | None = None
    overridden_by: int | None = None
    priority_array: tuple[PointValue, ...] = ()
    reason: str = ""
    seconds: float = 0.0


class Health(StrEnum):
    """How a network or device is doing."""

    STARTING = "starting"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStatus:
    """Health of a network; reason is an error code, facts complete its message."""

    network_id: str
    health: Health
    since: datetime
    reason: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    devices_online: int = 0
    devices_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """Whether a device answers, how it is read and since when.

    batch_octets: how long a reply is asked for at most.
    """

    device_id: str
    online: bool
    since: datetime
    reason: str = ""
    cov_points: int = 0
    polled_points: int = 0
    batch_octets: int = 0
    failures: int = 0


class ProblemCode(StrEnum):
    """What a person can mend; each becomes a repair."""

    PORT_IN_USE = "port_in_use"
    INTERFACE_GONE = "interface_gone"
    BBMD_REFUSED = "bbmd_refused"
    DUPLICATE_INSTANCE = "duplicate_instance"
    DEVICE_VANISHED = "device_vanished"
    POINTS_GONE = "points_gone"
    LINE_IN_USE = "line_in_use"
    LINE_UNREACHABLE = "line_unreachable"
    UNIT_SILENT = "unit_silent"
    WORD_ORDER_SUSPECTED = "word_order_suspected"
    METER_REPLACED = "meter_replaced"
    ALARMS_REFUSED = "alarms_refused"
    RECIPIENTS_OVERWRITTEN = "recipients_overwritten"
    LEASE_STUCK = "lease_stuck"
    HISTORY_UNKEPT = "history_unkept"
    CERTIFICATE_EXPIRES = "certificate_expires"
    CERTIFICATE_EXPIRED = "certificate_expired"
    AUTHORITY_EXPIRES = "authority_expires"
    KEY_GONE = "key_gone"
    HUB_NOT_JOINED = "hub_not_joined"
    HUB_NOT_LISTENING = "hub_not_listening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something a person can mend; subject is the network or device id."""

    code: ProblemCode
    subject: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """A device that answered a search; points: objects in its list beside itself.

    profile: which fits a Modbus device, "sunspec", or "" when none does.
    answers_every_id: a Modbus host that is one device whatever unit id it is asked.
    """

    network_id: str
    instance: int
    address: str
    name: str = ""
    vendor: str = ""
    vendor_id: int = 0
    model: str = ""
    firmware: str = ""
    points: int | None = None
    duplicate_of: str = ""
    protocol: Protocol = Protocol.BACNET
    profile: str = ""
    answers_every_id: bool = False

    @property
    def device_id(self) -> str:
        """Return the id the device has once it is configured."""
        return f"{self.network_id}:{self.instance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsDifference:
    """What a survey found changed since the one before; references, not ids.

    changed: those with another unit, limits, states or the like.
    """

    device_id: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

"""What a simulated object is, as data: one row of a point table."""

from dataclasses import dataclass, replace

type PointValue = float | int | str | bool

COMMANDABLE_ALWAYS = frozenset({"analog-output", "binary-output", "multi-state-output"})
MULTI_STATE = frozenset(
    {"multi-state-input", "multi-state-output", "multi-state-value"}
)
BINARY = frozenset({"binary-input", "binary-output", "binary-value"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One BACnet object: its identity, its meaning and its first value."""

    object_type: str
    instance: int
    name: str
    value: PointValue
    description: str = ""
    units: str = "no-units"
    states: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    resolution: float | None = None
    cov_increment: float | None = None
    commandable: bool = False
    writable: bool = False
    scale: float = 1.0

    @property
    def object_id(self) -> str:
        """Return "analog-input,1": how every operation of a simulator names an object."""
        return f"{self.object_type},{self.instance}"

    @property
    def key(self) -> str:
        """Return the part of the name that the physics know it by."""
        return self.name.rpartition(".")[2]

    @property
    def is_commandable(self) -> bool:
        """Tell whether it has a priority array."""
        return self.commandable or self.object_type in COMMANDABLE_ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """When an object is in alarm: at alarm_value, or beyond its limits."""

    object_id: str
    alarm_value: PointValue | None = None
    low: float | None = None
    high: float | None = None
    deadband: float = 0.0
    priority: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A log of the present values of objects; what its past showed follows a formula.

    interval_seconds: 0 for a log of changes. interrupted: without power one night a week.
    base: a whole number makes unsigned records.
    """

    instance: int
    name: str
    points: tuple[str, ...]
    interval_seconds: int = 900
    buffer_size: int = 4000
    base: float = 20.0
    amplitude: float = 2.0
    growth_per_hour: float = 0.0
    interrupted: bool = False
    multiple: bool = False

    @property
    def object_id(self) -> str:
        """Return "trend-log,1"."""
        kind = "trend-log-multiple" if self.multiple else "trend-log"
        return f"{kind},{self.instance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTable:
    """One device: what its device object says and the objects it holds."""

    instance: int
    host: str
    name: str
    points: tuple[Point, ...]
    vendor: str = "Northwind Controls"
    vendor_id: int = 999
    model: str = "NC-100"
    firmware: str = "4.2.1"
    description: str = ""
    location: str = ""
    max_apdu: int = 1476
    segmentation: str = "segmented-both"
    quirk: str = ""
    model_of_physics: str = ""
    events: tuple[EventRow, ...] = ()
    logs: tuple[LogRow, ...] = ()

    @property
    def address(self) -> str:
        """Return the loopback address the device listens at."""
        return f"127.0.{self.host}"


def table(prefix: str, *rows: Point) -> tuple[Point, ...]:
    """Return the rows with the prefix before every name."""
    return tuple(replace(row, name=f"{prefix}.{row.name}") for row in rows)


def analog(
    object_type: str,
    instance: int,
    name: str,
    value: float,
    units: str,
    limits: tuple[float, float] | None = None,
    description: str = "",
    *,
    cov_increment: float = 0.1,
    resolution: float = 0.1,
    commandable: bool = False,
) -> Point:
    """Return an analog (real or double) object."""
    low, high = limits or (None, None)
    return Point(
        object_type=object_type, instance=instance, name=name, value=value, units=units, minimum=low, maximum=high,
        description=description, cov_increment=cov_increment, resolution=resolution, commandable=commandable,
    )  # fmt: skip


def binary(
    object_type: str, instance: int, name: str, value: bool, states: tuple[str, str], description: str = "", *,
    commandable: bool = False,
) -> Point:  # fmt: skip
    """Return a binary object; states are (inactive text, active text)."""
    return Point(
        object_type=object_type, instance=instance, name=name, value=value, states=states, description=description,
        commandable=commandable,
    )  # fmt: skip


def multi_state(
    object_type: str, instance: int, name: str, value: int, states: tuple[str, ...], description: str = "", *,
    commandable: bool = False,
) -> Point:  # fmt: skip
    """Return a multi-state object; the first state is number 1."""
    return Point(
        object_type=object_type, instance=instance, name=name, value=value, states=states, description=description,
        commandable=commandable,
    )  # fmt: skip


def number(
    object_type: str, instance: int, name: str, value: int, units: str, description: str = "", *,
    writable: bool = False, scale: float = 1.0,
) -> Point:  # fmt: skip
    """Return a whole-number object: integer, positive integer or accumulator."""
    return Point(
        object_type=object_type, instance=instance, name=name, value=value, units=units, description=description,
        writable=writable, scale=scale, cov_increment=1,
    )  # fmt: skip


def text(
    instance: int,
    name: str,
    value: str,
    description: str = "",
    *,
    writable: bool = False,
) -> Point:
    """Return a character string value."""
    return Point(
        object_type="characterstring-value", instance=instance, name=name, value=value, description=description,
        writable=writable,
    )  # fmt: skip


def loop(instance: int, name: str, units: str, description: str = "") -> Point:
    """Return a control loop; its present value is the output in percent."""
    return Point(
        object_type="loop", instance=instance, name=name, value=0.0, units=units, description=description,
        cov_increment=1.0,
    )  # fmt: skip

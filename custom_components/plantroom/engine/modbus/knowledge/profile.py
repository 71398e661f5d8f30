"""What a device profile says: how to know the device, and its points."""

import re
from dataclasses import dataclass, field
from typing import Final

from ...checks import require
from ..registers.register_map import KEY, Order, RegisterPoint, Space, ValueType
from .suggested_alarm import SuggestedAlarm

PROFILE_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
KINDS: Final = (
    "electricity_meter",
    "heat_meter",
    "water_meter",
    "gas_meter",
    "inverter",
    "air_handler",
    "chiller",
    "heat_pump",
    "thermostat",
    "drive",
    "io",
    "other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSource:
    """The document a profile was taken from.

    document: title and number. revision: as printed. url: where it was read.
    verified: what else agrees (a second document, a driver), "" for nothing.
    """

    document: str
    revision: str = ""
    url: str = ""
    pages: str = ""
    verified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSign:
    """A register that tells the device: its value is one of equals, or holds a text.

    contains: part of a string register, upper and lower case alike.
    """

    address: int
    space: Space = Space.HOLDING
    type: ValueType = ValueType.UINT16
    length: int = 1
    word_order: Order = Order.BIG
    equals: tuple[int, ...] = ()
    contains: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """What tells the device; all that is given must hold.

    vendor, product: part of Read Device Identification's texts (function 43/14,
    objects 0 and 1, or 4 and 5), upper and lower case alike.
    """

    vendor: str = ""
    product: str = ""
    registers: tuple[RegisterSign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """What the device bears in one request.

    registers: most in one read. gap: most unused registers read along.
    holes: first and last address of ranges that refuse to be read, by space.
    """

    registers: int = 125
    bits: int = 2000
    gap: int = 10
    spacing_seconds: float = 0.0
    holes: tuple[tuple[Space, int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialDefaults:
    """How the device's serial port is set when it leaves the factory."""

    baudrate: int = 9600
    parity: str = "N"
    stopbits: int = 1
    unit_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestVector:
    """Registers as a device has them, and what they mean.

    registers: words (bits as 0 and 1) by space and first address as text.
    expect: value by key; an enumeration's state text, None for no value.
    source: where the numbers are from ("page 7, example 2", or "computed").
    """

    registers: dict[Space, dict[str, tuple[int, ...]]]
    expect: dict[str, float | str | bool | None]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """A device type, in a JSON file named id.json."""

    id: str
    maker: str
    model: str
    kind: str
    source: ProfileSource
    points: tuple[RegisterPoint, ...]
    identification: Identification = field(default_factory=Identification)
    limits: RequestLimits = field(default_factory=RequestLimits)
    serial: SerialDefaults = field(default_factory=SerialDefaults)
    tests: tuple[TestVector, ...] = field(default_factory=tuple)
    notes: str = ""
    alarms: tuple[SuggestedAlarm, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(
            bool(PROFILE_ID.fullmatch(self.id)),
            "id",
            f"{self.id!r} is not an id: a-z, 0-9, _ and - only",
        )
        require(self.kind in KINDS, "kind", f"must be one of {', '.join(KINDS)}")
        require(bool(self.points), "points", "must not be empty")
        _require_once([point.key for point in self.points], "points")
        _require_once([alarm.key for alarm in self.alarms], "alarms")
        self._check_alarms()

    def _check_alarms(self) -> None:
        known = {point.key for point in self.points}
        for alarm in self.alarms:
            require(
                bool(KEY.fullmatch(alarm.key)), "alarms", f"{alarm.key!r} is not a key"
            )
            missing = sorted(set(alarm.points) - known)
            require(
                not missing,
                "alarms",
                f"{alarm.key} names no point of the profile: {', '.join(missing)}",
            )


def _require_once(keys: list[str], field_name: str) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    require(not twice, field_name, f"use a key twice: {', '.join(twice)}")

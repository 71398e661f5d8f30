"""What registers mean: the vocabulary of profiles and of register maps of one's own."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ...checks import require
from ...models import Quantity

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
BITS_OF_A_REGISTER = 16


class Space(StrEnum):
    """The four tables of the Modbus data model (V1.1b3, 4.3)."""

    COIL = "coil"
    DISCRETE_INPUT = "discrete_input"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def of_bits(self) -> bool:
        """Return whether an address holds one bit and no register."""
        return self in (Space.COIL, Space.DISCRETE_INPUT)

    @property
    def writable(self) -> bool:
        """Return whether the protocol has a function to write it."""
        return self in (Space.COIL, Space.HOLDING)


class ValueType(StrEnum):
    """How a value lies in registers; BCD: four decimal digits a register."""

    BOOL = "bool"
    UINT16 = "uint16"
    INT16 = "int16"
    UINT32 = "uint32"
    INT32 = "int32"
    UINT48 = "uint48"
    UINT64 = "uint64"
    INT64 = "int64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BCD16 = "bcd16"
    BCD32 = "bcd32"
    BCD64 = "bcd64"
    STRING = "string"


# Registers a value fills; a string says its own length
WORDS = {
    ValueType.BOOL: 1,
    ValueType.UINT16: 1,
    ValueType.INT16: 1,
    ValueType.UINT32: 2,
    ValueType.INT32: 2,
    ValueType.UINT48: 3,
    ValueType.UINT64: 4,
    ValueType.INT64: 4,
    ValueType.FLOAT16: 1,
    ValueType.FLOAT32: 2,
    ValueType.FLOAT64: 4,
    ValueType.BCD16: 1,
    ValueType.BCD32: 2,
    ValueType.BCD64: 4,
}


class Order(StrEnum):
    """Which part comes first: the most significant (big) or the least (little)."""

    BIG = "big"
    LITTLE = "little"


class WriteFunction(StrEnum):
    """How a device wants to be written; auto: single where one suffices."""

    AUTO = "auto"
    SINGLE = "single"
    MULTIPLE = "multiple"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPoint:
    """One point in the registers of a device.

    key: names it for good within its device ([a-z][a-z0-9_]*). address: from 0, as
    on the wire. length: registers of a string. bit, bits: a field of `bits` bits from
    bit `bit` (0 is the least significant) of a register; with type bool it is on or
    off. value = (raw * scale * 10**exponent) + offset, exponent being the signed
    16-bit register exponent_address of the same space. unavailable: raw values,
    unsigned and as wide as the type, that mean "no value"; NaN always does.
    states: text by raw value of an enumeration, or for "0" and "1" of a bool.
    unit: as BACnet names it. counter: it only counts up, and wraps at rollover (in
    its unit; None: where its type ends). minimum, maximum, step: of writes, in the
    unit. poll_seconds: how often, None for the device's default. enabled: whether
    people look at it daily. category "diagnostic" or "configuration": beside the point.
    """

    key: str
    name: str
    address: int
    space: Space = Space.HOLDING
    type: ValueType = ValueType.UINT16
    length: int = 1
    word_order: Order = Order.BIG
    byte_order: Order = Order.BIG
    bit: int | None = None
    bits: int = 1
    scale: float = 1.0
    offset: float = 0.0
    exponent_address: int | None = None
    unavailable: tuple[int, ...] = ()
    states: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    quantity: Quantity = Quantity.NONE
    counter: bool = False
    rollover: float | None = None
    writable: bool = False
    write_function: WriteFunction = WriteFunction.AUTO
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    poll_seconds: float | None = None
    enabled: bool = True
    category: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be read, saying which point, field and why."""
        self._check_place()
        self._check_value()
        require(
            not self.writable or self.space.writable,
            self.key,
            f"{self.space} cannot be written",
        )
        require(
            self.poll_seconds is None or 0.1 <= self.poll_seconds <= 86400,
            self.key,
            "poll_seconds must be 0.1 to 86400",
        )
        require(
            self.category in ("", "diagnostic", "configuration"),
            self.key,
            "category must be diagnostic or configuration",
        )

    @property
    def words(self) -> int:
        """Return how many addresses the value fills."""
        return self.length if self.type is ValueType.STRING else WORDS[self.type]

    def _check_place(self) -> None:
        require(bool(KEY.fullmatch(self.key)), "key", f"{self.key!r} is not a key")
        require(bool(self.name.strip()), self.key, "name must not be empty")
        require(1 <= self.length <= 125, self.key, "length must be 1 to 125")
        require(
            self.address >= 0 and self.address + self.words <= 65536,
            self.key,
            "address must be 0 to 65535",
        )
        require(
            self.exponent_address is None or 0 <= self.exponent_address <= 65535,
            self.key,
            "exponent_address must be 0 to 65535",
        )

    def _check_value(self) -> None:
        if self.space.of_bits:
            require(
                self.type is ValueType.BOOL and self.bit is None,
                self.key,
                f"{self.space} holds a bool",
            )
        width = BITS_OF_A_REGISTER * self.words
        require(
            self.bit is None or (self.bit >= 0 and self.bit + self.bits <= width),
            self.key,
            "bit and bits must lie within the value",
        )
        require(self.scale != 0, self.key, "scale must not be 0")
        require(
            self.rollover is None or self.rollover > 0,
            self.key,
            "rollover must be above 0",
        )
        require(
            all(text.lstrip("-").isdecimal() for text in self.states),
            self.key,
            "states must be texts by raw value",
        )

"""What an object of our own device is."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ...models import StatusFlags


class LocalType(StrEnum):
    """The nine object types that we serve, by their names in the standard."""

    ANALOG_INPUT = "analog-input"
    ANALOG_OUTPUT = "analog-output"
    ANALOG_VALUE = "analog-value"
    BINARY_INPUT = "binary-input"
    BINARY_OUTPUT = "binary-output"
    BINARY_VALUE = "binary-value"
    MULTI_STATE_INPUT = "multi-state-input"
    MULTI_STATE_OUTPUT = "multi-state-output"
    MULTI_STATE_VALUE = "multi-state-value"

    @property
    def is_analog(self) -> bool:
        """Return whether the present value is a REAL."""
        return self.startswith("analog")

    @property
    def is_binary(self) -> bool:
        """Return whether the present value is BACnetBinaryPV."""
        return self.startswith("binary")

    @property
    def is_output(self) -> bool:
        """Return whether the type always has a priority array."""
        return self.endswith("output")


class ObjectKey(NamedTuple):
    """An object within our device."""

    type: LocalType
    instance: int


# An analog value is a float, a binary one a bool, a multi-state one an int from 1
type LocalValue = float | bool | int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDefinition:
    """All of an object but what it shows.

    units: BACnetEngineeringUnits (clause 21), 95 for none. commandable: has a
    priority array; outputs always do. initial: what it shows, or falls back to when
    nobody commands it, until told otherwise.
    """

    key: ObjectKey
    name: str
    description: str = ""
    units: int = 95
    cov_increment: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    resolution: float | None = None
    states: tuple[str, ...] = ()
    commandable: bool = False
    initial: LocalValue | None = None

    @property
    def state_count(self) -> int:
        """Return how many states a multi-state object has; 255 when nobody said."""
        if self.states:
            return len(self.states)
        return 255 if self.maximum is None else max(1, int(self.maximum))

    @property
    def has_priorities(self) -> bool:
        """Return whether the object has a priority array."""
        return self.commandable or self.key.type.is_output


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalState:
    """What an object shows.

    value: the present value. slots: 16 entries with a priority array, () without.
    reliability, event_state: the standard's names ("over-range", "high-limit").
    """

    value: LocalValue
    slots: tuple[LocalValue | None, ...] = ()
    relinquish_default: LocalValue | None = None
    flags: StatusFlags = field(default_factory=StatusFlags)
    reliability: str = "no-fault-detected"
    event_state: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCommand:
    """What a BACnet client wrote into an object of ours, after it was accepted.

    value: None for a release. source: address of the client.
    """

    key: ObjectKey
    value: LocalValue | None
    priority: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDeviceFacts:
    """What our own device says of itself; "" for what stays as it is."""

    name: str = ""
    description: str = ""
    location: str = ""
    model: str = ""
    vendor: str = ""
    software: str = ""

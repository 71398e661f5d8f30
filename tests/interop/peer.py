"""What every maker's node is asked to do, as a client and as a device."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from tests.server.secure_connect.certificates import IdentityFiles

INPUT_VALUES = (20.5, 21.5, 22.5)
SETPOINT = 1
# As many as one request takes whose sender knows nothing of who is asked
MANY_FROM, MANY = 101, 64
MANY_PROPERTIES = ("present-value", "object-name", "units", "status-flags")
CONNECT_SECONDS = 60.0
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node is to connect, and as whom."""

    primary: str
    failover: str = ""
    files: IdentityFiles
    instance: int


class Node(Protocol):
    """A node of somebody's."""

    maker: str

    @abstractmethod
    async def open(self, place: Place) -> None:
        """Connect; raises whatever the maker raises when that fails."""

    @abstractmethod
    async def close(self) -> None:
        """Leave; calling it twice does no harm."""

    @abstractmethod
    async def hub(self) -> str:
        """Return "primary", "failover" or "" for no hub."""


class Changes(Protocol):
    """Values that a subscription brings."""

    @abstractmethod
    async def next(self) -> float:
        """Return the next value of which we are told."""

    @abstractmethod
    async def end(self) -> None:
        """Subscribe no more."""


class Client(Node, Protocol):
    """A node that asks; addresses are VMACs as text, "02:…"."""

    @abstractmethod
    async def find(self, instance: int) -> str:
        """Ask who has an instance; return its address."""

    @abstractmethod
    async def read(self, address: str, kind: str, number: int) -> float:
        """Return a present value; kind: "analog-input"."""

    @abstractmethod
    async def read_many(self, address: str) -> int:
        """Read all of the many values at once; return how many properties came."""

    @abstractmethod
    async def write(self, address: str, value: float | None, priority: int) -> None:
        """Write the setpoint's present value, None to relinquish."""

    @abstractmethod
    async def watch(self, address: str, *, confirmed: bool) -> Changes:
        """Subscribe to changes of the first input."""


class Device(Node, Protocol):
    """A node that is asked; it has the objects named above."""

    @abstractmethod
    async def set_input(self, value: float) -> None:
        """Change the first input from inside."""


def enum_name(text: str) -> str:
    """Return how enumerations of Python name it: "analog-input" is ANALOG_INPUT."""
    return text.upper().replace("-", "_")

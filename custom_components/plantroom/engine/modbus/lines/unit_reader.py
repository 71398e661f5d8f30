"""What whoever finds out about a unit may ask of it."""

from typing import Protocol

from ..registers.register_map import Space


class UnitReader(Protocol):
    """One unit on an open line, whose turn on the line others decide.

    Every method raises DeviceOfflineError (no answer), DeviceRefusedError (an
    exception, its reason as the standard names it: "illegal-data-address"),
    MalformedReplyError or NetworkError.
    """

    @property
    def unit_id(self) -> int:
        """Return the unit's id."""

    async def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Return so many words from an address on, or bits as 0 and 1."""

    async def read_device_identification(self) -> dict[int, bytes]:
        """Return the basic objects by id (V1.1b3, 6.21)."""

    async def report_server_id(self) -> bytes:
        """Return what the device says of itself (V1.1b3, 6.13)."""

"""Where a device's points come from: a profile, SunSpec, or a map of one's own."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from ..errors import ConfigurationError
from .point_description import with_words_swapped
from .profile import DeviceProfile, RequestLimits
from .register_map import RegisterPoint
from .unit_reader import UnitReader

SUNSPEC = "sunspec"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What a device says of itself, or its profile of it; "" where nothing does."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    serial_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMap:
    """All that is needed to read a device."""

    points: tuple[RegisterPoint, ...]
    facts: DeviceFacts = DeviceFacts()
    limits: RequestLimits = field(default_factory=RequestLimits)


class PointSource(Protocol):
    """Finds a device's points; the reader is asked only where the device tells."""

    async def find(self, reader: UnitReader) -> DeviceMap:
        """Return the points; raises ConfigurationError, DeviceError, NetworkError."""


class OwnRegisters:
    """A register map of one's own."""

    def __init__(self, points: tuple[RegisterPoint, ...]) -> None:
        """Take the map."""
        self._points = points

    async def find(self, reader: UnitReader) -> DeviceMap:  # noqa: ARG002
        """Return the map as it is."""
        return DeviceMap(points=self._points)


class FromProfile:
    """A device profile."""

    def __init__(self, profile: DeviceProfile) -> None:
        """Take the profile."""
        self._profile = profile

    async def find(self, reader: UnitReader) -> DeviceMap:  # noqa: ARG002
        """Return the profile's points; it asks the device nothing."""
        profile = self._profile
        return DeviceMap(
            points=profile.points,
            facts=DeviceFacts(vendor=profile.maker, model=profile.model),
            limits=profile.limits,
        )


class SwappedWords:
    """Another source, for a device of the other word order."""

    def __init__(self, source: PointSource) -> None:
        """Take the source."""
        self._source = source

    async def find(self, reader: UnitReader) -> DeviceMap:
        """Return the source's points with their words exchanged."""
        found = await self._source.find(reader)
        return replace(
            found, points=tuple(with_words_swapped(point) for point in found.points)
        )


def unknown_profile(profile: str) -> ConfigurationError:
    """Return the error for a profile that nobody has."""
    return ConfigurationError(f"There is no profile {profile}", field="profile")

"""Where a device's points come from: a profile, SunSpec, or a map of one's own."""

from dataclasses import dataclass, field, replace
from typing import Final, Protocol, override

from ..errors import ConfigurationError, DeviceRefusedError
from .knowledge.profile import RequestLimits
from .knowledge.profiles import Profiles
from .lines.unit_reader import UnitReader
from .registers.point_description import with_words_swapped
from .registers.register_map import RegisterPoint
from .sunspec import discover
from .unit.device_facts import DeviceFacts

SUNSPEC: Final = "sunspec"
NO_SUNSPEC: Final = "no-sunspec-marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMap:
    """All that is needed to read a device."""

    points: tuple[RegisterPoint, ...]
    facts: DeviceFacts = field(default_factory=DeviceFacts)
    limits: RequestLimits = field(default_factory=RequestLimits)


class PointSource(Protocol):
    """Finds a device's points; the reader is asked only where the device tells."""

    def at_once(self) -> DeviceMap | None:
        """Return what is known without asking the device, None where that is nothing."""

    async def find(self, reader: UnitReader) -> DeviceMap:
        """Return the points; raises ConfigurationError, DeviceError, NetworkError."""


class KnownPoints(PointSource):
    """A map that is known before the device is: one's own, or a profile's."""

    def __init__(self, device_map: DeviceMap) -> None:
        """Take the map."""
        self._map = device_map

    @override
    def at_once(self) -> DeviceMap | None:
        return self._map

    @override
    async def find(self, reader: UnitReader) -> DeviceMap:
        return self._map


class SunSpecPoints(PointSource):
    """What a SunSpec device tells itself."""

    @override
    def at_once(self) -> DeviceMap | None:
        return None

    @override
    async def find(self, reader: UnitReader) -> DeviceMap:
        found = await discover(reader)
        if found is None:
            unit = f"unit {reader.unit_id}"
            raise DeviceRefusedError(
                f"{unit} bears no SunSpec marker", device=unit, reason=NO_SUNSPEC
            )
        return DeviceMap(points=found.points, facts=found.facts)


class MissingProfile(PointSource):
    """A profile that nobody has."""

    def __init__(self, profile: str) -> None:
        """Take its id."""
        self._profile = profile

    @override
    def at_once(self) -> DeviceMap | None:
        return None

    @override
    async def find(self, reader: UnitReader) -> DeviceMap:
        raise ConfigurationError(
            f"There is no device profile {self._profile}", field="profile"
        )


class SwappedWords(PointSource):
    """Another source, for a device of the other word order."""

    def __init__(self, source: PointSource) -> None:
        """Take the source."""
        self._source = source

    @override
    def at_once(self) -> DeviceMap | None:
        found = self._source.at_once()
        return None if found is None else _swapped(found)

    @override
    async def find(self, reader: UnitReader) -> DeviceMap:
        return _swapped(await self._source.find(reader))


def source_of(
    profile: str,
    registers: tuple[RegisterPoint, ...],
    profiles: Profiles,
    *,
    swap_words: bool,
) -> PointSource:
    """Return where the points of a profile's id, or of registers, come from."""
    source = _source_of(profile, registers, profiles)
    return SwappedWords(source) if swap_words else source


def _source_of(
    profile: str, registers: tuple[RegisterPoint, ...], profiles: Profiles
) -> PointSource:
    if profile == SUNSPEC:
        return SunSpecPoints()
    if not profile:
        return KnownPoints(DeviceMap(points=registers))
    found = profiles.get(profile)
    if found is None:
        return MissingProfile(profile)
    facts = DeviceFacts(vendor=found.maker, model=found.model)
    return KnownPoints(DeviceMap(points=found.points, facts=facts, limits=found.limits))


def _swapped(found: DeviceMap) -> DeviceMap:
    points = tuple(with_words_swapped(point) for point in found.points)
    return replace(found, points=points)

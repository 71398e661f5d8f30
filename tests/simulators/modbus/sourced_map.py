"""A register map, and what each of its points shows of the model behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from custom_components.plantroom.engine.modbus.knowledge.profile import DeviceProfile
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)

from .encoding import Value
from .image import Hole


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedMap:
    """Points, and by key what they show: a value of the model, or one that is fixed."""

    points: tuple[RegisterPoint, ...]
    sources: Mapping[str, str]
    profile: str = ""
    fixed: Mapping[str, Value] = field(default_factory=dict)
    holes: tuple[Hole, ...] = ()
    most_registers: int = 125
    fills_gaps: bool = True

    def changed(self, key: str, **facts: Any) -> Self:
        """Return the map with other facts of one point."""
        points = tuple(
            replace(point, **facts) if point.key == key else point
            for point in self.points
        )
        return replace(self, points=points)

    @classmethod
    def of_profile(
        cls,
        profile_id: str,
        sources: Mapping[str, str],
        fixed: Mapping[str, Value] | None = None,
    ) -> Self:
        """Return what a shipped profile says; enumerations without source show their first state.

        Raises KeyError for a key that the profile has not.
        """
        profile = _shipped(profile_id)
        keys = {point.key for point in profile.points}
        named = {**sources, **(fixed or {})}
        if unknown := sorted(set(named) - keys):
            raise KeyError(f"{profile_id} has no {', '.join(unknown)}")
        limits = profile.limits
        return cls(
            points=profile.points,
            sources=sources,
            profile=profile_id,
            fixed=_first_states(profile.points) | dict(fixed or {}),
            holes=tuple(
                Hole(space=space, first=first, last=last)
                for space, first, last in limits.holes
            ),
            most_registers=limits.registers,
            fills_gaps=limits.gap > 0,
        )

    @classmethod
    def of_profile_at(
        cls, profile_id: str, space: Space, sources: Mapping[int, str]
    ) -> Self:
        """Return the same by addresses known from elsewhere, which thereby check the profile's.

        Raises KeyError for an address at which the profile has nothing.
        """
        profile = _shipped(profile_id)
        keys = {
            point.address: point.key for point in profile.points if point.space is space
        }
        return cls.of_profile(
            profile_id, {keys[at]: source for at, source in sources.items()}
        )


def _shipped(profile_id: str) -> DeviceProfile:
    return read_profile(SHIPPED / f"{profile_id}.json")


def _first_states(points: tuple[RegisterPoint, ...]) -> dict[str, Value]:
    return {
        point.key: int(next(iter(point.states))) * point.scale + point.offset
        for point in points
        if point.states and point.type is not ValueType.BOOL
    }

"""Which register of a model is which point, groups repeated as the device has them; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .definitions import LEGACY_REPEATING, GroupDefinition, PointDefinition

NOT_IMPLEMENTED: Final = 0xFFFF
MOST_POINTS: Final = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A group that a point lies in; number: counts repetitions from 1, else None."""

    group: GroupDefinition
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPoint:
    """A point where a device has it.

    offset, exponent_offset: registers from the model's header. places: the groups
    around it, without the outermost.
    """

    definition: PointDefinition
    offset: int
    places: tuple[Place, ...] = ()
    exponent_offset: int | None = None


def place_points(
    model: GroupDefinition, length: int, words: Sequence[int]
) -> tuple[PlacedPoint, ...]:
    """Return the points that lie within a model of so many registers, in order.

    words: of the model from its header on, as many as are known. An older or shorter
    model ends where its length says; a repetition that is cut off is left out.
    """
    layout = _Layout(2 + length, words)
    layout.place_group(model, (), ())
    return tuple(layout.points)


class _Layout:
    """A walk through a model's registers."""

    def __init__(self, end: int, words: Sequence[int]) -> None:
        self.points: list[PlacedPoint] = []
        self._end = end
        self._words = words
        self._cursor = 0

    def place_group(
        self,
        group: GroupDefinition,
        places: tuple[Place, ...],
        scopes: tuple[Mapping[str, int], ...],
    ) -> bool:
        """Place a group once; return whether it fitted."""
        offsets: dict[str, int] = {}
        fitted = True
        for point in group.points:
            if self._cursor + point.size > self._end:
                fitted = False
                break
            offsets[point.name] = self._cursor
            self._cursor += point.size
        inner = (offsets, *scopes)
        for point in group.points[: len(offsets)]:
            self._place_point(point, offsets[point.name], places, inner)
        return fitted and all(
            self._place_below(below, places, inner) for below in group.groups
        )

    def _place_point(
        self,
        point: PointDefinition,
        offset: int,
        places: tuple[Place, ...],
        scopes: tuple[Mapping[str, int], ...],
    ) -> None:
        exponent = None
        if isinstance(point.scale, str):
            exponent = _lookup(point.scale, scopes)
            if exponent is None:
                return
        self.points.append(
            PlacedPoint(
                definition=point,
                offset=offset,
                places=places,
                exponent_offset=exponent,
            )
        )

    def _place_below(
        self,
        group: GroupDefinition,
        places: tuple[Place, ...],
        scopes: tuple[Mapping[str, int], ...],
    ) -> bool:
        if group.count is None:
            return self.place_group(
                group, (*places, Place(group=group, number=None)), scopes
            )
        for number in range(1, 1 + self._count(group.count, scopes)):
            start, points_before = self._cursor, len(self.points)
            place = Place(group=group, number=number)
            whole = self.place_group(group, (*places, place), scopes)
            if self._cursor == start:
                return True
            if not whole or len(self.points) > MOST_POINTS:
                del self.points[points_before:]
                self._cursor = self._end
                return False
        return True

    def _count(self, count: str | int, scopes: tuple[Mapping[str, int], ...]) -> int:
        """Return how often a group is there at most; the end of the model rules."""
        if isinstance(count, int):
            return self._end if count == LEGACY_REPEATING else count
        offset = _lookup(count, scopes)
        if offset is None or offset >= len(self._words):
            return 0
        number = self._words[offset]
        return 0 if number == NOT_IMPLEMENTED else number


def _lookup(name: str, scopes: tuple[Mapping[str, int], ...]) -> int | None:
    """Return the offset of a point, looked for from the innermost group outwards."""
    return next((scope[name] for scope in scopes if name in scope), None)

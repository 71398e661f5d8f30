"""Which points of a device become entities, and which of those are enabled."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from .engine.models import Access, Point, PointRole
from .entity_table import is_daily

ENABLED_LIMIT: Final = 250
ROW_LIMIT: Final = 500

_NUMBER: Final = re.compile(r"\d+")


def select_points(
    points: Iterable[Point],
    wanted: Collection[str] | None,
    known: Collection[str] = (),
) -> dict[str, bool]:
    """Return the points that get an entity: point id → enabled by default.

    wanted: references that a person chose; then exactly these, all enabled, and what
    is computed from them.
    known: ids of points that have an entity already; they keep it.

    Without a choice, a device of at most ENABLED_LIMIT points gets an entity for
    each, enabled if it is read daily. A larger one must not flood the registry: of
    its inputs, outputs and commandable points with a unit the first ENABLED_LIMIT
    come enabled, the next points up to ROW_LIMIT come disabled, and the rest has no
    entity until it is chosen in the device's options.
    """
    if wanted is not None:
        return {
            p.point_id: is_daily(p) if p.derived_from else True
            for p in points
            if p.reference in wanted or p.derived_from in wanted
        }
    ranked = sorted(points, key=_rank)
    if len(ranked) <= ENABLED_LIMIT:
        return {point.point_id: is_daily(point) for point in ranked}
    return {
        point.point_id: place < ENABLED_LIMIT and _is_essential(point)
        for place, point in enumerate(ranked)
        if place < ROW_LIMIT or point.point_id in known
    }


def _is_essential(point: Point) -> bool:
    if point.enabled is not None:
        return point.enabled
    if point.role in {PointRole.INPUT, PointRole.OUTPUT}:
        return True
    return point.access is Access.COMMANDABLE and _has_unit(point) and is_daily(point)


def _has_unit(point: Point) -> bool:
    return point.unit not in {"", "no-units"}


def _rank(point: Point) -> tuple[int, str, int]:
    """Sort by importance, then as the device numbers its objects."""
    number = _NUMBER.search(point.reference)
    return (
        _importance(point),
        _NUMBER.sub("", point.reference),
        int(number.group()) if number else 0,
    )


def _importance(point: Point) -> int:
    if point.role is PointRole.OUTPUT:
        return 0
    if _is_essential(point):
        return 1 if point.access is Access.COMMANDABLE else 2
    if point.access is Access.COMMANDABLE:
        return 3
    return 4 if is_daily(point) else 5

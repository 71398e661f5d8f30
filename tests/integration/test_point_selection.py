"""Which points become entities, above all when there are many."""

from typing import Any

from custom_components.plantroom.engine.models import Access
from custom_components.plantroom.point_selection import (
    ENABLED_LIMIT,
    ROW_LIMIT,
    select_points,
)

from .office import point


def many(count, reference="analog-value", **facts: Any):
    return [point(f"{reference},{n}", **facts) for n in range(1, count + 1)]


def test_small_device_has_an_entity_for_each_point():
    plain = many(20, access=Access.PLAIN)
    inputs = many(20, "analog-input")
    chosen = select_points([*plain, *inputs], None)
    assert len(chosen) == 40
    assert [chosen[p.point_id] for p in inputs] == [True] * 20
    assert [chosen[p.point_id] for p in plain] == [False] * 20


def test_chosen_points_are_exactly_the_entities_and_enabled():
    points = many(300, access=Access.PLAIN)
    chosen = select_points(points, {"analog-value,7"}, {points[0].point_id})
    assert chosen == {points[6].point_id: True}


def test_device_of_5000_points_does_not_flood_the_registry():
    points = [
        *many(3000, access=Access.PLAIN, unit="watts"),
        *many(1900, "analog-input"),
        *many(100, "binary-output"),
    ]
    chosen = select_points(points, None)
    assert len(chosen) == ROW_LIMIT
    assert sum(chosen.values()) == ENABLED_LIMIT
    assert all(chosen[p.point_id] for p in points if p.reference.startswith("binary"))


def test_large_device_enables_nothing_that_is_not_essential():
    chosen = select_points(many(400, access=Access.PLAIN, unit="watts"), None)
    assert len(chosen) == 400
    assert not any(chosen.values())


def test_objects_are_taken_in_the_order_of_their_numbers():
    chosen = select_points(many(1000, "analog-input"), None)
    assert chosen[point("analog-input,2").point_id] is True
    assert point(f"analog-input,{ROW_LIMIT + 1}").point_id not in chosen


def test_point_with_an_entity_keeps_it_whatever_came_before_it():
    points = many(1000, "analog-input")
    chosen = select_points(points, None, {points[-1].point_id})
    assert chosen[points[-1].point_id] is False
    assert len(chosen) == ROW_LIMIT + 1

"""Two surveys compared."""

from dataclasses import replace

from custom_components.plantroom.engine.difference import (
    compare_points,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
    PointsDifference,
)


def point(reference: str, name: str = "Temp") -> Point:
    return Point(
        point_id=f"n:1:{reference}",
        device_id="n:1",
        reference=reference,
        kind=PointKind.ANALOG,
        role=PointRole.INPUT,
        access=Access.READ_ONLY,
        name=name,
    )


def test_same_points_in_another_order_are_no_difference():
    a, b = point("analog-input,1"), point("analog-input,2")
    assert compare_points("n:1", [a, b], [b, a]) == PointsDifference(device_id="n:1")


def test_points_come_go_change_their_name_and_their_description():
    kept, gone, old = (point(f"analog-input,{n}") for n in (1, 2, 3))
    new = point("analog-value,9")
    difference = compare_points(
        "n:1",
        [kept, gone, old],
        [replace(old, unit="percent"), replace(kept, name="Supply"), new],
    )
    assert difference == PointsDifference(
        device_id="n:1",
        added=("analog-value,9",),
        removed=("analog-input,2",),
        renamed=("analog-input,1",),
        changed=("analog-input,3",),
    )


def test_point_with_another_name_and_unit_is_renamed_and_changed():
    old = point("analog-input,1")
    difference = compare_points("n:1", [old], [replace(old, name="x", unit="hertz")])
    assert difference.renamed == difference.changed == ("analog-input,1",)
